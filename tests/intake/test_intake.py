"""Small files, bytes to table or sentence; every file is made here."""

import gzip
import io
import random
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regcore.intake import (
    Intake,
    IntakeError,
    Reading,
    arrow,
    body,
    limits,
    parts,
    quotes,
    read,
)
from regcore.intake.dialect import Dialect
from regcore.intake.numbers import weigh_decimal
from regcore.intake.ragged import unique_names

ROWS = "".join(f"{i},{i * 1.5},{'ab'[i % 2]}\n" for i in range(40))


def said(raw: bytes | str) -> str:
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return " ".join(read(raw).notes)


def table(text: str) -> pd.DataFrame:
    return read(text.encode()).table


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_usual_separators_are_found_without_a_word(mark):
    text = "n,x,kind\n" + ROWS
    done = read(text.replace(",", mark).encode())
    assert done.table.shape == (40, 3)
    assert done.reading.delimiter == mark
    assert done.notes == ()


def test_a_decimal_comma_in_every_row_does_not_make_the_comma_a_separator():
    rows = "".join(f"h{i};{3 * i % 17},5;{7 * i % 29},25\n" for i in range(40))
    intake = read(f"Report\n\nname;size;price\n{rows}".encode())
    assert list(intake.table.columns) == ["name", "size", "price"]
    assert intake.table["size"].iloc[1] == 3.5


def test_columns_are_int64_float64_or_text():
    kinds = table("n,x,kind,gap\n" + "1,1.5,a,\n2,2.5,True,7\n" * 5).dtypes
    assert [*map(str, kinds)] == ["int64", "float64", "str", "float64"]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"],
)
def test_western_text_is_read_in_its_encoding(encoding):
    text = "Größe,Ort,x\n" + "1,Zürich,2\n3,Besançon,4\n5,Malmö,6\n" * 9
    assert list(read(text.encode(encoding)).table.columns) == ["Größe", "Ort", "x"]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("gb18030", "北京 上海 广州 面积 价格"),
        ("big5", "臺北 高雄 新竹 資料 價格"),
        ("shift_jis", "東京 大阪 さくら データ 価格"),
        ("euc_kr", "서울 부산 대구 가격 데이터"),
        ("cp1251", "Москва Казань Пермь цена город"),
        ("koi8_r", "Москва Казань Пермь цена город"),
    ],
)
def test_other_scripts_are_guessed_and_the_guess_is_noted(encoding, words):
    rows = "".join(f"{word},{i},{i * 2}\n" for i, word in enumerate(words.split() * 4))
    done = read(("name,x,y\n" + rows).encode(encoding))
    assert done.reading.encoding == encoding
    assert done.table["name"][0] == words.split()[0]
    assert "guess" in done.notes[0]


