"""Rows that are there more than once: found, said, scored without, kept together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

import regcore
from regcore import Settings
from regcore.design import build_design
from regcore.questions.cards.repeats import fresh_scores, repeats_in_words
from regcore.words import figures, listed
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


def scores_by_hand(result, rows: pd.DataFrame, task: str) -> list[float]:
    """Of the three models on these rows, from what they predict."""
    predicted = result.predict(rows)
    if task == "number":
        return [r2_score(rows["y"], predicted[name]) for name in predicted]
    predicted = np.where(predicted > 0.5, "yes", "no")
    return list((predicted == rows[["y"]].to_numpy()).mean(axis=0))


@pytest.mark.parametrize(
    ("task", "what", "write"),
    [
        ("class", "accuracy", lambda score: f"{100 * score:.0f} %"),
        ("number", "R²", lambda score: figures(score, 2)),
    ],
)
def test_the_scores_without_repeats_are_those_of_the_other_rows(task, what, write):
    table = tripled(task=task).reset_index(drop=True)
    # Of some rows no other is a copy.
    table.loc[::3, "x0"] += np.arange(len(table.loc[::3]))
    result = regcore.compare(table, Settings("y", epochs=50))
    design = result.problem.design
    fresh = design.validation_rows[~design.repeated]
    right = scores_by_hand(result, table.iloc[fresh], task)
    every = scores_by_hand(result, table.iloc[design.validation_rows], task)
    np.testing.assert_allclose(fresh_scores(result).score, right)
    fresh_said, all_said = (listed([*map(write, one)]) for one in (right, every))
    assert fresh_said != all_said
    assert repeats_in_words(result) == (
        f"{design.notes[-1]} The models have trained on them. On the other "
        f"{len(fresh)} rows the {what} is {fresh_said} without a penalty, with L1 and "
        f"with L2, where it is {all_said} on all. Keep such rows on one side to judge "
        "by rows that did not train."
    )


def test_where_every_row_held_out_repeats_one_no_score_is_left():
    table = pd.concat([noise()] * 40)
    result = regcore.compare(table, Settings("y", epochs=5))
    assert result.problem.design.repeated.all()
    assert repeats_in_words(result) == (
        "600 of the 600 rows held out are copies of training rows, the same in every "
        "feature and the target. The models have trained on them; no other row is left "
        "to judge by. Keep such rows on one side to judge by rows that did not train."
    )


def test_under_a_split_by_hash_a_key_that_repeats_share_is_offered():
    table = pd.concat([noise()] * 40)
    result = regcore.compare(table, Settings("y", epochs=5, split="hash"))
    assert repeats_in_words(result).endswith(
        "left to judge by. Choose a key that such rows share to judge by rows that did "
        "not train."
    )


def test_repeats_are_told_beside_the_scores_from_more_than_a_fiftieth_on():
    for rows, count, told in ((200, 0, False), (200, 1, False), (200, 2, True)):
        assert bool(repeats_in_words(with_repeats(rows, count))) is told
    assert repeats_in_words(with_repeats(60, 1)).startswith(
        "1 of the 16 rows held out is a copy of training rows, the same in every "
        "feature and the target. The models have trained on it. On the other 15 rows "
        "the accuracy is "
    )


def with_repeats(rows: int, count: int) -> regcore.Comparison:
    """Of a table without repeats, as if some rows held out were ones."""
    result = regcore.compare(noise(rows=rows), Settings("y", epochs=5))
    design = result.problem.design
    repeated = np.arange(len(design.repeated)) < count
    design = replace(design, repeated=repeated)
    return replace(result, problem=replace(result.problem, design=design))


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
