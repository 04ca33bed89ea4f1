"""Rows that are there more than once: found, said, scored without, kept together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import Settings
from regcore.design import build_design
from regcore.questions.cards.repeats import fresh_scores, repeats_in_words
from tests.visits import Visit, csv_of


def noise(seed: int = 0, rows: int = 60, task: str = "class") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(rows, 4)).round(3)).add_prefix("x")
    table["kind"] = rng.choice(["a", "b", None], rows)
    table["when"] = pd.Series(rng.integers(0, 900, rows)).map(
        lambda day: str(np.datetime64("2020-01-01") + day)
    )
    y = rng.normal(size=rows).round(2)
    table["y"] = y if task == "number" else np.where(y > 0, "yes", "no")
    return table


def tripled(**kinds) -> pd.DataFrame:
    return pd.concat([noise(**kinds)] * 3).sample(frac=1, random_state=1)


def written(table: pd.DataFrame) -> np.ndarray:
    """Each row as one text."""
    return np.array(["|".join(map(str, row)) for row in table.to_numpy().tolist()])


def by_hand(design, table: pd.DataFrame) -> np.ndarray:
    """Which rows held out are among the training rows, compared cell by cell."""
    rows = written(table)
    return np.isin(rows[design.validation_rows], rows[design.rows])


@pytest.mark.parametrize("task", ["class", "number"])
def test_rows_held_out_that_were_trained_on_are_counted_and_said(task):
    table = tripled(task=task)
    table.iloc[0, 0] += 0.5
    design = build_design(table, Settings("y"))
    np.testing.assert_array_equal(design.repeated, by_hand(design, table))
    count = int(design.repeated.sum())
    assert 30 < count < 45
    assert design.notes[-1] == (
        f"{count} of the {len(design.repeated)} rows held out are copies of training "
        "rows, the same in every feature and the target."
    )


def test_the_score_without_repeats_is_that_of_the_other_rows():
    table = tripled()
    result = regcore.compare(table, Settings("y", epochs=50))
    design = result.problem.design
    fresh = design.validation_rows[~design.repeated]
    rows = table.reset_index(drop=True).iloc[fresh]
    predicted = np.where(result.predict(rows) > 0.5, "yes", "no")
    right = (predicted == rows[["y"]].to_numpy()).mean(axis=0)
    np.testing.assert_allclose(fresh_scores(result).score, right)
    said = repeats_in_words(result)
    assert f"On the other {len(fresh)} row" in said
    assert "Keep such rows on one side" in said


def test_where_every_row_held_out_repeats_one_no_score_is_left():
    table = pd.concat([noise()] * 40)
    result = regcore.compare(table, Settings("y", epochs=5))
    assert result.problem.design.repeated.all()
    assert "no other row is left to judge by" in repeats_in_words(result)


@pytest.mark.parametrize(
    "table",
    [
        noise(),
        noise()[["kind", "y"]],
        pd.DataFrame(
            {"a": [1, 2] * 40, "b": [1, 1, 2, 2] * 20, "y": [0, 1, 1] * 26 + [0, 1]}
        ),
    ],
)
def test_rows_that_are_no_copies_or_are_equal_by_chance_are_not_said(table):
    result = regcore.compare(table, Settings("y", epochs=5))
    assert not result.problem.design.repeated.any()
    assert repeats_in_words(result) == ""
    assert "of training rows" not in " ".join(result.problem.design.notes)


@pytest.mark.parametrize("locked", [0.0, 0.2])
@pytest.mark.parametrize("task", ["class", "number"])
@pytest.mark.parametrize("split", ["random", "order", "groups"])
def test_kept_together_no_row_is_on_two_sides(split, task, locked):
    table = tripled(task=task)
    settings = Settings("y", split=split, group="shop", test_share=locked)
    if split == "groups":
        table["shop"] = np.arange(len(table)) // 9
    design = build_design(table, replace(settings, repeats="together"))
    rows = written(table.drop(columns="shop", errors="ignore"))
    sides = [design.rows, design.validation_rows, design.test_rows]
    seen = [set(rows[side]) for side in sides]
    assert sum(map(len, seen)) == len(set.union(*seen))
    assert sum(map(len, sides)) == len(table)
    assert not design.repeated.any()
    if split == "random":
        assert 40 < len(design.validation_rows) < 50
        assert design.groups is not None


def test_one_click_on_the_page_keeps_them_on_one_side():
    visit = Visit().upload(csv_of(tripled()))
    assert visit.comparison.problem.design.repeated.any()
    assert any("of training rows" in box.value for box in visit.at.warning)
    visit.at.button(key="together").click().run()
    assert visit.usable()
    assert not visit.comparison.problem.design.repeated.any()
    assert not [b for b in visit.at.button if b.key == "together"]