def test_one_western_byte_late_in_the_file_is_not_garbled():
    raw = ("w,x\n" + "a,1\n" * 30_000).encode() + b"caf\xe9,2\n"
    assert read(raw).table["w"].iloc[-1] == "café"


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\n\n \n", "empty"),
        (b",,,\n,,,\n", "no values"),
        (b"a,b,c\n", "no rows"),
        (b"\x00" * 500, "zero bytes"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "gzip"),
        (b"PAR1" + bytes(40), "Parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "xls"),
        (b"%PDF-1.7\n" + bytes(50), "PDF"),
        (b"cos\nsystem\n(S'true'\ntR.", "pickle"),
        (b"<!DOCTYPE html><html><body>a,b</body></html>", "HTML"),
        (b"<svg width='2,5' height='3,5'>\n<path d='M1,2'/>\n</svg>\n", "SVG"),
        (b"<html>\n<p>a,b</p>\n<p>c,d</p>\n</html>\n", "HTML"),
        (b"<html><p>\n1,2\n3,4\n5,6\n</p></html>\n", "HTML"),
        (b"<?xml version='1.0'?>\n<t>\n1,2\n3,4\n</t>\n", "XML"),
        (b"GIF89a" + bytes(range(200)) * 9, "GIF"),
        (b"{\\rtf1\\ansi\n a, b\\par\n}\n", "rich text"),
        (b'[{"a": 1, "b": 2}, {"a": 3, "b": 4}]', "JSON"),
        (b'{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', "JSON"),
        (b'{"a": 1},\n{"a": 3}\n', "JSON"),
        (b'{"a": 1}, {"a": 3}', "JSON"),
        (b'{\n  "a": 1,\n  "b": 2\n}\n', "JSON"),
        (b"[1,2,\n3,4]", "JSON"),
        ("a,b\n1,2\n".encode("cp037") * 9, "EBCDIC"),
        (np.random.default_rng(0).bytes(20_000), "binary"),
    ],
)
def test_what_is_no_table_is_refused_with_its_cause(raw, cause):
    with pytest.raises(IntakeError, match=cause) as refusal:
        read(raw)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "first",
    [
        "<svg/onload=alert(1)>",
        "<svg onload=alert(1)>",
        "<html>",
        "<body>",
        "<!doctype html>",
        "<?xml version=1?>",
        "%PDF-size",
        "GIF89a",
        "{\\rtf1",
        "{}",
        "[1]",
        '{"a": 1}',
        "<stata_dta>",
        "ID3 größe",
        "BZh",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_name_of_a_column_may_look_like_another_kind_of_file(first, separator):
    rows = [[first, "y"], *([str(i), str(i * i % 7)] for i in range(40))]
    text = "\n".join(separator.join(row) for row in rows)
    assert read(text.encode()).table.shape == (40, 2)


def test_a_column_of_words_is_no_pickle():
    table = read(b"city\nParis\nRome\nOslo\n").table
    assert table["city"].tolist() == ["Paris", "Rome", "Oslo"]


def test_names_behind_an_extra_separator_stand_above_their_cells():
    rows = "".join(f"{i},w{i % 3},{i}.5\n" for i in range(9))
    done = read(("n,,k,x\n" + rows).encode())
    assert list(done.table) == ["n", "k", "x", "col4"]
    assert done.table["x"].tolist() == [i + 0.5 for i in range(9)]
    assert any("moved to the end" in note for note in done.notes)


@pytest.mark.parametrize(
    "rows", ["1,,2,3\n" * 9, "1,2\n" * 9, "1,,2,3\n" + "1,2,3\n" * 9]
)
def test_empty_names_stay_where_the_rows_do_not_show_otherwise(rows):
    assert list(read(("n,,k,x\n" + rows).encode()).table) == ["n", "col2", "k", "x"]


def test_workbooks_archives_and_databases_are_named(tmp_path: Path):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(IntakeError, match="Excel workbook"):
        read(book.getvalue())
    base = sqlite3.connect(tmp_path / "base")
    base.execute("create table t (a)")
    base.close()
    with pytest.raises(IntakeError, match="SQLite"):
        read((tmp_path / "base").read_bytes())


def test_a_title_line_above_the_header_is_skipped_and_noted():
    done = read(("Sales of last year\n\nn,x,kind\n" + ROWS).encode())
    assert list(done.table) == ["n", "x", "kind"]
    assert done.reading.header_row == 3
    assert "Line 1 above the table was skipped" in " ".join(done.notes)


def test_a_file_without_a_header_keeps_its_first_row():
    done = read(ROWS.encode())
    assert done.table.shape == (40, 3)
    assert list(done.table) == ["col1", "col2", "col3"]
    assert "no header line" in done.notes[0]


def test_years_as_names_are_a_header():
    text = "2001,2002,2003\n" + "1.5,2.5,3.5\n0.1,0.2,0.3\n" * 9
    assert list(table(text)) == ["2001", "2002", "2003"]


def test_a_row_of_units_joins_the_names():
    text = "time,speed\n(s),(m/s)\n" + "".join(f"{i},{i / 2}\n" for i in range(30))
    done = read(text.encode())
    assert list(done.table) == ["time (s)", "speed (m/s)"]
    assert done.table.dtypes.map(str).tolist() == ["int64", "float64"]


def test_repeated_and_empty_names_become_different():
    done = read(b"x,x,,x_2\n" + b"1,2,3,4\n" * 9)
    assert list(done.table) == ["x", "x_3", "col3", "x_2"]
    assert "numbered" in " ".join(done.notes)


def test_short_and_long_rows_are_counted_with_their_lines():
    done = read(("n,x,kind\n" + ROWS + "1,2\n3,4,a,5,6\n").encode())
    assert done.table.shape == (42, 3)
    notes = " ".join(done.notes)
    assert "1 row (line 42) had fewer than 3 cells" in notes
    assert "1 row (line 43) had more than 3 cells" in notes


def test_rows_longer_than_the_header_never_shift_the_names():
    done = read(b"a,b\n" + b"1,2,3\n4,5,6\n" * 9)
    assert list(done.table) == ["a", "b", "col3"]
    assert done.table["a"][0] == 1


def test_a_total_below_the_data_is_pointed_out():
    assert "looks like a total" in said("n,x,kind\n" + ROWS + "Total,99,\n")


def test_comments_between_the_rows_are_skipped():
    done = read(("# made by a tool\nn,x,kind\n" + ROWS + "# end\n" + ROWS).encode())
    assert done.table.shape == (80, 3)
    assert "remarks" in " ".join(done.notes)


def test_a_stray_quote_does_not_swallow_rows():
    rows = [f"{i},{chr(34) * (i in (10, 30))}w,{i}" for i in range(50)]
    done = read(("a,t,y\n" + "\n".join(rows) + "\n").encode())
    assert done.table.shape == (50, 3)
    assert done.table["t"].eq("w").all()
    assert "stray quote" in " ".join(done.notes)


def test_quoted_cells_hold_separators_quotes_and_line_ends():
    text = 't,x\n"a, ""b""\nc",1\n' * 1 + '"d",2\n'
    assert table(text)["t"].tolist() == ['a, "b"\nc', "d"]


def test_single_quotes_around_cells_are_seen_and_noted():
    done = read(("n,t,x\n" + "1,'a, b',2\n3,'c, d, e',4\n" * 9).encode())
    assert done.table["t"][1] == "c, d, e"
    assert "Single quotes" in " ".join(done.notes)


@pytest.mark.parametrize("mark", ["^", "~", " ", "\x1f"])
def test_a_rare_separator_is_found_and_noted(mark):
    done = read(("n,x,kind\n" + ROWS).replace(",", mark).encode())
    assert done.table.shape == (40, 3)
    assert "guess" in " ".join(done.notes)


def test_the_separator_line_of_a_spreadsheet_is_obeyed():
    done = read(b"sep=;\na;b\n1,5;2\n3,5;4\n")
    assert done.table["a"].tolist() == [1.5, 3.5]


NUMBERS = {
    "thousands": ('"1,234"', 1234.0),
    "dollars": ('"$1,234.50"', 1234.5),
    "percent": ("12.5%", 12.5),
    "negative": ("(45.00)", -45.0),
    "trailing minus": ("5.00-", -5.0),
    "euro": ("3 €", 3.0),
    "unit": ("12 kg", 12.0),
    "space": ("1 234 567", 1234567.0),
    "power": ("1.5e3", 1500.0),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_formatted_numbers_are_numbers(kind):
    cell, number = NUMBERS[kind]
    assert table("v,k\n" + f"{cell},a\n" * 5)["v"].tolist() == [number] * 5


def test_a_decimal_comma_is_seen_column_by_column():
    done = read(b'a;b\n"1.234,50";1\n"2,25";2\n' * 1)
    assert done.table["a"].tolist() == [1234.5, 2.25]
    assert "comma was read as decimal sign" in " ".join(done.notes)


def test_codes_with_zeros_in_front_stay_text():
    text = "zip,x\n" + "".join(f"{i:05d},{i}\n" for i in range(500, 540))
    done = read(text.encode())
    assert done.table["zip"][0] == "00500"
    assert "codes" in " ".join(done.notes)


def test_integers_beyond_64_bits_stay_text():
    assert table("n,x\n" + f"{2**64},1\n" * 5)["n"][0] == str(2**64)


def test_large_integers_beside_a_gap_do_not_lose_digits():
    assert table(f"n,x\n{2**60 + 1},1\n,2\n{2**60 + 3},3\n")["n"][0] == str(2**60 + 1)


def test_a_word_among_numbers_is_counted_with_its_line():
    text = "a,y\n" + "".join(f"{i},{i}\n" for i in range(50)) + "oops,5\n"
    done = read(text.encode())
    assert done.table["a"].isna().sum() == 1
    assert "«oops», line 52" in " ".join(done.notes)


def test_infinite_numbers_are_missing_and_noted():
    text = "a,y\n" + "".join(f"{i},{i}\n" for i in range(50)) + "inf,5\n1e999,6\n"
    done = read(text.encode())
    assert np.isfinite(done.table["a"].dropna()).all()
    assert "2 cells of column «a» are no number" in " ".join(done.notes)


def test_words_for_missing_are_missing():
    words = ["NA", "N/A", "null", "-", "?", "", "NaN", "#N/A", "."]
    text = "a,y\n" + "".join(f"{i},{i}\n" for i in range(30))
    text += "".join(f"{word},1\n" for word in words)
    assert table(text)["a"].isna().sum() == len(words)


def test_units_that_differ_keep_the_column_text():
    assert table("v,x\n" + "$5,1\n€5,2\n" * 5)["v"][0] == "$5"


def test_what_the_user_says_overrides_the_guess():
    raw = b"title,1\nx;y\n1;2\n3;4\n5;6\n"
    done = read(
        raw, reading=Reading(delimiter=";", header_row=0, first_row=3, last_row=4)
    )
    assert done.table.to_numpy().tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "text",
    [
        "Title\n\na;b\n1,5;x\n2,5;y\n",
        "1,2\n3,4\n5,6\n",
        "a,b\n(s),(m)\n1,2\n3,4\n5,6\n7,8\n9,8\n1,1\n2,2\n3,3\n4,4\nTotal,\n",
        't,x\n"a\nb",1\nc,2,3\n',
    ],
)
def test_the_reading_that_was_used_gives_the_same_table_again(text):
    once = read(text.encode())
    again = read(text.encode(), reading=once.reading)
    pd.testing.assert_frame_equal(once.table, again.table)
    assert again.reading == once.reading


def test_limits_say_the_limit_and_what_to_do(monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 50)
    with pytest.raises(IntakeError, match=r"limit is .*; leave out"):
        read(b"a,b\n" + b"1,2\n" * 50)


def test_a_cell_over_the_limit_is_refused_with_its_line():
    with pytest.raises(IntakeError, match="Line 2 has a cell of more than 100,000"):
        read(b"a,b\n1," + b"x" * 200_000 + b"\n")


def test_more_columns_than_the_limit_are_refused():
    with pytest.raises(IntakeError, match="5,000"):
        read(
            (
                ",".join(f"c{i}" for i in range(6000)) + "\n" + "1," * 5999 + "1\n"
            ).encode()
        )


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("above", ["", "A title\n", "a,b\r\n1,2\r\n", "a,b\r1,2\r"])
def test_a_line_of_too_many_cells_is_refused_before_it_is_cut(mark, above, monkeypatch):
    def cut(*_):
        raise AssertionError("the line was cut")

    monkeypatch.setattr(body, "cut", cut)
    monkeypatch.setattr(body, "parse", cut)
    line = 1 + len(above.replace("\r\n", "\n").splitlines())
    with pytest.raises(IntakeError, match=f"Line {line} has 400,000 cells .* 5,000"):
        read((above + mark.join("1" * 400_000) + "\n").encode())


@pytest.mark.parametrize(("mark", "other"), [("\t", ","), (",", " "), ("|", ";")])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_long_cell_full_of_other_marks_is_no_line_of_too_many_cells(
    mark, other, quote
):
    cell = other.join("2" * 40_000)
    row = f"{quote}{cell}{quote}{mark}1{mark}{quote}{cell}{quote}\n"
    raw = f"a{mark}b{mark}c\n{row * 3}".encode()
    table = read(raw, reading=Reading(delimiter=mark)).table
    assert table.shape == (3, 3)
    assert table["a"][0] == cell


def test_many_equal_names_are_numbered_in_order():
    names, _ = unique_names(["x"] * 3000 + ["", "x_7", "col3001"])
    assert len({*names}) == 3003
    assert names[:7] == ["x", "x_2", "x_3", "x_4", "x_5", "x_6", "x_8"]
    assert names[2999:] == ["x_3001", "col3001_2", "x_7", "col3001"]


def test_a_quote_that_opens_early_and_never_closes_is_read_with_a_note():
    rows = "".join(f"{i},{i % 7},{i % 3}\n" for i in range(30_000))
    text = "size,b,y\n1,2,3\n2,3,4\n3,4,5\n" + '"27 inch,2,3\n' + rows
    done = read(text.encode())
    assert len(done.table) == 30_004
    assert done.table["size"][3] == 27
    assert "The unit «inch» was left out in column «size»." in done.notes
    assert done.table["b"].iloc[-1] == 29_999 % 7
    assert "1 row (line 5) had a stray quote" in " ".join(done.notes)


@pytest.mark.parametrize("rows", [20, 20_000])
def test_a_file_of_nothing_but_its_header_is_refused(rows):
    with pytest.raises(IntakeError, match="has names but no rows"):
        read(b"name,kind,of\n" * rows)


LARGE = {
    "plain": "n,x,k\n" + "".join(f"{i},{i / 8},w{i % 5}\n" for i in range(3000)),
    "codes late": "n,x\n" + "1,2\n" * 3000 + "".join(f"0{i},3\n" for i in range(500)),
    "word late": "n,x\n" + "1,2\n" * 3000 + "oops,3\n",
    "infinite": "n,x\n" + "1.5,2\n" * 3000 + "inf,3\n1e999,4\n",
    "large": "n,x\n" + "1,2\n" * 3000 + f"{2**70},3\n",
    "truth": "n,x\n" + "TRUE,2\nfalse,1\n" * 3000,
    "short row": "n,x,k\n" + "1,2,a\n" * 3000 + "1,2\n" + "1,2,a\n" * 9,
    "long row": "n,x,k\n" + "1,2,a\n" * 3000 + "1,2,a,b\n",
    "empty row": "n,x,k\n" + "1,2,a\n" * 3000 + ",,\n" + "1,2,a\n" * 9,
    "blank line": "n,x,k\n" + "1,2,a\n" * 3000 + "\n" + "1,2,a\n" * 9,
    "quoted": "n,x,k\n" + '1,2,"a, b"\n2,3,"c ""d"""\n' * 2000,
    "quoted end": "n,k,x\n" + '1,"a, b",\n2,"c\nd",4\n' * 2000,
    "stray quotes": "n,k,x\n"
    + "".join(f"{i},{chr(34) * (i in (2500, 2600))}w,{i}\n" for i in range(3000)),
    "money": "n,x\n" + "".join(f'{i},"$1,{i % 900 + 100}.5"\n' for i in range(3000)),
    "words": "n,k\n" + "1,NA\n2,a\n3,\n4, \n" * 900,
    "title": "A title\n\nn,x,k\n" + "1,2,a\n" * 3000,
    "no header": "1,2,a\n" * 3000,
    "crlf": "n,x,k\r\n" + "1,2,a\r\n" * 3000,
    "total": "n,x,k\n" + "1,2,a\n" * 3000 + "Total,6000,\n",
    "blanks": "n,x,k\n" + "1,2,a\n" * 3000 + " ,,\t\n\u3000,,\n" + "1,2,a\n" * 9,
    "blanks in quotes": "n,x,k\n" + "1,2,a\n" * 3000 + '"",," "\n' + "1,2,a\n" * 9,
    "nothing known": "n,x,k\n" + "1,2,a\n" * 3000 + "NA,NA,NA\n",
    "header again": "n,x,k\n" + "1,2,a\n" * 3000 + "n,x,k\n" + "1,2,a\n" * 9,
    "header twice": "n,x,k\r\n" + ("1,2,a\r\n" * 2000 + "n,x,k\r\n\r\n") * 2,
    "header of words": "n,x\n" + "a,b\nb,a\n" * 2000 + "n,x\n" + "n,b\n" * 20,
    "header in quotes": "n,x,k\n" + "1,2,a\n" * 3000 + '"n","x","k"\n1,2,a\n',
    "header with more": "n,x,k\n" + "1,2,a\n" * 3000 + "n,x,k,z\n1,2,a\n",
    "header of numbers": "1,2\n" + "a,b\nb,a\n" * 2000 + "1,2\n" + "a,b\n" * 20,
    "spaced": 'n, "k", x\n' + '1, "a, b", 3\n2, "c", 4\n' * 2000 + "3, 4\n" * 5,
    "wide": "".join(",".join([str(i)] * (300 - (i == 80))) + "\n" for i in range(120)),
    "chinese": "数,文\n" + "1,汉字\n，,好\n" * 2000 + "2\n",
    "late return": "n,x,k\n" + "1,2,a\n" * 3000 + "1,2,a\r1,2,b\n" * 9,
    "code late and ragged": "n,x,k\n" + "1,2,a\n" * 3000 + "1,2\n007,3,a\n" * 400,
    "codes with blanks": "n,x,k\n" + "1,2,a\n" * 3000 + " 007,3,a\n" * 400,
    "phones": "phone\n" + "".join(f"+49{i * i + 10**7}\n" for i in range(3000)),
    "signs": "n,x\n" + "".join(f"{i},+{i}.5\n" for i in range(3000)),
    "one column": "n\n" + "".join(f"{i}\n" for i in range(3000)) + "1,2\n\n7\n",
    "cut in quotes": "n,x,k\n" + "1,2,a\n" * 3000 + '1,2,"a',
    "commas late": "n;x\n" + "1;2\n" * 3000 + "2;3,25\n4,5;1\n" * 1500,
    "other sign late": "n;x\n" + "1;2.5\n" * 900 + "2,75;3,25\n" * 9000,
    "groups late": "n,x\n" + "1,2.5\n" * 900 + "2,1.234\n" * 90_000,
    "groups": "n;x\n"
    + "".join(f"{i};{1 + i % 9}.{i % 900 + 100}\n" for i in range(3000)),
    "break in a blank row": "n,x,k\n" + "1,2,a\n" * 3000 + '"\n", ,\nw,2,a\n1,2\n',
    "breaks beside a short row": "n,k\n" + '1,"a\nb"\n' * 2000 + '1\n2,"c\n"\nw,d\n3\n',
    "ever shorter": "n,k\n"
    + f"1,{'w' * 300}\n" * 90
    + "1,\n" * 4000
    + "1.5,w\n" * 9000,
    "empty late": "n,x,e\n" + "1,2.5,\n" * 3000 + ",,\n7,,\n" * 1500,
    "full late": "n,x,e\n" + "1,2.5,\n" * 3000 + "7,,3\n" * 1500,
    "word in a short row": "n,x,k\n" + "1,2.5,3\n" * 3000 + "2,oops\n" + "1,2,3\n" * 9,
    "comma in a long row": "n;x\n" + "1;2\n" * 3000 + "2,5;1;\n" * 9,
}


def ragged(seed: int) -> str:
    """Rows of all lengths, remarks, gaps and stray quotes among many regular rows."""
    chance = random.Random(seed)
    odd = ["1,2", "1,2,a,b", "1,2,a,,,", "", " ", ",,", "# said,so", '5,"a\nb', "7"]
    odd += [" , ,", '"", ,""', "\u2003,,\u00a0", '5,7,"n\n\nx"']
    odd += ['5"",2,a', '5,6" pipe,a', '"a, b",2', '"x\ny",2', '3,4,"é, ü",', '"",,']
    odd += ['1,"2,a', 'x"",3,""', '1,2,"a ""b"', '1,2,"a\n""b"', "1,2,Ω,oops"]
    rows = [f'{i},{i / 8},"w {i % 5}, ""{i % 3}"""' for i in range(4000)]
    for _ in range(chance.randint(1, 60)):
        rows.insert(chance.randint(chance.choice([1, 3000]), 4000), chance.choice(odd))
    if chance.random() < 0.5:
        rows.append("Total,6000")
    return chance.choice(["\n", "\r\n"]).join(["n,x,k", *rows])


LARGE |= {f"ragged {seed}": ragged(seed) for seed in range(40)}


@pytest.mark.parametrize("rows", [50, 20_000])
def test_carriage_returns_alone_end_lines_but_for_those_within_quotes(rows):
    text = "n,x,k\n" + "".join(f"{i},{i / 8},w{i % 5}\n" for i in range(rows))
    wanted = read(text.encode())
    for end in ("\r", "\r\n"):
        done = read(text.replace("\n", end).encode())
        pd.testing.assert_frame_equal(done.table, wanted.table)
        assert done.notes == wanted.notes
    cell = read(("t,x\n" + '"a\rb",1\n' + '"c",2\n' * rows).encode()).table["t"][0]
    assert cell == "a\rb"


@pytest.mark.parametrize("rows", [50, 9_000])
def test_the_line_of_a_cell_is_right_below_cells_over_several_lines(rows):
    text = "t,n\n" + "".join(f'"a\n{i}\n",{i}\n' for i in range(rows)) + "x,oops\n"
    notes = " ".join(read((text + "y,1,2\n").encode()).notes)
    assert f"«oops», line {3 * rows + 2}" in notes
    assert f"1 row (line {3 * rows + 3}) had more than 2 cells" in notes


def test_the_first_odd_cell_is_named_wherever_its_row_was_read():
    rows = ["1,2,3\n"] * 20_000
    rows[9_000], rows[15_000] = "odd,2\n", "odder,2,3\n"
    notes = " ".join(read(("a,b,c\n" + "".join(rows)).encode()).notes)
    assert "2 cells of column «a» are no number (first: «odd», line 9002)" in notes


def test_whole_numbers_far_below_others_keep_their_digits_or_the_column_its_text():
    rows = ["1.5\n"] * 300_000 + [f"{2**60 + 1}\n"]
    table = read(("a\n" + "".join(rows)).encode()).table
    assert table["a"].iloc[-1] == 2.0**60
    rows = ["1\n"] * 300_000 + [f"{2**60 + 1}\n"]
    table = read(("a\n" + "".join(rows)).encode()).table
    assert table["a"].iloc[-1] == 2**60 + 1


def by_rows(raw: bytes, monkeypatch, reading: Reading | None = None) -> Intake:
    """Read every row by itself."""
    with monkeypatch.context() as patch:
        patch.setattr(body, "HEAD_BYTES", len(raw))
        return read(raw, reading=reading)


@pytest.fixture
def small_pieces(monkeypatch):
    """Pieces so small that files of some rows have many, and a head."""
    monkeypatch.setattr(body, "HEAD_BYTES", 1 << 11)
    monkeypatch.setattr(quotes, "PIECE", 1 << 10)
    monkeypatch.setattr(parts, "BLOCK", 1 << 13)
    monkeypatch.setattr(parts, "FEW_ROWS", 30)


@pytest.fixture
def parsed(monkeypatch):
    """How many rows Arrow has cut."""
    counts = []

    def parse(*args):
        done = arrow.parse(*args)
        counts.append(0 if done is None else len(done.lines))
        return done

    monkeypatch.setattr(body, "parse", parse)
    return counts


@pytest.mark.parametrize("kind", LARGE)
@pytest.mark.usefixtures("small_pieces")
def test_all_rows_at_once_and_one_by_one_are_the_same(kind, monkeypatch, parsed):
    raw = LARGE[kind].encode()
    alone = by_rows(raw, monkeypatch)
    assert parsed == []
    together = read(raw)
    assert sum(parsed) > 0.5 * len(alone.table)
    pd.testing.assert_frame_equal(together.table, alone.table)
    assert together == replace(alone, table=together.table)
    again = read(raw, reading=together.reading)
    pd.testing.assert_frame_equal(again.table, alone.table)


@pytest.mark.parametrize("sign", [".", ","])
@pytest.mark.usefixtures("small_pieces")
def test_a_sign_that_is_said_counts_for_columns_that_were_cut_under_another(
    sign, monkeypatch
):
    raw = ("n;x;y\n" + "".join(f"{i};1.{i % 900};2,5\n" for i in range(3000))).encode()
    for reading in (
        Reading(decimal=sign),
        Reading(decimals=(("x", sign), ("y", sign))),
    ):
        alone = by_rows(raw, monkeypatch, reading)
        together = read(raw, reading=reading)
        pd.testing.assert_frame_equal(together.table, alone.table)
        assert together == replace(alone, table=together.table)


@pytest.mark.usefixtures("small_pieces")
def test_of_plain_numbers_no_more_than_some_text_is_kept():
    data = "".join(f"{i},{i / 8},w{i % 5},{'?' * (i == 2900)}\n" for i in range(3000))
    cut = arrow.parse(data.encode(), 0, 1, Dialect(","), 4, (), ".")
    kept = [len(column.text) for column in cut.columns]
    assert max(kept[:2]) < 500
    assert kept[2:] == [3000, 3000]
    assert [column.plain is None for column in cut.columns] == [
        False,
        False,
        True,
        True,
    ]
    last = cut.last.column(0).to_pylist()
    assert last == [str(i) for i in range(3000 - len(last), 3000)]
    assert 60 <= len(last) < 3000
    mask = np.arange(3000) % 7 == 0
    anew = [column.to_pylist() for column in cut.again([1, 0], mask)]
    assert anew == [
        [str(i / 8) for i in range(0, 3000, 7)],
        [*map(str, range(0, 3000, 7))],
    ]


@pytest.mark.parametrize("rows", [30, 30_000])
def test_columns_aligned_with_spaces_are_refused(rows):
    with pytest.raises(IntakeError, match="aligned with spaces"):
        read("".join(f"ab {i}     cd e    x\n" for i in range(rows)).encode())


def test_quotes_after_a_blank_are_quotes():
    table = read(LARGE["spaced"].encode()).table
    assert table.shape == (4005, 3)
    assert table.iloc[0].tolist() == [1, "a, b", 3]


@pytest.mark.parametrize("last", [3010, 4000, None])
@pytest.mark.usefixtures("small_pieces")
def test_a_header_repeated_deep_in_a_file_is_noticed(last, monkeypatch):
    raw = LARGE["header again"].encode()
    alone = by_rows(raw, monkeypatch, Reading(last_row=last))
    together = read(raw, reading=Reading(last_row=last))
    pd.testing.assert_frame_equal(together.table, alone.table)
    assert len(together.table) == (3000 if last is None else min(3009, last - 2))
    assert together == replace(alone, table=together.table)
    ended = "Line 3002 repeats the header: the table was ended above it"
    skipped = "Line 3002 was skipped, repeating the header."
    assert (ended if last is None else skipped) in " ".join(together.notes)
    below = "Line 3011 below the data was skipped."
    assert (below in " ".join(together.notes)) == (last == 3010)


def test_one_spoilt_cell_does_not_turn_the_decimal_sign():
    grouped = [f"{i},{100 + i}" for i in range(1, 30)]
    spoilt = [*grouped, "1,46"], [*grouped, *["1,46"] * 9]
    assert weigh_decimal([pa.array(grouped)] * 2, ",")[0] == "."
    assert weigh_decimal([pa.array(grouped), pa.array(spoilt[0])], ",")[0] == "."
    assert weigh_decimal([pa.array(grouped), pa.array(spoilt[1])], ",")[0] == ","


@pytest.mark.parametrize("cells", ["1,234", "1,5"])
def test_commas_between_semicolons_are_decimal_signs(cells):
    rows = "".join(f"{i};{cells}\n" for i in range(30))
    assert read(("n;x\n" + rows).encode()).table["x"][0] < 2
