"""Totals below the data are not trained on, and nothing else is taken for one."""

import numpy as np
import pandas as pd
import pytest

from regcore import Settings, compare, read
from regcore.design.totals import totals_below
from tests.visits import Visit

N = 60


def sales() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    size, visitors = rng.uniform(50, 400, N).round(1), rng.integers(10, 900, N)
    revenue = (3 * size + 2 * visitors + rng.normal(0, 90, N)).round(2)
    region = rng.choice(["north", "south"], N)
    return pd.DataFrame(
        {"region": region, "size": size, "visitors": visitors, "revenue": revenue}
    )


def file_of(below: str) -> bytes:
    return (sales().to_csv(index=False) + below).encode()


@pytest.mark.parametrize(
    "below",
    [
        "Total,,,99999.5\n",
        "Total,13000.2,30000,99999.5\n",
        "Summe,,30000,99999.5\nSource: the till,,,\n",
    ],
)
def test_a_total_weighs_nothing(below):
    table, settings = read(file_of(below)).table, Settings("revenue")
    alone = read(file_of("")).table
    assert len(table) > N
    result, expected = compare(table, settings), compare(alone, settings)
    pd.testing.assert_frame_equal(result.coefficients, expected.coefficients)
    (note,) = [note for note in result.problem.design.dropped if "total" in note]
    assert note == f"1 row left out as a total (row {N + 1})."


def test_a_row_of_sums_needs_no_name():
    table = sales()
    table.insert(0, "year", np.arange(1960, 1960 + N, dtype=float))
    table.loc[N] = [np.nan, None, *table[["size", "visitors", "revenue"]].sum()]
    assert totals_below(table).tolist() == [N]
    table.loc[N, ["size", "revenue"]] *= 1.1
    assert not len(totals_below(table))


@pytest.mark.parametrize("rows", [8, 9, 10, 12, 15, 20, 30])
def test_a_count_that_is_by_chance_the_sum_of_a_few_is_data(rows):
    for seed in range(300):
        rng = np.random.default_rng(seed)
        counts, halves = rng.poisson(1.5, rows), rng.integers(0, 9, rows) / 2
        for cells in (counts.astype(float), halves):
            table = pd.DataFrame({"n": cells, "y": rng.standard_normal(rows)})
            assert not len(totals_below(table))


@pytest.mark.parametrize("rows", [3, 5, 8, 12])
def test_the_sums_of_a_short_table_need_no_name(rows):
    table = sales().head(rows)
    table.loc[rows] = [None, *table[["size", "visitors", "revenue"]].sum()]
    assert totals_below(table).tolist() == [rows]


def test_one_flag_is_not_the_sum_of_another():
    table = pd.DataFrame(
        {"flag": [0, 0, 1] + [0] * 18 + [1], "kind": list("abc") * 7 + ["a"]}
    )
    assert not len(totals_below(table))


@pytest.mark.parametrize(
    "cells",
    [
        [1e308] * 20,
        [np.inf, -np.inf] * 10,
        [pd.NA, 1] * 10,
        [True, False] * 10,
        [1j] * 20,
        [10**400] * 20,
    ],
    ids=["huge", "infinite", "missing", "true", "complex", "long"],
)
def test_numbers_of_any_kind_can_be_looked_at(cells):
    column = pd.Series(cells, dtype="Int64" if cells[0] is pd.NA else None)
    table = pd.DataFrame({"kind": ["a", "Total"] * 10, "n": column})
    assert not len(totals_below(table))


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_short_tables_have_no_totals(rows):
    assert not len(totals_below(sales().head(rows)))


def test_a_total_can_be_kept():
    table = read(file_of("Total,,,99999.5\n")).table
    result = compare(table, Settings("revenue", totals="keep"))
    rows = result.problem.design
    assert N in {*rows.rows, *rows.validation_rows}


@pytest.mark.parametrize(
    "below",
    [
        "Total Recall,100,200,700\n",
        "north,,,99999.5\n",
        "south,1000,2000,99999.5\n",
    ],
    ids=["a name", "no word", "a large row"],
)
def test_a_row_that_sums_up_nothing_is_data(below):
    assert not len(totals_below(read(file_of(below)).table))


def test_a_total_that_is_one_level_of_many_is_data():
    table = sales()
    table.loc[::5, "region"] = "Total"
    table.loc[N - 1] = ["Total", 13000.0, 30000, 99999.5]
    assert not len(totals_below(table))


def test_several_totals_are_found_whatever_the_index():
    table = sales().set_index(np.arange(N) % 7)
    more = pd.DataFrame(
        {
            "region": ["Subtotal", "Total"],
            "size": [5000.0, 9000.0],
            "revenue": [5e5, 9e5],
        }
    )
    assert totals_below(pd.concat([table, more])).tolist() == [N, N + 1]


def test_the_page_says_that_a_total_was_left_out_and_takes_it_back():
    visit = Visit().upload(file_of("Total,,,99999.5\n"))
    visit.set("target", "revenue")
    assert len(visit.comparison.problem.design.rows) == 45
    visit.set("totals", False)
    assert len(visit.comparison.problem.design.rows) == 46
    assert visit.usable()
    visit.upload(file_of(""), "other.csv")
    assert not any(control.key.startswith("totals") for control in visit.controls())
