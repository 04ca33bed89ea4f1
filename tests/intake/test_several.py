"""Several tables in one file: no row is lost without a note that says where."""

import pytest

from regcore.intake import Reading, body, read

SIZES = "name,size,price\n" + "".join(f"n{i},{i % 7},{i}.5\n" for i in range(20))
VOTES = "city,mayor,year,votes\n" + "".join(
    f"c{i},m{i % 3},{2000 + i},{i * 37}\n" for i in range(15)
)
KINDS = "k,v,w\n" + "".join(f"k{i},{i * 3},{i % 4}\n" for i in range(12))
WORDS = "a,b,c\n" + "".join(f"x{i},y{i % 4},z{i % 3}\n" for i in range(11))
NAMES = {
    text: text.split("\n", 1)[0].split(",") for text in (SIZES, VOTES, KINDS, WORDS)
}


@pytest.mark.parametrize("gap", ["\n", "\n\n\n", ",,\n", "\nTable 2\n", "\nTwo\n\n"])
@pytest.mark.parametrize("below", [VOTES, KINDS, WORDS])
@pytest.mark.parametrize("turned", [False, True])
def test_the_longest_table_is_read_and_the_other_is_said(gap, below, turned):
    tables = (below, SIZES) if turned else (SIZES, below)
    raw = gap.join(tables).encode()
    done = read(raw)
    assert list(done.table) == NAMES[SIZES]
    assert len(done.table) == 20
    assert done.table["price"].tolist() == [i + 0.5 for i in range(20)]
    rows = below.count("\n") - 1
    (note,) = [note for note in done.notes if "another table" in note]
    assert f"of {rows} rows" in note
    (repair,) = [repair for repair in done.repairs if repair.note == note]
    other = read(raw, reading=repair.reading)
    assert list(other.table) == NAMES[below]
    assert len(other.table) == rows
    assert any("of 20 rows" in note for note in other.notes)


def test_the_reading_that_was_used_gives_the_same_of_several_tables():
    raw = f"First\n{SIZES}\nSecond\n{VOTES}\n{KINDS}".encode()
    done = read(raw)
    again = read(raw, reading=done.reading)
    assert again.table.equals(done.table)
    assert sum("another table" in note for note in again.notes) == 2
    more = read(raw, reading=Reading(header_row=2, last_row=26))
    assert len(more.table) > 20


@pytest.mark.parametrize(
    "below", ["\nTotal,5,6\n", "\nSource: x\n", "\nn,1,2\nm,3,4\n"]
)
def test_what_stands_below_a_blank_line_without_names_is_no_other_table(below):
    done = read((SIZES + below).encode())
    assert not any("another table" in note for note in done.notes)
    assert len(done.table) == 20 + below.count("\n") - 1


def test_blank_lines_between_groups_of_rows_part_no_tables():
    lines = SIZES.splitlines(keepends=True)
    text = "".join(line + "\n" * (i % 5 == 0) for i, line in enumerate(lines))
    assert read(text.encode()).table.shape == (20, 3)


@pytest.mark.parametrize("below", [VOTES, KINDS])
def test_another_table_deep_in_a_file_is_found(below, monkeypatch):
    monkeypatch.setattr(body, "HEAD_BYTES", 1 << 10)
    many = "name,size,price\n" + "".join(f"n{i},{i % 7},{i}.5\n" for i in range(900))
    for text in (f"{many}\n{below}", f"{below}\n{many}", f"{many}\n{below}\n{SIZES}"):
        done = read(text.encode())
        assert done.table.shape == (900, 3)
        assert any("another table" in note for note in done.notes)
        assert done.table.dtypes.map(str).tolist()[1:] == ["int64", "float64"]


@pytest.mark.parametrize("mark", ["!", "#", "%"])
@pytest.mark.parametrize("end", ["", "!series_matrix_table_end\n"])
def test_lines_with_a_mark_above_a_series_of_samples_are_remarks(mark, end):
    about = "".join(f'{mark}Series_{k}\t"text {k}"\n' for k in range(40))
    samples = "".join(
        f"{mark}Sample_{k}\t"
        + "\t".join(str(9606 + j * (k % 2)) for j in range(4))
        + "\n"
        for k in range(40)
    )
    names = "ID_REF\t" + "\t".join(f"GSM{j}" for j in range(4)) + "\n"
    rows = "".join(f"{i}_at\t{i % 7}.5\t{i}\t2.25\t{i % 3}\n" for i in range(50))
    text = f"{about}\n{samples}{mark}table_begin\n{names}{rows}{end}"
    done = read(text.encode())
    assert list(done.table) == names.split()
    assert len(done.table) == 50
    assert "80 lines" in " ".join(done.notes) or "81 lines" in " ".join(done.notes)
    assert not any("read as any other" in note for note in done.notes)
