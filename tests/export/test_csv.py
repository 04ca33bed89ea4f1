import csv
import io

import pandas as pd
import pytest

from regcore.export import neutralise, to_csv

RISKY = [
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+1+cmd|'/C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1+2",
    "＠SUM(1)",
    " =1+1",
    "-",
]
HARMLESS = ["", "a=1", "1+1", "-1.5", "+3", "-2e-7", ".5", "12 %", "-3%", "mail@x.org"]


@pytest.mark.parametrize("cell", RISKY)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert neutralise(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*HARMLESS, -1.5, None, True])
def test_numbers_and_harmless_text_stay_as_they_are(cell):
    assert neutralise(cell) is cell


def test_cells_names_and_index_are_neutralised_and_read_back():
    frame = pd.DataFrame(
        {"=a": ["=1", "b, c"], "x": [-1.5, 2.0]},
        index=pd.Index(["@z", 'say "hi"'], name="+i"),
    )
    raw = to_csv(frame, index=True)
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows == [
        ["'+i", "'=a", "x"],
        ["'@z", "'=1", "-1.5"],
        ['say "hi"', "b, c", "2.0"],
    ]
    assert frame.columns.tolist() == ["=a", "x"]


def test_categories_equal_names_and_names_in_levels_are_written():
    frame = pd.DataFrame(
        [["=1", 1], ["b", 2]], columns=pd.MultiIndex.from_tuples([("L1", "a")] * 2)
    )
    frame.isetitem(0, frame.iloc[:, 0].astype("category"))
    lines = to_csv(frame).decode("utf-8-sig").splitlines()
    assert lines == ["L1 · a,L1 · a", "'=1,1", "b,2"]
