"""What files that are no text hold comes as it is, or is refused in a sentence."""

import datetime
import gzip
import io
import zipfile
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

import regcore
from regcore.intake import IntakeError, Reading, read
from regcore.intake.limits import MOST_BYTES

ROWS = 40


def measured():
    """A table of every type that a data frame has."""
    rng = np.random.default_rng(7)
    days = pd.date_range("2024-01-30", periods=ROWS)
    return pd.DataFrame(
        {
            "whole": rng.integers(0, 99, ROWS),
            "long": np.arange(ROWS) + 2**60,
            "real": rng.normal(size=ROWS),
            # As text these could be thousands.
            "thousandths": rng.choice([1.783, 24.125, 535.0], ROWS),
            "gaps": np.where(rng.random(ROWS) < 0.2, np.nan, rng.normal(size=ROWS)),
            "large": rng.normal(size=ROWS) * 1e20,
            "day": days,
            "moment": pd.date_range("2024-01-30", periods=ROWS, freq="7h"),
            "zone": pd.date_range("2024-01-30", periods=ROWS, tz="Europe/Berlin"),
            "kind": pd.Categorical(rng.choice(["x", "y"], ROWS)),
            "word": rng.choice(["u", "v", "w"], ROWS),
            "yes": rng.random(ROWS) < 0.5,
            "clock": [datetime.time(at % 24, 5) for at in range(ROWS)],
            "lasts": pd.to_timedelta(np.arange(ROWS), "h"),
        }
    )


def parquet(table, **options):
    sink = io.BytesIO()
    pq.write_table(
        pa.table(table) if isinstance(table, dict) else table, sink, **options
    )
    return sink.getvalue()


def arrow(table):
    sink = io.BytesIO()
    feather.write_feather(table, sink)
    return sink.getvalue()


def zipped(**files):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return sink.getvalue()


def refusal(raw, reading=None):
    with pytest.raises(IntakeError) as error:
        read(raw, reading=reading)
    sentence = str(error.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("written", [parquet, arrow])
def test_columns_with_types_are_taken_as_they_are(written):
    known = measured()
    intake = read(written(pa.Table.from_pandas(known)))
    table = intake.table
    numbers = ["whole", "long", "real", "thousandths", "gaps", "large"]
    pd.testing.assert_frame_equal(table[numbers], known[numbers], check_exact=True)
    assert table["day"].tolist() == [f"{day:%Y-%m-%d}" for day in known["day"]]
    moments = pd.to_datetime(table["moment"]).astype("datetime64[ns]")
    assert (moments == known["moment"]).all()
    zone = pd.to_datetime(table["zone"], utc=True)
    assert (zone == known["zone"]).all()
    assert table["kind"].tolist() == known["kind"].tolist()
    assert table["yes"].tolist() == ["true" if yes else "false" for yes in known["yes"]]
    assert table["clock"][1] == "01:05:00"
    assert (table["lasts"] == known["lasts"].dt.total_seconds()).all()
    assert not intake.repairs
    assert intake.notes == (
        "Durations were read in seconds: «lasts».",
        "Times with a time zone were read as UTC: «zone».",
    )
    types = dict(regcore.Sheet.of(table).types)
    assert {types[name].type for name in ("day", "moment", "zone", "clock")} == {"date"}


def test_small_and_decimal_types_keep_the_numbers_that_they_show():
    table = {
        "single": pa.array([0.1, 2.5, 3.0], pa.float32()),
        "half": pa.array(np.array([0.5, 1.5, 2.0], np.float16)),
        "money": pa.array([*map(Decimal, "123")], pa.decimal128(12, 2)),
        "tiny": pa.array([1, 2, 3], pa.uint8()),
    }
    found = read(parquet(table)).table
    assert found["single"].tolist() == [0.1, 2.5, 3.0]
    assert found["half"].tolist() == [0.5, 1.5, 2.0]
    assert found["money"].tolist() == found["tiny"].tolist() == [1, 2, 3]


def test_names_that_repeat_or_are_those_of_an_index_are_made_good_and_said():
    schema = pa.schema([("a", "int64"), ("a", "int64"), ("__index_level_0__", "int64")])
    table = pa.Table.from_arrays([pa.array([1, 2])] * 3, schema=schema)
    intake = read(parquet(table))
    assert [*intake.table] == ["a", "a_2", "col3"]
    assert any("Repeated column names" in note for note in intake.notes)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (parquet({"a": [[1], [2]]}), "Column «a» holds several values in a cell"),
        (arrow(pa.table({"a": [{"b": 1}]})), "Column «a» holds several values"),
        (parquet({"a": pa.array([], pa.int64())}), "names but no rows"),
        (parquet({"a": [b"\xff\xfe", b"\x00"]}), "«a» («dictionary"),
        (parquet({"a": ["x" * 100_001]}), "Column «a» has a cell of more than"),
        (parquet({"a": [1, 2]})[:-9], "The Parquet file is damaged"),
        (parquet({"a": [*range(5000)]})[:900], "The Parquet file is damaged"),
        (b"PAR1" + bytes(40), "The Parquet file is damaged"),
        (arrow(pa.table({"a": [1, 2]}))[:-40], "The Feather file is damaged"),
        (b"ARROW1\0\0" + bytes(40), "The Feather file is damaged"),
        (gzip.compress(b"a,b\n1,2\n" * 99)[:-12], "The gzip archive is damaged"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "This is a gzip archive"),
        (gzip.compress(b""), "empty"),
        (
            zipped(**{"a.csv": b"a,b\n1,2\n"})[:60],
            "The ZIP archive or Excel workbook is",
        ),
        (zipped(**{"a.zip": zipped(a=b"a,b\n1,2\n")}), "This is a ZIP archive"),
        (zipped(**{"__MACOSX/a.csv": b"x", "d/.DS_Store": b"y"}), "holds no file"),
        (zipped(**{"a.png": b"\x89PNG\r\n" + bytes(99)}), "This is a PNG image"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(raw, said):
    assert said in refusal(raw)


def test_a_little_that_stands_for_very_much_is_refused_before_it_is_unpacked():
    much = bytes(MOST_BYTES + 1)
    for raw in (gzip.compress(much, 1), zipped(**{"a.csv": much})):
        assert len(raw) < 2_000_000
        assert "unpacks to more than 200 MB" in refusal(raw)
    codes = pa.array(np.zeros(400_000, np.int32))
    again = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 90_000]))
    for raw in (parquet({"a": again}), arrow(pa.table({"a": again}))):
        assert len(raw) < 2_000_000
        assert "unpacks to more than 1,000 MB" in refusal(raw)
    wide = pa.table({f"c{at}": [1] for at in range(5_001)})
    assert "5,001 columns and the limit is 5,000" in refusal(arrow(wide))


