"""Sparsity is counted in weights and in columns of the file."""

import numpy as np
import pandas as pd
import pytest

from regcore.questions.cards.heads import weights_in_words
from tests.design.test_copies import telco
from tests.tables import PENALTIES, table, train, train_to_the_end


@pytest.mark.parametrize("lam", [1.0, 8.0, 30.0, 1e4])
def test_columns_are_those_whose_cells_are_needed_to_predict(lam):
    data = telco()
    result = train_to_the_end(data, lam=lam)
    summary = result.summary
    assert (summary["all_columns"] == len(data.columns) - 1).all()
    for name in PENALTIES:
        needed = 0
        for column in data.columns[:-1]:
            shuffled = data.assign(**{column: np.roll(data[column], 7)})
            moved = result.predict(shuffled)[name] - result.predict(data)[name]
            needed += bool(moved.abs().max() > 0)
        assert summary.loc[name, "columns"] == needed
        words = weights_in_words(result, name, None)
        assert words == f"from {needed or 'none'} of 11 columns"
    # «weeks», «left» and «billed» are copies of columns before them.
    assert summary.loc["none", "columns"] == 8


def test_where_each_weight_is_of_a_column_there_is_no_more_to_say():
    result = train(table(), lam=3.0)
    assert {weights_in_words(result, name, None) for name in PENALTIES} == {""}


def test_of_several_classes_the_one_that_is_drawn_is_counted_apart():
    data = table("multiclass", n=90, p=6).assign(
        kind=np.tile(["a", "b", "c"], 30), far=lambda t: -t["x0"]
    )
    result = train(data, lam=6.0, epochs=3_000)
    weights = result.coefficients.reset_index().pivot_table(
        values="L1", index="feature", columns="class"
    )
    assert weights.shape == (9, 3)
    columns = {
        name.split(" = ")[0].split(", and")[0]
        for name in weights.index[(weights != 0).any(axis=1)]
    }
    for output in ("ash", "birch", "cedar"):
        own = int((weights[output] != 0).sum())
        assert 0 < own < 9
        assert weights_in_words(result, "L1", output) == (
            f"{own} of 9 for «{output}»; all 3 classes from {len(columns)} of 8 columns"
        )
    empty = train(data, lam=1e5)
    assert weights_in_words(empty, "L1", "ash") == (
        "none of 9 for «ash»; all 3 classes from none of 8 columns"
    )


def test_one_column_is_told_in_the_singular():
    data = pd.DataFrame({"kind": np.tile(["a", "b", "c"], 20)})
    data["y"] = np.random.default_rng(0).normal(size=60) + (data["kind"] == "a")
    result = train(data, lam=1e-3)
    assert weights_in_words(result, "none", None) == "from 1 of 1 column"
