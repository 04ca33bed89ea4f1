"""Whether L1 has many optima: moved along, they cost the same; else none is near."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from regcore.questions.cards.distance import MANY, MANY_OF_L1, distance
from tests.tables import table, train


def levels(counts, effects, lam=2.0, seed=0):
    """A category whose levels have so many rows and such means, and a number."""
    rng = np.random.default_rng(seed)
    names = np.repeat(list("abcde")[: len(counts)], counts)
    x = rng.standard_normal(len(names))
    y = np.repeat(effects, counts) + x + 0.1 * rng.standard_normal(len(names))
    frame = pd.DataFrame({"g": names, "x": x, "y": y})
    return train(frame, lam=lam, validation_share=0.0, epochs=5000)


def objective(result, W):
    """Of L1 at W, with the best bias, by hand."""
    design, model = result.problem.design, result["L1"]
    rest = design.Y[:, 0] - design.X @ W[:, 0]
    return ((rest - rest.mean()) ** 2).mean() / 2 + model.penalty.l1 * np.abs(W).sum()


def moved_by(result, step):
    """The least it costs to move the weights of all levels together."""
    best, levels = result["L1"].optimum.W, np.array([[1.0]] * 4 + [[0.0]])
    return min(objective(result, best + way * levels) for way in (step, -step))


def test_levels_of_equal_size_with_two_high_and_two_low_have_many_optima():
    result = levels([10, 10, 10, 10], [2.0, 1.0, -1.0, -2.0])
    assert result.l1_has_many_optima
    best = result["L1"].optimum.W
    assert objective(result, best) == pytest.approx(result["L1"].optimum.objective)
    assert moved_by(result, 1e-3) == pytest.approx(objective(result, best), abs=1e-12)
    assert distance(result, "L1").endswith(f" {MANY_OF_L1}")
    assert distance(result, "L1").count("many optima") == 1
    assert distance(result, "none").endswith(MANY)
    assert "many" not in distance(result, "L2")


@pytest.mark.parametrize(
    ("counts", "effects"),
    [
        ([10, 10, 10, 10], [2.0, -1.0, -1.2, -2.0]),
        ([12, 9, 11, 8], [2.0, 1.0, -1.0, -2.0]),
        ([10, 10, 10], [2.0, 1.0, -2.0]),
    ],
)
def test_levels_whose_slopes_cannot_all_reach_the_threshold_have_one(counts, effects):
    result = levels(counts, effects)
    assert not result.l1_has_many_optima
    if len(counts) == 4:
        assert moved_by(result, 1e-3) > result["L1"].optimum.objective + 1e-6
    assert "many" not in distance(result, "L1")
    assert distance(result, "none").endswith(MANY)


def many_by_linear_programming(result):
    """Whether weights can move at no cost, from the optimum's rows alone."""
    design, best, lam = (
        result.problem.design,
        result["L1"].optimum,
        result.settings.lam,
    )
    W, X = best.W[:, 0], design.X - design.X.mean(axis=0)
    slopes = X.T @ (design.Y[:, 0] - design.X @ W - best.b[0, 0])
    held = np.flatnonzero((W != 0) | (np.abs(slopes) > lam * (1 - 1e-6)))
    kept = np.flatnonzero(W)
    if len(kept) and np.linalg.matrix_rank(X[:, kept], tol=1e-6) < len(kept):
        return True
    if not len(held):
        return False
    signs, at_zero = np.sign(slopes[held]), W[held] == 0
    moved = linprog(
        -signs * at_zero,
        A_eq=X[:, held],
        b_eq=np.zeros(len(X)),
        bounds=[
            (min(sign, 0), max(sign, 0)) if zero else (-1, 1)
            for sign, zero in zip(signs, at_zero, strict=True)
        ],
    )
    return -moved.fun > 1e-6


def test_many_optima_are_found_where_linear_programming_finds_them():
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"x": rng.standard_normal(24)})
        y = 0.3 * rng.standard_normal(24)
        for name in ("g", "h"):
            codes = rng.permutation(np.arange(24) % rng.choice([2, 3, 4]))
            y += rng.choice([-2.0, -1.0, 1.0, 2.0], 4)[codes]
            frame[name] = np.array(list("abcd"))[codes]
        result = train(frame.assign(y=y), lam=1.0, validation_share=0.0, epochs=1)
        found.append(result.l1_has_many_optima)
        assert found[-1] == many_by_linear_programming(result)
    assert 5 < sum(found) < 15


def test_more_features_than_rows_have_one_where_their_numbers_are_by_chance():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.standard_normal((30, 60)))
    frame.columns = [f"x{j}" for j in range(60)]
    frame["y"] = frame["x0"] + rng.standard_normal(30)
    result = train(frame, lam=2.0, validation_share=0.0, epochs=5)
    assert not result.l1_has_many_optima


def test_weights_of_an_even_number_of_classes_can_be_moved_together():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((120, 3))
    frame = pd.DataFrame(x, columns=list("abc"))
    four = np.digitize(x[:, 0] + 0.3 * rng.standard_normal(120), [-0.7, 0.0, 0.7])
    result = train(frame.assign(y=np.array(list("pqrs"))[four]), lam=2.0, epochs=5)
    assert result.l1_has_many_optima
    assert not train(table("multiclass"), lam=2.0, epochs=5).l1_has_many_optima


def test_without_a_penalty_it_is_no_penalty_that_counts():
    assert levels([10, 10, 10], [2.0, 1.0, -2.0], lam=0.0).l1_has_many_optima
    assert not train(table(), lam=0.0, epochs=5).l1_has_many_optima
