"""Columns of text to numbers, against numbers that were written out here."""

import random

import numpy as np
import pandas as pd
import pytest

from regcore.intake import notation, numbers, read, shapes
from regcore.intake.numbers import read_column


def spaced(number: float, mark: str) -> str:
    return f"{number:,.2f}".replace(",", mark)


def european(number: float) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


WRITTEN = {
    "plain": (".", lambda x: f"{x}"),
    "signed": (".", lambda x: f"{x:+}"),
    "power": (".", lambda x: f"{x:.6e}"),
    "blanks": (".", lambda x: f" {x}\t"),
    "dollars": (".", lambda x: f"{'-' * (x < 0)}${abs(x):,.2f}"),
    "in brackets": (".", lambda x: f"({-x:.2f})" if x < 0 else f"{x:.2f}"),
    "minus behind": (".", lambda x: f"{abs(x):.2f}" + "-" * (x < 0)),
    "true minus": (".", lambda x: f"{x:.2f}".replace("-", "−")),
    "percent": (".", lambda x: f"{x:.2f}%"),
    "unit": (".", lambda x: f"{x:.2f} kg"),
    "euro": (",", lambda x: european(x) + " €"),
    "comma": (",", lambda x: f"{x:.2f}".replace(".", ",")),
    "groups and comma": (",", european),
    "thin blanks": (".", lambda x: spaced(x, "\u2009")),
    "no-break blanks": (".", lambda x: spaced(x, "\u00a0")),
    "quotes": (".", lambda x: spaced(x, "’")),
    "wide": (
        ".",
        lambda x: f"{x:.2f}".translate(
            {ord(a): ord(a) + 0xFEE0 for a in "0123456789."}
        ),
    ),
}


@pytest.mark.parametrize("gap", [0, 7])
@pytest.mark.parametrize("kind", WRITTEN)
def test_a_column_of_numbers_is_read_whatever_their_notation(kind, gap):
    decimal, write = WRITTEN[kind]
    chance = random.Random(kind)
    wanted = [
        round(chance.choice([1, 10, 1e5]) * chance.gauss(), 2) for _ in range(500)
    ]
    cells = pd.Series([write(x) for x in wanted], dtype="str")
    if gap:
        cells[::gap] = "NA"
    found = read_column(cells, decimal)
    assert found.odd == 0
    assert found.why_text == ""
    expected = pd.Series(wanted)
    if gap:
        expected[::gap] = np.nan
    # A power keeps seven digits here.
    pd.testing.assert_series_equal(found.cells, expected, rtol=1e-6, check_names=False)


@pytest.mark.parametrize("write", ["{:d}", "{:d} kg", "+{:d}"])
def test_whole_numbers_keep_every_digit(write):
    wanted = [0, 1, 2**53 + 1, 2**62 + 3, 12]
    found = read_column(pd.Series([write.format(x) for x in wanted]), ".")
    assert found.cells.dtype == np.int64
    assert found.cells.tolist() == wanted


@pytest.mark.parametrize("cell", ["0x10", "1_000", "nan(1)", "0b1", "--1"])
def test_what_only_a_programmer_calls_a_number_is_none(cell):
    found = read_column(pd.Series([*map(str, range(30)), cell]), ".")
    assert found.odd == 1
    assert found.odd_cell == cell
    assert np.isnan(found.cells.iloc[-1])


@pytest.mark.parametrize("cell", ["1e400", "inf", "-Infinity", "nAn"])
def test_what_is_no_finite_number_is_missing_and_counted(cell):
    found = read_column(pd.Series([*map(str, range(30)), cell]), ".")
    assert found.odd_cell == cell
    assert found.odd_row == 30
    assert np.isnan(found.cells.iloc[-1])


def test_numbers_of_any_notation_are_looked_at_by_shape_not_by_cell(monkeypatch):
    seen = []

    def counted(cell):
        seen.append(cell)
        return notation.take_apart(cell)

    monkeypatch.setattr(shapes, "take_apart", counted)
    monkeypatch.setattr(numbers, "take_apart", counted)
    chance = random.Random(0)
    rows = [
        [f"{i:05d}", *(f"{chance.gauss():.6f}".replace(".", ",") for _ in range(9))]
        for i in range(5_000)
    ]
    text = "\n".join(map(";".join, [[*"zabcdefghi"], *rows]))
    table = read(text.encode()).table
    assert table["z"].iloc[7] == "00007"
    assert table["a"].dtype == np.float64
    assert len(seen) < 1_500, "50,000 cells"


def test_one_column_of_codes_leaves_the_others_as_they_are():
    rows = [f"{i:05d},{i / 8},{i}" for i in range(4_000)]
    with_codes = read("\n".join(["zip,x,n", *rows]).encode()).table
    without = read("\n".join(["zip,x,n", *(f"9{r}" for r in rows)]).encode()).table
    pd.testing.assert_frame_equal(with_codes[["x", "n"]], without[["x", "n"]])
    assert with_codes["zip"].tolist() == [f"{i:05d}" for i in range(4_000)]
