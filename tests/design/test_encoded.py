import tracemalloc

import numpy as np
import pandas as pd
import pytest

from regcore import Settings
from regcore.compare import train
from regcore.design import build_design
from regcore.design.leaks import find_leaks
from regcore.model.scores import score
from regcore.problem import pose

SETTINGS = Settings(target="y", epochs=20)


def wide_table(n=5_000, seed=0):
    """Numbers with and without gaps, days, and categories that make many columns."""
    rng = np.random.default_rng(seed)
    days = np.datetime64("2020-01-01") + rng.integers(0, 400, n)
    return pd.DataFrame(
        {
            "size": rng.normal(1e6, 3.0, n),
            "age": np.where(rng.random(n) < 0.2, np.nan, rng.normal(40.0, 9.0, n)),
            "rooms": rng.integers(1, 9, n),
            "day": days.astype(str),
            "sex": rng.choice(["f", "m"], n),
            **{
                f"city {i}": rng.choice([f"{i}: {j}" for j in range(30)], n)
                for i in range(8)
            },
            "y": rng.normal(size=n),
        }
    )


def test_any_rows_are_those_of_the_whole_matrix():
    ours = build_design(wide_table(), SETTINGS)
    few = np.array([4, 4, 0, 1_999])
    for rows in (slice(10, 20), slice(None, None, 700), slice(0), few):
        np.testing.assert_array_equal(ours.training[rows], ours.X[rows])
    assert ours.training.shape == ours.X.shape


@pytest.mark.parametrize("divide", [True, False])
def test_the_scale_is_that_of_the_written_columns(divide):
    ours = build_design(wide_table(), SETTINGS)
    raw = ours.X * ours.x_scale.deviation + ours.x_scale.mean
    found = build_design(wide_table(), Settings(target="y", standardise=divide)).x_scale
    expected = raw.std(axis=0) if divide else np.ones(raw.shape[1])
    np.testing.assert_allclose(found.mean, raw.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.deviation, expected, rtol=1e-9)


def test_scores_of_rows_as_they_are_made_are_those_of_the_matrix():
    problem = pose(wide_table(), SETTINGS)
    design, rng = problem.design, np.random.default_rng(1)
    W, b = rng.normal(size=(3, design.X.shape[1], 1)), rng.normal(size=(3, 1, 1))
    made = score(problem.loss, design.training, design.Y, W, b)
    kept = score(problem.loss, design.X, design.Y, W, b)
    for name in ("loss", "score", "difference", "standard_error"):
        np.testing.assert_array_equal(getattr(made, name), getattr(kept, name))


def test_a_table_that_is_changed_afterwards_changes_no_row():
    data = wide_table()
    ours, expected = build_design(data, SETTINGS), build_design(data, SETTINGS).X
    data.loc[:, "size"] = -1.0
    data.loc[:, "rooms"] = 0
    data["city 0"] = "elsewhere"
    np.testing.assert_array_equal(ours.X, expected)


def test_a_regression_and_what_is_said_of_it_needs_no_matrix():
    problem = pose(wide_table(), SETTINGS)
    result = train(problem, SETTINGS)
    assert np.isfinite(result.summary["validation_loss"]).all()
    find_leaks(problem.design)
    assert vars(problem.design).keys().isdisjoint({"X", "X_validation"})


def test_a_regression_is_prepared_in_less_memory_than_half_its_matrix():
    data = wide_table(n=40_000)
    pose(data, SETTINGS)
    tracemalloc.start()
    problem = pose(data, SETTINGS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * problem.design.X.nbytes


def test_a_number_that_is_too_large_does_no_harm_where_there_is_no_target():
    data = wide_table()
    data.loc[7, "size"] = np.inf
    data.loc[7, "y"] = np.nan
    ours = build_design(data, SETTINGS)
    assert 7 not in np.concatenate([ours.rows, ours.validation_rows])
    assert np.isfinite(ours.X).all()