def test_an_archive_with_a_password_says_so():
    raw = bytearray(zipped(**{"a.csv": b"a,b\n1,2\n"}))
    # The flag stands in the directory and before the file.
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert "has a password" in refusal(bytes(raw))


def test_a_gzip_and_a_zip_with_one_table_are_read_as_the_table():
    raw = "größe;preis\n1,5;20\n2,5;x\n".encode("cp1252")
    plain = read(raw)
    aside = {"d/t.csv": raw, "__MACOSX/d/._t.csv": b"\0" * 9, "d/": b""}
    for what, packed in (("gzip", gzip.compress(raw)), ("ZIP", zipped(**aside))):
        intake = read(packed)
        pd.testing.assert_frame_equal(intake.table, plain.table)
        first, *others = intake.notes
        assert first == f"The file is a {what} archive; the table inside was read."
        assert (tuple(others), intake.reading) == (plain.notes, plain.reading)
        assert intake.sheets == ()
    inside = read(gzip.compress(parquet({"a": [1.5, 2.5]})))
    assert inside.table["a"].tolist() == [1.5, 2.5]


def test_of_several_files_in_a_zip_the_largest_is_read_unless_another_is_asked_for():
    files = {
        "read me.txt": b"about\n",
        "b.csv": b"b,c\n1,2\n3,4\n",
        "s.csv": b"s\n1\n2\n",
    }
    intake = read(zipped(**files))
    assert [*intake.table] == ["b", "c"]
    assert (intake.sheets, intake.reading.sheet) == (tuple(files), "b.csv")
    assert "The archive holds 3 files; «b.csv», the largest, was read." in intake.notes
    other = read(zipped(**files), reading=Reading(sheet="s.csv"))
    assert [*other.table] == ["s"]
    assert not any("largest" in note for note in other.notes)
    said = refusal(zipped(**files), Reading(sheet="t.csv"))
    assert "holds no «t.csv» but «read me.txt», «b.csv» and «s.csv»" in said


@pytest.mark.parametrize("name", ["PAR1", "ARROW1"])
def test_a_csv_whose_first_name_is_a_signature_is_read_as_one(name):
    assert [*read(f"{name},b\n1,2\n3,4\n".encode()).table] == [name, "b"]


SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OPEN = "urn:oasis:names:tc:opendocument:xmlns"
STYLES = {"number": 0, "date": 14, "moment": 22, "clock": 21, "hours": 46}


