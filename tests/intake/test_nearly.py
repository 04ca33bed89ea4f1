"""Columns of text that are nearly numbers: how a cell is read, and what is said."""

import numpy as np
import pandas as pd
import pytest

from regcore.intake import read
from regcore.intake.nearly import look, take_numbers
from regcore.intake.notation import take_apart
from regcore.intake.numbers import read_column

N = 80


def file_of(cells: list[str]) -> bytes:
    """A file with these cells, over and over, and a column beside them."""
    rows = "".join(f'"{cells[i % len(cells)]}",{i % 7}\n' for i in range(N))
    return ("price,y\n" + rows).encode()


def notes(cells: list[str]) -> list[str]:
    return list(read(file_of(cells)).notes)


def numbers() -> list[str]:
    return [f"{i}.5" for i in range(N)]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12.5*", 12.5),
        ("12.5¹", 12.5),
        ("7 [u]", 7),
        ("5 (a)", 5),
        ("5 %*", 5),
        ("<0.05", 0.05),
        ("≥ 5", 5),
        ("85+", 85),
        ("10+ years", 10),
        ("–3.7", -3.7),
        ("−3.7", -3.7),
        ("﹣3.7", -3.7),
        ("(5.00)", -5),
        ("-USD 1,850.00", -1850),
        ("₦7,800", 7800),
        ("AED 7,800", 7800),
        ("₺1,000", 1000),
        ("CA$5", 5),
        ("12.3 b", 12.3),
        ("3500元/月", 3500),
        ("41℃", 41),
        ("１２．５", 12.5),
        ("٧٬٨٠٠٫٥٠", 7800.5),
        ("१२.५", 12.5),
        ("€1.6M", 1.6),
        ("1e5", 1e5),
    ],
)
def test_a_number_is_taken_out_of_whatever_is_written_around_it(cell, number):
    assert take_numbers(pd.Series([cell])).values.tolist() == [number]


@pytest.mark.parametrize(
    "cell",
    [
        *("1-2", "2024-01-02", "12:30", "126/83", "A12", "12A", "NGC 4321", "-+5"),
        *("1. White", "2, Black", "12 Main Street", "m2", "x", "*", "", "$5 to $7"),
    ],
)
def test_a_code_or_a_cell_with_two_numbers_or_a_label_is_no_number(cell):
    assert take_apart(cell) is None


@pytest.mark.parametrize("cell", ["0,520", "00,520", "1.2.3.4", "01.02.2024"])
def test_no_number_is_grouped_after_a_lone_zero_or_in_other_lengths(cell):
    assert not take_apart(cell).fits(".")


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_comma_after_a_lone_zero_is_the_decimal_sign_of_its_column(decimal):
    cells = pd.Series([f"0,{i}" for i in range(500, 500 + N)])
    assert read_column(cells, decimal).cells.max() == 0.579


def test_a_cell_that_no_decimal_sign_fits_is_missing_and_counted():
    cells = pd.Series([*(f"{i},000.5" for i in range(1, N)), "0,520.5"])
    found = read_column(cells, ".")
    assert (found.odd, found.odd_cell) == (1, "0,520.5")
    assert found.cells.max() == 79_000.5


TAIL = "It was read as text; choose the type «number» to read it as numbers."


def test_a_column_of_which_at_least_half_is_numbers_is_said_to_look_so():
    assert notes([*["2.5", "3.5"] * 2, "ask", "sold", "p.m.", "ask"]) == [
        "«price» looks like numbers: 40 of 80 cells are; the others are such as "
        f"«ask», «sold» and «p.m.». {TAIL}"
    ]


def test_a_column_of_which_less_than_half_is_numbers_is_text_without_a_word():
    assert notes([*["2.5", "3.5"] * 2, "ask", "sold", "p.m.", "ask", "x y"]) == []


def test_one_other_cell_is_named_alone():
    cells = pd.Series(["1", "2", "3", "4", "5", "6", "7", "ask\n me"])
    assert look(cells).in_words("price") == (
        "«price» looks like numbers: 7 of 8 cells are; the other is «ask me». " + TAIL
    )


def test_where_all_cells_are_numbers_the_notations_are_named():
    cells = ["7800.000", "9.400,000", "7000.000", "6.400,000"]
    assert notes(cells)[-1] == (
        "«price» looks like numbers: all 80 cells are, in notations such as "
        f"«7800.000», «9.400,000» and «7000.000». {TAIL}"
    )


