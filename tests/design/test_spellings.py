"""Levels of a feature that differ in case or outer spaces only are one."""

import numpy as np
import pandas as pd

import regcore
from regcore import Settings
from regcore.design.columns import CategoryColumn, fit_category
from regcore.export.formula import formulas
from regcore.export.json import from_json
from regcore.export.python import specification

N = 120


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    kind = rng.choice(["Red", "red ", "RED", "blue", "Green  tea", "green tea"], N)
    x = rng.normal(size=N).round(2)
    return pd.DataFrame(
        {"kind": kind, "x": x, "y": (2 * x + (kind == "blue")).round(1)}
    )


def clean(shown: pd.DataFrame) -> pd.DataFrame:
    return shown.assign(kind=shown["kind"].str.split().str.join(" ").str.casefold())


def test_spellings_of_a_level_make_the_models_that_one_spelling_makes():
    dirty = regcore.compare(table(), Settings("y", epochs=20))
    tidy = regcore.compare(clean(table()), Settings("y", epochs=20))
    assert len(dirty.problem.design.features) == 4
    # The levels stand in another order.
    np.testing.assert_allclose(
        np.sort(dirty.coefficients, axis=0), np.sort(tidy.coefficients, axis=0)
    )
    np.testing.assert_allclose(dirty.predict(table()), tidy.predict(clean(table())))
    said = " ".join(dirty.problem.design.notes)
    assert "«kind»: levels that differ in case or outer spaces only were taken" in said
    assert "outer spaces" not in " ".join(tidy.problem.design.notes)


def test_the_most_frequent_spelling_is_the_level():
    column = pd.Series(["yes"] * 3 + ["Yes"] * 2 + ["no"] * 4, name="a", dtype="str")
    encoding, note = fit_category(column)
    assert encoding == CategoryColumn(
        "a", ("yes",), other=False, base="no", spellings=(("Yes", "yes"),)
    )
    assert note == (
        "levels that differ in case or outer spaces only were taken together: «Yes» as "
        "«yes»"
    )


def test_levels_that_are_merged_are_counted_together():
    cells = ["a"] * 5 + ["b", "B "] * 3 + [f"c{i}" for i in range(3)]
    encoding, _ = fit_category(pd.Series(cells, name="k", dtype="str"), most=2)
    assert encoding.levels == ("a", "b")


def test_numbers_and_truths_have_one_spelling():
    assert fit_category(pd.Series([1, 2, 3] * 4, name="a"))[0].spellings == ()
    assert fit_category(pd.Series([True, False] * 4, name="a"))[0].spellings == ()


def test_a_model_that_left_knows_the_spellings():
    result = regcore.compare(table(), Settings("y", epochs=20))
    model = from_json(result.to_json("L1"))
    np.testing.assert_array_equal(
        model.predict(table()).to_numpy().ravel(), result.predict(table())["L1"]
    )
    (formula,) = formulas(result.fitted("none"))
    (choice,) = [c for c in formula.choices if c.column == "kind"]
    levels = {level for group in choice.groups for level in group.levels}
    assert levels == set(table()["kind"])
    (column,) = [c for c in specification(model) if c["known"]]
    assert column["same"].keys() | {*column["known"]} == set(table()["kind"])