def cell(value, style="number"):
    """A cell of Office Open XML; its place follows from the cells before it."""
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    if isinstance(value, bool):
        return f'<c t="b"><v>{value:d}</v></c>'
    return f'<c s="{[*STYLES].index(style)}"><v>{value!r}</v></c>'


def rows(*lines):
    return "".join(f"<row>{''.join(line)}</row>" for line in lines)


def workbook(hidden=(), **sheets):
    """An Excel workbook; each sheet is given by its rows."""
    ids = {name: f"rId{at}" for at, name in enumerate(sheets)}
    states = ("visible", "hidden")
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="{ids[name]}" '
        f'state="{states[name in hidden]}"/>'
        for at, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="{ids[name]}" Type="{RELATED}/worksheet" '
        f'Target="worksheets/{ids[name]}.xml"/>'
        for name in sheets
    )
    styles = "".join(f'<xf numFmtId="{code}"/>' for code in STYLES.values())
    start = "xl/_rels/workbook.xml.rels"
    return zipped(
        **{
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="b" '
            f'Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
            "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATED}">'
            f"<sheets>{listed}</sheets></workbook>",
            start: f'<Relationships xmlns="{PACKAGE}">{related}<Relationship Id="s" '
            f'Type="{RELATED}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{SHEET}"><cellXfs>{styles}</cellXfs>'
            "</styleSheet>",
        },
        **{
            f"xl/worksheets/{ids[name]}.xml": f'<worksheet xmlns="{SHEET}"><sheetData>'
            f"{content}</sheetData></worksheet>"
            for name, content in sheets.items()
        },
    )