@pytest.mark.parametrize(
    "cells",
    [
        ["<=50K", ">50K"],
        ["A1", "A2", "A3"],
        ["1. White", "2. Black", "3. Other"],
        ["red", "green", "7"],
        ["1 cup", "2 tbsp", "3 oz", "4 fl"],
        ["001", "002", "V03"],
        ["+4912345678", "+4912345679", "none of both"],
        ["1234567890123456789", "1234567890123456788", "ask"],
        ["0-9", "10-19", "85+"],
    ],
)
def test_levels_codes_and_bounds_do_not_look_like_numbers(cells):
    assert look(pd.Series(cells * 8)) is None


def test_a_few_cells_look_like_nothing():
    assert look(pd.Series(["1", "2", "ask"])) is None
    assert look(pd.Series(["1", "2", "ask"] * 3)) is not None


@pytest.mark.parametrize(
    ("odd", "missing", "sentence"),
    [
        (
            "Not Available",
            4,
            "4 cells of column «price» are no number (first: «Not Available», line 3) "
            "and became missing.",
        ),
        (
            "<0.05",
            0,
            "4 cells of column «price» are bounds such as «<0.05» and became the "
            "number in them.",
        ),
        (
            "12.5*",
            0,
            "Marks beside numbers were left out in column «price» (such as «12.5*»).",
        ),
        (
            "1.5K",
            0,
            "Letters after numbers were taken as thousands or millions or signs in "
            "column «price» (such as «1.5K»).",
        ),
        ("12.5 kg", 0, "The unit «kg» was left out in column «price»."),
    ],
)
def test_what_stands_beside_numbers_in_a_few_cells_is_said(odd, missing, sentence):
    done = read(file_of([odd if i % 20 == 1 else f"{i}.25" for i in range(N)]))
    assert done.table["price"].dtype == "float64"
    assert done.table["price"].isna().sum() == missing
    assert done.notes == (sentence,)


def test_one_bound_is_one_bound():
    cells = [*numbers()[:-1], "85+"]
    assert notes(cells) == [
        "1 cell of column «price» is a bound such as «85+» and became the number in it."
    ]


def test_cells_written_as_formulas_are_what_is_in_their_quotes():
    rows = "".join(f'="0{i:02d}",="{i}.5",{i}\n' for i in range(N))
    done = read(("code,val,y\n" + rows).encode())
    assert done.table["code"][1] == "001"
    assert done.table["val"][1] == 1.5
    assert done.notes[0] == (
        "Cells written as formulas were taken as what is in their quotes in 2 columns "
        '«code» and «val» (such as «="000"»).'
    )


def test_a_word_that_comes_again_is_missing_only_among_many_different_numbers():
    many = [f"{i}.5" if i % 6 else "**" for i in range(N)]
    assert read(file_of(many)).table["price"].dtype == "float64"
    few = [f"{i % 5}" if i % 6 else "**" for i in range(N)]
    assert read(file_of(few)).table["price"].dtype == "str"
    words = [f"{i}.5" if i % 2 else "abcdef"[i % 6] for i in range(N)]
    assert read(file_of(words)).table["price"].dtype == "str"


def test_bounds_in_most_cells_leave_the_column_as_it_is():
    assert read(file_of(["<=50", ">50", "60"])).table["price"].dtype == "str"


def test_letters_count_only_where_they_tell_numbers_apart():
    alike = read(file_of(["€1.5M", "€2.5M"]))
    assert alike.table["price"].max() == 2.5
    apart = read(file_of(["€1.5M", "€250K"]))
    assert sorted(set(apart.table["price"])) == [250_000, 1_500_000]


def test_all_that_can_be_is_taken_and_the_rest_is_counted():
    cells = ["1.5", "<2", "3,5", "ask", "ask", "", " ", "NA", "-", None, "€4K", "5M"]
    taken = take_numbers(pd.Series(cells, dtype="str"))
    gap = [np.nan] * 7
    np.testing.assert_array_equal(taken.values, [1.5, 2, 3.5, *gap, 4e3, 5e6])
    assert (taken.other, taken.others) == (4, ("ask", "NA", "-"))
    assert (taken.marked, taken.marks) == (3, ("<2", "€4K", "5M"))


def test_another_table_is_read_as_the_first_was():
    cells = pd.Series(["1.234", "2K"])
    assert take_numbers(cells, ",", scaled=False).values.tolist() == [1234, 2]
    assert take_numbers(cells, ".", scaled=True).values.tolist() == [1.234, 2000]


@pytest.mark.parametrize(
    ("cells", "certain"),
    [
        (["1.234", "2.500"], False),
        (["1.234", "2.5"], True),
        (["1234", "25"], True),
        (["1.234", "2,500"], False),
    ],
)
def test_the_decimal_sign_is_open_where_every_number_fits_both(cells, certain):
    assert take_numbers(pd.Series(cells)).certain is certain
