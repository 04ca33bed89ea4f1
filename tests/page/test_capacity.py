import hashlib

import pytest

from regcore.intake import IntakeError, Reading
from regcore.page import capacity
from regcore.page.capacity import ALWAYS, file_of, memory_limit, read_within, room_for
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
    with (
        room_for(file_of(10**8)) as ask,
        pytest.raises(IntakeError, match=f"REGULARIZE_MEMORY is «{said}»"),
    ):
        ask(ALWAYS + 1)


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
    with room_for(file_of(10**15)) as ask:
        ask(10**15)


def test_a_file_that_has_no_room_is_refused_in_a_sentence_that_says_the_limit(
    machine, monkeypatch
):
    monkeypatch.setenv("REGULARIZE_MEMORY", "1000000000")
    with room_for(file_of(10**8)) as ask:
        ask(10**9)
        # Nothing is left for another, however small, until this one is read.
        with room_for(file_of(10**7)) as other:
            with pytest.raises(IntakeError, match=r"of the 1,000 MB .* 0 MB are free"):
                other(ALWAYS + 1)
            other(ALWAYS)
    with room_for(file_of(10**8)) as ask:
        with pytest.raises(IntakeError, match="are free"):
            ask(10**9 + 1)
        ask(10**9)
        machine("self/statm", "10 1 0\n")
        with pytest.raises(IntakeError, match="are free"):
            ask(10**9)


def test_who_needs_more_than_was_thought_asks_again_and_pays_once(machine, monkeypatch):
    monkeypatch.setenv("REGULARIZE_MEMORY", "1000000000")
    with room_for(file_of(10**8)) as ask:
        ask(600_000_000)
        ask(900_000_000)
        with room_for(file_of(10**8)) as other:
            other(100_000_000)
            with pytest.raises(IntakeError, match="100 MB are free"):
                other(100_000_001)
        with pytest.raises(IntakeError, match="are free"):
            ask(1_000_000_001)


def test_what_a_reading_raises_gives_its_room_back(machine, monkeypatch):
    monkeypatch.setenv("REGULARIZE_MEMORY", "1000000000")

    def break_off():
        with room_for(file_of(200_000_000)) as ask:
            ask(800_000_000)
            raise KeyError

    for _ in range(3):
        with pytest.raises(KeyError):
            break_off()


def test_a_file_that_takes_too_long_is_refused_with_the_limit(monkeypatch):
    monkeypatch.setattr(capacity, "MOST_SECONDS", -1.0)
    with pytest.raises(IntakeError, match=r"takes longer than .* which is the limit"):
        read_within(csv_of(table("regression", n=60)), Reading(), lambda _: None)


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


def test_a_reading_that_is_cancelled_leaves_the_table_before_until_it_is_wanted():
    raw = csv_of(table("regression", n=60))
    visit = Visit()
    key = (hashlib.sha256(raw).hexdigest(), "mine.csv", Reading())
    visit.at.session_state["cancelled"] = {"tables": key}
    visit.upload(raw, "mine.csv")
    [refusal] = visit.refusals
    assert refusal.startswith("mine.csv: Its reading was cancelled. What you see is ")
    assert "Diabetes" in visit.described
    # Another computation that is cancelled does not begin this one again.
    visit.set("seed", 3)
    assert visit.refusals == [refusal]
    next(b for b in visit.at.button if b.label == "Read the file").click().run()
    assert visit.refusals == []
    assert "mine.csv" in visit.described