def opendocument(content):
    """An OpenDocument with one sheet, given by its rows."""
    spaces = " ".join(
        f'xmlns:{name}="{OPEN}:{name}:1.0"' for name in ("office", "table", "text")
    )
    return zipped(
        **{
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{OPEN}:manifest:1.0"/>',
            "content.xml": f"<office:document-content {spaces}><office:body>"
            f'<office:spreadsheet><table:table table:name="A">{content}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def typed_sheet():
    rng = np.random.default_rng(3)
    known = pd.DataFrame(
        {
            "price": rng.choice([1.783, 24.125, 0.1 + 0.2], ROWS),
            "count": rng.integers(0, 5000, ROWS),
            "huge": rng.normal(size=ROWS) * 1e20,
            "day": 45_000 + np.arange(ROWS),
            "moment": 45_000 + np.arange(ROWS) / 8,
            "clock": np.arange(ROWS) % 24 / 24,
            "kind": rng.choice(["x", "y"], ROWS),
            "code": [f"00{at % 7}" for at in range(ROWS)],
            "paid": rng.random(ROWS) < 0.5,
        }
    )
    styles = {"day": "date", "moment": "moment", "clock": "clock"}
    lines = [
        [cell(value, styles.get(name, "number")) for name, value in line.items()]
        for line in known.to_dict("records")
    ]
    return known, [[*map(cell, known)], *lines]


def test_numbers_and_dates_in_the_cells_of_a_workbook_are_taken_as_such():
    known, lines = typed_sheet()
    titled = [[cell("Sales of 2023")], [], *lines]
    intake = read(workbook(Data=rows(*titled)))
    table = intake.table
    numbers = ["price", "count", "huge"]
    pd.testing.assert_frame_equal(table[numbers], known[numbers], check_exact=True)
    assert [*table] == [*known]
    assert table["day"].tolist()[:2] == ["2023-03-15", "2023-03-16"]
    since = pd.Timestamp("1899-12-30")
    moments = since + pd.to_timedelta(known["moment"], "D")
    found = table["moment"].map(pd.Timestamp)
    assert ((found - moments).abs() < pd.Timedelta("1s")).all()
    assert table["clock"].tolist()[:2] == ["00:00:00", "01:00:00"]
    assert table["code"].tolist() == known["code"].tolist()
    assert table["paid"].tolist() == [str(yes).upper() for yes in known["paid"]]
    types = dict(regcore.Sheet.of(table).types)
    assert {types[name].type for name in ("day", "moment", "clock")} == {"date"}
    assert "Line 1 above the table was skipped." in intake.notes
    used = intake.reading
    assert (used.header_row, used.first_row, used.sheet) == (3, 4, "Data")
    assert (used.encoding, used.delimiter, intake.sheets) == (None, None, ())
    assert intake.opening[0] == "Sales of 2023"
    assert intake.opening[2].startswith("price | count")


def test_a_number_with_three_decimals_in_a_cell_is_no_thousands_as_in_text():
    lines = [[cell("a"), cell("b")], *([cell(1.783), cell("1.783")] for _ in range(30))]
    lines += [[cell(535), cell("535")]]
    intake = read(workbook(A=rows(*lines)))
    assert intake.table["a"].max() == 535
    assert intake.table["b"].max() == 1783


def test_the_largest_sheet_is_read_unless_another_is_asked_for():
    small = rows([cell("note")], [cell("one")], [cell("two")])
    large = rows([cell("a"), cell("b")], *([cell(at), cell(0.5)] for at in range(9)))
    more = rows([cell("c"), cell("d")], *([cell(at), cell(0.5)] for at in range(99)))
    raw = workbook(About=small, Data=large, Old=more, hidden=["Old"])
    intake = read(raw)
    assert [*intake.table] == ["a", "b"]
    assert (intake.sheets, intake.reading.sheet) == (("About", "Data"), "Data")
    assert intake.notes[0] == (
        "The workbook holds 2 sheets; «Data», the largest, was read."
    )
    assert [*read(raw, reading=Reading(sheet="About")).table] == ["note"]
    assert [*read(raw, reading=Reading(sheet="Old")).table] == ["c", "d"]
    assert "holds no «New» but «About», «Data»" in refusal(raw, Reading(sheet="New"))
    again = read(raw, reading=intake.reading)
    pd.testing.assert_frame_equal(again.table, intake.table)
    inside = read(zipped(**{"book.xlsx": raw}), reading=Reading(sheet="About"))
    assert [*inside.table] == ["note"]


def test_errors_in_the_cells_of_a_workbook_are_gaps_and_counted():
    error = '<c t="e"><v>#DIV/0!</v></c>'
    lines = [[cell("a"), cell("b")], *([cell(0.5), cell(at)] for at in range(9))]
    intake = read(workbook(A=rows(*lines, [error, cell(3)])))
    assert intake.table["a"].isna().tolist() == [False] * 9 + [True]
    assert intake.notes[0].startswith("1 cell of the workbook holds an error such as")


def test_an_opendocument_is_read_with_its_numbers_dates_and_repeated_rows():
    def text(word):
        return f'<table:table-cell office:value-type="string"><text:p>{word}</text:p>'

    end = "</table:table-cell>"
    number = '<table:table-cell office:value-type="float" office:value="1.783">' + end
    day = (
        '<table:table-cell office:value-type="date" office:date-value="2024-05-31">'
        + end
    )
    empty = '<table:table-cell table:number-columns-repeated="16000"/>'
    raw = opendocument(
        f"<table:table-row>{text('a')}{end}{text('b')}{end}{empty}</table:table-row>"
        f"<table:table-row>{number}{day}{empty}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="3">{number}{day}'
        "</table:table-row>"
        f'<table:table-row table:number-rows-repeated="1048000">{empty}'
        "</table:table-row>"
    )
    table = read(raw).table
    assert table["a"].tolist() == [1.783] * 4
    assert table["b"].tolist() == ["2024-05-31"] * 4


FAR = "<row r='1'><c r='A1'><v>1</v></c></row>"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            workbook(A=f'{FAR}<row r="1048576"><c r="XFD1048576"/></row>'),
            "16,384 columns",
        ),
        (workbook(A=f'{FAR}<row r="2"><c r="XFD1048576"/></row>'), "1,048,576 rows"),
        (workbook(A=f"<row>{'<c/>' * 30}</row><row r='1048576'/>"), "and 30 columns"),
        (
            opendocument(
                '<table:table-row table:number-rows-repeated="1048576">'
                '<table:table-cell office:value="1" '
                'table:number-columns-repeated="900"/>'
                "</table:table-row>"
            ),
            "1,048,576 rows and 900 columns",
        ),
        (workbook(A=""), "holds no values"),
        (workbook(A=rows([cell("a"), cell("b")])), "names but no rows"),
        (workbook(A="<row"), "Excel workbook or OpenDocument is damaged"),
        (workbook(), "no sheet with cells"),
        (zipped(**{"xl/workbook.bin": b"\0"}), "xlsb"),
        (zipped(**{"word/document.xml": b"<w/>"}), "a Word document"),
        (workbook(A=rows([cell("a")], [cell("x" * 100_001)])), "Line 2"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_in_a_sentence(raw, said):
    assert said in refusal(raw)


def test_a_workbook_that_unpacks_to_very_much_is_refused(monkeypatch):
    raw = workbook(A=rows([cell("a" * 90_000)]))
    monkeypatch.setattr("regcore.intake.formats.workbook.MOST_MARKUP", 80_000)
    assert "unpacks to more than" in refusal(raw)
