"""What stands above the first row of data: names, units, labels, types, the rest."""

import pytest

from regcore.intake import Reading, first_lines, read

MEASURED = "".join(
    f"2020-01-{1 + i % 28:02d} 10:00,{i},{20 + i % 7}.{i % 10},"
    f"{i % 5 if i % 9 else 'NAN'}\n"
    for i in range(40)
)
ANSWERS = "".join(
    f"R{100 + i},{('Very', 'A bit', 'No')[i % 3]},{('Yes', 'No')[i % 2]},"
    f"{('Female', 'Male')[i % 2]}\n"
    for i in range(60)
)
NAMES = ["time", "count", "warmth", "rain"]


@pytest.mark.parametrize(
    ("above", "names", "lines"),
    [
        # Units: of a quantity without one, in brackets, blank ones, one to a column.
        ("UTC,1,degree_C,1", "time UTC|count 1|warmth degree_C|rain 1", [2]),
        ("[UTC],[-],[°C],[mm]", "time [UTC]|count [-]|warmth [°C]|rain [mm]", [2]),
        (",,degrees,mm/h", "time|count|warmth degrees|rain mm/h", [2]),
        ("UTC,m,m,m\n,Smp,Avg,Tot", "time UTC|count m Smp|warmth m Avg|rain m Tot", []),
        # Labels and types are no part of a name.
        ("When it was,How many there were of it,How warm,How much rain", "", [2]),
        ('"{""I"":""a""}","{""I"":""b""}","{""I"":""a long one""}",d', "", [2]),
        ("time,continuous,continuous,discrete\nmeta,,,class", "", [2, 3]),
        ("t,c,c,d\n,,,class", "", [2, 3]),
        ("datetime,int,float,int", "", [2]),
    ],
)
def test_lines_between_the_names_and_the_data_are_no_data(above, names, lines):
    done = read(f"{','.join(NAMES)}\n{above}\n{MEASURED}".encode())
    assert list(done.table) == (names.split("|") if names else NAMES)
    assert len(done.table) == 40
    assert done.table.dtypes.map(str).tolist()[1:3] == ["int64", "float64"]
    if not names:
        where = f"Line{'s' * (len(lines) > 1)} 2{' to 3' * (len(lines) > 1)} between"
        assert any(note.startswith(where) for note in done.notes)
    else:
        assert any("names were joined" in note for note in done.notes)


@pytest.mark.parametrize("under", ["How is it?,Again?,Who are you, really?", "a,b,c,d"])
def test_labels_over_columns_of_words_are_no_answers(under):
    cells = under.split(",", 3)
    line = ",".join(f'"{cell}"' for cell in [*cells, "Which of these"][:4])
    done = read(f"id,Q1,Q2,Q3\n{line}\n{ANSWERS}".encode())
    assert len(done.table) == 60
    assert sorted(done.table.iloc[:, 3].unique()) == ["Female", "Male"]


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("TOA5,Station,CR1000,12345", 2),
        ("Logger 7,CR1000,Site 3,7\n", 2),
        ("Format,MCF\nSegment,1\nDate,2023-10-31\nSample Rate,20\n" * 4, 17),
        ("User,Joe\nBeacon,0\nCar,7\nTime,10:30\nA,1\nB,2\nC,3\nD,4", 9),
        ("Operator: Joe\nSerial: 12, made 2019\n\n", 4),
    ],
)
def test_lines_about_the_file_are_no_names(above, line):
    above = above.rstrip("\n") + "\n" * (1 + above.endswith("\n\n"))
    units = "UTC,1,degC,mm\n"
    done = read(f"{above}{','.join(NAMES)}\n{units}{MEASURED}".encode())
    assert [name.split()[0] for name in done.table] == NAMES
    assert done.reading.header_row == line
    assert len(done.table) == 40
    assert "above the table" in " ".join(done.notes)


@pytest.mark.parametrize(
    "first",
    [
        "2020-03-01 09:00,NA,NA,1",
        "2020-03-01 09:00,unknown,3,1",
        "2020-03-01 09:00,?,-,.",
        ",,,5",
        "2020-03-01 09:00,1,1,1",
    ],
)
def test_a_first_row_with_gaps_is_data(first):
    done = read(f"{','.join(NAMES)}\n{first}\n{MEASURED}".encode())
    assert len(done.table) == 41
    assert list(done.table) == NAMES


def test_a_word_for_no_value_that_returns_below_is_data():
    rows = "".join(f"w{i},{'n/d' if i % 6 == 0 else i},{i % 5}\n" for i in range(60))
    done = read(f"name,size,kind\nw,n/d,n/d\nv,n/d,3\n{rows}".encode())
    assert len(done.table) == 62


@pytest.mark.parametrize("sort", [False, True])
def test_a_table_of_words_keeps_its_rows(sort):
    rows = [f"c{i // 9},r{i % 3},k{i % 5},{'xy'[i % 2]}" for i in range(90)]
    rows = sorted(rows) if sort else rows
    done = read(("a,b,c,d\n" + "\n".join(["new,one,here,now", *rows])).encode())
    assert len(done.table) >= 90
    assert next(iter(done.table)).startswith("a")


