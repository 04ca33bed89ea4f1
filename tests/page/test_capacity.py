import pytest

from regcore.intake import IntakeError
from regcore.page import capacity
from regcore.page.capacity import ALWAYS, TIMES, memory_limit, room_for
from tests.tables import table
from tests.visits import Visit, csv_of


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A system that says what the test writes; nothing is set by environment."""
    monkeypatch.setattr(capacity, "_PROCESS", tmp_path / "self")
    monkeypatch.setattr(capacity, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.delenv("REGULARIZE_MEMORY", raising=False)

    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


@pytest.mark.parametrize(
    ("said", "limit"),
    [("1000000", 10**6), ("1G", 2**30), (" 512m ", 2**29), ("2GB", 2**31)],
)
def test_the_environment_sets_the_limit_in_bytes_or_units(
    machine, monkeypatch, said, limit
):
    monkeypatch.setenv("REGULARIZE_MEMORY", said)
    assert memory_limit() == limit


@pytest.mark.parametrize("said", ["much", "-1", "1.5G", "G"])
def test_what_is_no_amount_is_said_and_lets_no_large_file_in(
    machine, monkeypatch, said
):
    monkeypatch.setenv("REGULARIZE_MEMORY", said)
    with pytest.raises(IntakeError, match=f"REGULARIZE_MEMORY is «{said}»"):
        room_for(ALWAYS + 1).__enter__()


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({}, None),
        ({"self/cgroup": "0::/\n", "cgroup/memory.max": "max\n"}, None),
        ({"self/cgroup": "0::/\n", "cgroup/memory.max": "1000\n"}, 1000),
        (
            {
                "self/cgroup": "0::/a/b\n",
                "cgroup/a/memory.max": "1000\n",
                "cgroup/a/b/memory.max": "2000\n",
                "memory.max": "1\n",
            },
            1000,
        ),
        (
            {
                "self/cgroup": "4:memory:/docker/of-the-host\n3:cpu:/\n0::/\n",
                "cgroup/memory/memory.limit_in_bytes": "3000\n",
            },
            3000,
        ),
        (
            {
                "self/cgroup": "4:memory:/\n",
                "cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
            None,
        ),
    ],
)
def test_else_the_narrowest_control_group_sets_it(machine, files, limit):
    for name, text in files.items():
        machine(name, text)
    assert memory_limit() == limit


def test_without_a_limit_every_file_has_room(machine):
    with room_for(10**15):
        pass


def test_a_file_that_has_no_room_is_refused_in_a_sentence_that_says_the_limit(
    machine, monkeypatch
):
    monkeypatch.setenv("REGULARIZE_MEMORY", "1000000000")
    size = 1_000_000_000 // TIMES
    with room_for(size):
        # Nothing is left for another, however small, until this one is read.
        with pytest.raises(IntakeError, match=r"of the 1,000 MB .* 0 MB are free"):
            room_for(ALWAYS + 1).__enter__()
        with room_for(ALWAYS):
            pass
    with pytest.raises(IntakeError, match="are free"):
        room_for(size + 1).__enter__()
    machine("self/statm", "10 1 0\n")
    with pytest.raises(IntakeError, match="are free"):
        room_for(size).__enter__()


def test_what_a_reading_raises_gives_its_room_back(machine, monkeypatch):
    monkeypatch.setenv("REGULARIZE_MEMORY", "1000000000")
    for _ in range(3):
        with pytest.raises(KeyError), room_for(200_000_000):
            raise KeyError


def test_the_page_refuses_a_file_without_room_and_reads_it_when_there_is(
    machine, monkeypatch
):
    monkeypatch.setattr(capacity, "ALWAYS", 0)
    monkeypatch.setenv("REGULARIZE_MEMORY", "1K")
    visit = Visit().upload(csv_of(table("regression", n=60)), "mine.csv")
    [refusal] = visit.refusals
    assert refusal.startswith("mine.csv: The file has 0 MB")
    assert "Diabetes" in visit.described
    monkeypatch.setenv("REGULARIZE_MEMORY", "1G")
    visit.at.run()
    assert visit.refusals == []
    assert "mine.csv" in visit.described
