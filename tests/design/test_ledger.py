import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings
from regcore.design import build_design
from regcore.design.preparation import MOST_COLUMNS
from regcore.export import to_csv

N = 60
RNG = np.random.default_rng(0)


def mixed():
    """Return a table with a column of every type, the last quarter to hold out."""
    table = pd.DataFrame(
        {
            "id": range(1, N + 1),
            "size": RNG.standard_normal(N),
            "colour": RNG.choice(["red", "green", "blue"], N),
            "town": [f"town {i % 28:02}" for i in range(N)],
            "day": pd.date_range("2024", periods=N).astype(str),
            "flat": [1] * 45 + [2] * 15,
            "y": RNG.standard_normal(N),
        }
    )
    table.loc[[0, 1, 50], "size"] = np.nan
    table.loc[[2, 51], "day"] = None
    return table


def ledger(table, **chosen):
    design = build_design(table, Settings("y", split="order", **chosen))
    return design, design.ledger_table.set_index("column")


def test_every_column_has_a_line_with_figures_of_the_training_rows():
    table = mixed()
    design, ours = ledger(table)
    assert ours.index.tolist() == list(table.columns)
    median = table["size"].iloc[:45].median()
    assert ours.loc["size", ["filled", "filled with"]].tolist() == [2, f"{median:g}"]
    assert ours.loc["day", ["filled", "filled with"]].tolist() == [1, "2024-01-23"]
    assert ours.loc["town", "merged levels"] == 8
    assert ours["role"].to_dict() == {
        "id": "left out",
        "size": "feature",
        "colour": "feature",
        "town": "feature",
        "day": "feature",
        "flat": "left out",
        "y": "target",
    }
    assert ours.loc["flat", ["type", "why"]].tolist() == [
        "constant",
        "1 in every training row",
    ]
    assert ours.loc["id", "what was done"].startswith("left out: it numbers the rows")
    assert ours["design columns"].sum() == design.X.shape[1]
    assert ours.loc["size", "names of the design columns"] == "size, size is missing"


def test_rows_held_out_change_no_figure():
    table = mixed()
    before, lines = ledger(table)
    table.loc[45:, "size"] *= 1000
    table.loc[45:, "colour"] = "violet"
    table.loc[45:, "day"] = "1999-01-01"
    table.loc[45:, "flat"] = 7
    after, other = ledger(table)
    np.testing.assert_array_equal(before.X, after.X)
    assert before.encodings == after.encodings
    pd.testing.assert_frame_equal(lines, other)


def test_the_ledger_is_exported_with_its_cells_neutralised():
    table = mixed().rename(columns={"size": "=size", "town": "@town"})
    design = build_design(table, Settings("y"))
    lines = to_csv(design.ledger_table).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + table.shape[1]
    assert [line.split(",")[0] for line in lines[1:]] == [
        "id",
        "'=size",
        "colour",
        "'@town",
        "day",
        "flat",
        "y",
    ]


def test_levels_are_capped_more_tightly_where_columns_would_be_too_many():
    rows = 240
    table = pd.DataFrame(
        {f"c{j}": [f"l{i}" for i in RNG.integers(30, size=rows)] for j in range(210)}
    )
    table["y"] = RNG.standard_normal(rows)
    design = build_design(table, Settings("y"))
    assert 1000 < design.X.shape[1] <= MOST_COLUMNS
    (note,) = design.dropped
    assert f"the limit is {MOST_COLUMNS:,}" in note
    assert "most frequent levels at most." in note
    assert "taken together as (other)" in design.ledger[0].note


def test_too_many_columns_are_refused_with_the_limit():
    many = MOST_COLUMNS + 1
    table = pd.DataFrame(
        RNG.standard_normal((10, many)), columns=[f"x{j}" for j in range(many)]
    )
    table["y"] = RNG.standard_normal(10)
    with pytest.raises(DesignError, match=r"make 2,001 columns and the limit .* 2,000"):
        build_design(table, Settings("y"))
    few = Settings("y", features=["x1", "x2"])
    assert build_design(table, few).X.shape[1] == 2


def test_dates_become_days_or_parts():
    table = mixed()
    names = {
        how: ledger(table, dates=how)[0].ledger[4].features for how in ("days", "parts")
    }
    assert names["days"] == ("day", "day is missing")
    parts = ("day: month", "day: day", "day: weekday", "day is missing")
    assert names["parts"] == parts
