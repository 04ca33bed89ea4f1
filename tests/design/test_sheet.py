"""What is known of a table whatever the settings, and that it is found once."""

import pandas as pd
import pytest

from regcore import DesignError, Settings, Sheet, Task, compare
from regcore.design import build_design, sheet
from regcore.settings import ColumnType, Totals
from tests.tables import table


def sums() -> pd.DataFrame:
    """Twelve rows of numbers and their sums below."""
    rows = pd.DataFrame(
        {
            "place": [f"p{i % 4}" for i in range(12)],
            "count": [5.0, 7, 3, 8, 2, 9, 4, 6, 5, 7, 3, 8],
            "price": [1.5, 2.5, 3.5, 1.0, 2.0, 3.0, 4.0, 5.0, 1.0, 2.0, 3.0, 4.5],
        }
    )
    below = rows.sum(numeric_only=True).to_frame().T.assign(place="Total")
    return pd.concat([rows, below], ignore_index=True)


def test_a_sheet_says_what_a_table_holds_without_any_settings():
    known = Sheet.of(sums())
    assert {name: guess.type for name, guess in known.types.items()} == {
        "place": ColumnType.CATEGORY,
        "count": ColumnType.NUMBER,
        "price": ColumnType.NUMBER,
    }
    assert known.totals == (12,)
    assert known.target == ("price", "its name says so")
    assert known.task("price")[0] is Task.REGRESSION
    assert known.task("place") == (
        Task.MULTICLASS,
        "it is no number and has 5 values",
    )


def test_its_table_has_rows_numbered_from_0_and_no_objects():
    frame = sums().astype({"count": "object"}).set_index(pd.Index(range(100, 113)))
    known = Sheet.of(frame).table
    assert known.index.tolist() == list(range(13))
    assert pd.api.types.is_numeric_dtype(known["count"])
    assert pd.api.types.is_string_dtype(known["place"])


def test_columns_of_one_name_are_refused_in_a_sentence():
    frame = pd.concat([sums(), sums()["count"]], axis=1)
    with pytest.raises(DesignError, match="Two columns are named «count»; rename one"):
        Sheet.of(frame)


def test_a_table_without_columns_has_no_target_and_says_so():
    with pytest.raises(DesignError, match=r"The table has no column; .+\."):
        _ = Sheet.of(pd.DataFrame()).target


@pytest.mark.parametrize("totals", Totals)
def test_the_design_takes_the_totals_from_the_sheet(totals):
    frame, settings = sums(), Settings("price", validation_share=0, totals=totals)
    design = build_design(frame, settings)
    assert len(design.rows) == 12 + (totals is Totals.KEEP)
    told = Sheet.of(frame)
    told = Sheet(told.table, told.types, totals=(0, 1))
    design = build_design(frame, settings, sheet=told)
    assert len(design.rows) == 11 + 2 * (totals is Totals.KEEP)


def test_what_was_looked_at_before_is_not_looked_at_again(monkeypatch):
    frame, settings = table(n=40, p=3), Settings("y", epochs=3)
    known, expected = Sheet.of(frame), compare(frame, settings)

    def again(*_):
        raise AssertionError("looked at twice")

    monkeypatch.setattr(sheet, "guess_types", again)
    monkeypatch.setattr(sheet, "totals_below", again)
    result = compare(frame, settings, sheet=known)
    pd.testing.assert_frame_equal(result.summary, expected.summary)
    with pytest.raises(AssertionError, match="looked at twice"):
        compare(frame, settings)


def test_a_target_and_its_task_are_proposed_once(monkeypatch):
    known = Sheet.of(sums())
    expected = known.target, known.task("count"), known.task("place")
    monkeypatch.delattr(sheet, "propose_target")
    monkeypatch.delattr(sheet, "propose_task")
    assert (known.target, known.task("count"), known.task("place")) == expected