@pytest.mark.parametrize("rows", [3, 5, 12])
def test_units_over_few_rows_are_units(rows):
    text = "t,v,w\ns,m/s,kg\n" + "".join(f"{i},{i}.5,{9 - i}\n" for i in range(rows))
    assert read(text.encode()).table.shape == (rows, 3)


def test_the_line_of_names_that_is_said_is_the_first_of_them():
    raw = f"TOA5,S,CR,12\n{','.join(NAMES)}\nUTC,1,degC,mm\n{MEASURED}".encode()
    names = list(read(raw, reading=Reading(header_row=3)).table)
    assert names == ["UTC", "1", "degC", "mm"]
    plain = read(raw, reading=Reading(header_row=2, header_rows=1))
    assert list(plain.table) == NAMES
    assert len(plain.table) == 40


@pytest.mark.parametrize("above", ["A,A,B,B", "A,,B,"])
def test_a_name_over_several_names_stays_with_them(above):
    rows = "".join(f"{i},{i % 7},{i % 5},{i}.5\n" for i in range(30))
    done = read(f"{above}\nx,y,x,y\n{rows}".encode())
    assert list(done.table) == ["A x", "A y", "B x", "B y"]


R_ROWS = {
    "words": [f'"car {i}"' for i in range(30)],
    "numbers": [f'"{i + 1}"' for i in range(30)],
    "few": [f'"{mark}"' for mark in "abcdefghij"],
}


@pytest.mark.parametrize("marks", R_ROWS)
@pytest.mark.parametrize("mark", [",", " ", "\t", ";"])
def test_row_names_of_r_have_no_name(marks, mark):
    rows = [f"{name},{i}.5,{i % 3},NA" for i, name in enumerate(R_ROWS[marks])]
    text = "\n".join(['"mpg","cyl","y"', *rows]).replace(",", mark) + "\n"
    done = read(text.encode())
    assert list(done.table) == ["col1", "mpg", "cyl", "y"]
    assert done.table["mpg"][1] == 1.5
    assert any("one name fewer" in note for note in done.notes)
    again = read(text.encode(), reading=done.reading)
    assert again.table.equals(done.table)
    (repair,) = [r for r in done.repairs if "first name" in r.label]
    plain = read(text.encode(), reading=repair.reading)
    assert list(plain.table) == ["mpg", "cyl", "y", "col4"]


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("a,b,c", "{0},2,{0},"),
        ("k,b,c", "{1},2,{0},5"),
        ("x,y,z", "{0}.5,2,{0},5"),
        ("id,b,c", "{0},2,{0},5"),
        ("plotId,b,c", "p{0},2,{0},5"),
    ],
)
def test_names_stay_where_a_column_at_the_end_may_lack_one(names, row):
    rows = "\n".join(row.format(i, i % 4) for i in range(30))
    done = read(f"{names}\n{rows}\n".encode())
    assert list(done.table) == [*names.split(","), "col4"]


def test_every_guess_on_the_lines_above_the_data_has_its_repair():
    labels = "How long the rain lasted,How many there were,How warm,How much rain"
    raw = f"{','.join(NAMES)}\n{labels}\n{MEASURED}".encode()
    join, data = read(raw).repairs[:2]
    assert (join.label, data.label) == (
        "Join line 2 to the names",
        "Read line 2 as data",
    )
    joined = read(raw, reading=join.reading)
    assert list(joined.table)[1] == "count How many there were"
    assert len(joined.table) == 40
    assert len(read(raw, reading=data.reading).table) == 41
    units = read(f"{','.join(NAMES)}\nUTC,m,m,m\n{MEASURED}".encode())
    (alone,) = units.repairs[:1]
    assert alone.label == "Leave line 2 out of the names"
    plain = read(
        f"{','.join(NAMES)}\nUTC,m,m,m\n{MEASURED}".encode(), reading=alone.reading
    )
    assert list(plain.table) == NAMES
    assert len(plain.table) == 40


@pytest.mark.parametrize(
    ("raw", "encoding", "lines"),
    [
        (b"a,b\r\n1,2\r\n", None, ("a,b", "1,2")),
        (b"a\r1\r", "utf-8", ("a", "1")),
        ("\ufeffä;b\n".encode("utf-16-le"), "utf-16-le", ("ä;b",)),
        (b"\xef\xbb\xbfx\n", "utf-8", ("x",)),
        (b"PK\x03\x04\0\0", None, ()),
        (b"x" * 300 + b"\n2", None, ("x" * 200 + "…", "2")),
    ],
)
def test_the_first_lines_of_a_file_are_shown_as_they_are(raw, encoding, lines):
    assert first_lines(raw, encoding) == lines


def test_data_said_to_start_above_the_guess_have_their_names_in_the_line_above():
    rows = "".join(f"{i},{i % 7}.5,w\n" for i in range(30))
    raw = f"k,v,t\n1,2.5,w\n\n\nx,y,z\n{rows}".encode()
    done = read(raw, reading=Reading(first_row=2))
    assert list(done.table) == ["k", "v", "t"]
