"""Points and commas that part thousands, or do not."""

import pytest

from regcore.intake import Reading, read

N = 60


def read_cells(cells: list[str], sep: str = ";", reading=None, other: str = "x"):
    rows = "".join(f"{cells[i % len(cells)]}{sep}{other}\n" for i in range(N))
    done = read(f"n{sep}k\n{rows}".encode(), "", reading)
    return done.table["n"], done


@pytest.mark.parametrize(
    "cells",
    [
        ["1.440", "810"],
        ["1.783", "535", "2.041"],
        ["-1.440", "+810", "0", "12.500"],
        ["1.440", "810", "NA", ""],
        ["1.440 €", "810 €"],
        ["1.206", "1.206-", "280"],
    ],
)
def test_a_mark_with_three_digits_beside_bare_numbers_parts_thousands(cells):
    numbers, done = read_cells(cells)
    first = cells[0].removesuffix(" €")
    assert numbers.iloc[0] == float(first.replace(".", ""))
    assert "Thousands separators were left out" in " ".join(done.notes)
    undone, _ = read_cells(cells, ";", done.repairs[0].reading)
    assert undone.iloc[0] == float(first)


@pytest.mark.parametrize("cells", [["24.700", "29.500"], ["24.713"]])
def test_a_mark_with_three_digits_in_every_cell_is_asked_about(cells):
    numbers, done = read_cells(cells)
    assert numbers.iloc[0] == float(cells[0])
    (repair,) = done.repairs
    assert done.notes == (repair.note,)
    assert repair.note == (
        f"The point in column «n», such as in «{cells[0]}», is a decimal sign, as a "
        "guess; it may part thousands."
    )
    other, again = read_cells(cells, ";", repair.reading)
    assert other.iloc[0] == float(cells[0].replace(".", ""))
    assert again.repairs == ()


@pytest.mark.parametrize(
    "cells",
    [
        ["1.440", "0.810"],
        ["1.440", "1.5"],
        ["1.440", "2000"],
        ["24.700", "1234.500"],
        ["1440", "810"],
    ],
)
def test_where_some_cell_decides_the_point_is_a_decimal_sign_without_a_word(cells):
    numbers, done = read_cells(cells)
    assert numbers.iloc[0] == float(cells[0])
    assert done.notes == ()


def test_signs_and_units_around_a_number_leave_the_question_as_it_is():
    for cell in ("(24.700)", "24.700-", "€24.700", "24.700 kg"):
        _, done = read_cells([cell])
        assert f"such as in «{cell}», is a decimal sign, as a guess" in done.notes[-1]


def test_what_other_columns_show_is_the_sign_of_all():
    numbers, done = read_cells(["24.700"], other="0.5")
    assert numbers.iloc[0] == 24.7
    assert done.notes == ()
    numbers, done = read_cells(["24.700"], other="0,5")
    assert numbers.iloc[0] == 24_700


def test_against_other_columns_a_column_is_asked_about():
    numbers, done = read_cells(["1.440", "810"], other="0.5")
    assert numbers.iloc[0] == 1.44
    assert [repair.note for repair in done.repairs] == [*done.notes]


@pytest.mark.parametrize("cells", [["0,520", "0,713"], ["0,520", "1,713"]])
def test_nothing_is_grouped_after_a_lone_zero(cells):
    quoted = [f'"{cell}"' for cell in cells]
    numbers, _ = read_cells(quoted, ",")
    assert numbers.iloc[0] == 0.52


def test_a_comma_that_parts_thousands_can_be_made_a_decimal_sign():
    numbers, done = read_cells(['"1,440"'], ",")
    assert numbers.iloc[0] == 1440
    (repair,) = done.repairs
    assert repair.label == "Let the comma in «n» be a decimal sign"
    assert repair.note not in done.notes
    assert read_cells(['"1,440"'], ",", repair.reading)[0].iloc[0] == 1.44


def test_the_sign_that_the_user_says_is_not_doubted():
    numbers, done = read_cells(["24.700"], reading=Reading(decimal="."))
    assert (numbers.iloc[0], done.notes) == (24.7, ())


def test_months_with_a_point_are_no_numbers_and_say_nothing_of_others():
    months = [f"{month:02}.2024" for month in range(1, 13)]
    for prices in (["1,500", "2,250"], ["3,5"]):
        cells, done = read_cells(months, other=prices[0])
        assert cells.tolist() == (months * N)[:N]
        assert done.table["k"].iloc[0] == float(prices[0].replace(",", "."))
    numbers, _ = read_cells(["03.2024", "03.20245", "11.2024"])
    assert numbers.iloc[0] == 3.2024
    assert read_cells(["13.2024", "03.2024"])[0].iloc[1] == 3.2024
