"""Questions that use XᵀX where two columns hardly differ, against the rows."""

import numpy as np
import pandas as pd
import pytest

from regcore.compare import epochs_to_converge
from regcore.questions.contours.answer import from_above
from regcore.questions.early_stopping.answer import hidden_strength
from tests.tables import train

APART = (1e-2, 1e-4, 1e-6, 1e-8)


def twins(apart, **settings):
    """Two columns that are so far apart, and a target that needs the difference."""
    rng = np.random.default_rng(0)
    a, by, c = rng.standard_normal((3, 200))
    y = 3 * a - 2 * c + 0.5 * by + 0.1 * rng.standard_normal(200)
    frame = pd.DataFrame({"a": a, "b": a + apart * by, "c": c, "y": y})
    result = train(frame, validation_share=0.0, lam=0.01, epochs=100, **settings)
    design = result.problem.design
    return result, design.X - design.X.mean(axis=0), design.Y - design.Y.mean(axis=0)


@pytest.mark.parametrize("apart", APART)
def test_weights_of_an_epoch_are_as_far_from_ridge_of_the_rows_as_is_said(apart):
    result, X, Y = twins(apart)
    run, table = result["none"].run, hidden_strength(result).table
    assert len(table) > 5
    for row in table.iloc[[1, len(table) // 2, -1]].itertuples():
        rows = np.vstack([X, np.sqrt(row.lam) * np.eye(3)])
        ridge = np.linalg.lstsq(rows, np.vstack([Y, np.zeros((3, 1))]), rcond=None)[0]
        (W,) = run.snapshot_W[run.snapshot_epochs == row.epoch]
        off = np.linalg.norm(W - ridge) / np.linalg.norm(W)
        assert row.distance == pytest.approx(off, rel=0.02)


@pytest.mark.parametrize("apart", APART)
def test_every_point_of_a_ring_has_the_loss_of_the_rows(apart):
    result, X, Y = twins(apart)
    square, views = from_above(result, (0, 1))
    for view, optimum in zip(views, result.optima, strict=True):
        rings = view.contours
        inside = rings["x"].between(*square.x) & rings["y"].between(*square.y)
        points = rings.loc[inside, ["x", "y"]].to_numpy()
        left = Y - X[:, 2:] * optimum.W[2] - X[:, :2] @ points.T
        levels = rings.loc[inside, "level"]
        assert len(points)
        np.testing.assert_allclose(
            0.5 * (left**2).mean(axis=0), levels, rtol=1e-6, atol=1e-12 * levels.max()
        )


@pytest.mark.parametrize("apart", [1e-2, 1e-3, 1e-4])
def test_epochs_to_converge_are_those_of_the_rows_singular_values(apart):
    result, X, Y = twins(apart)
    U, s, Vt = np.linalg.svd(X / np.sqrt(len(X)), full_matrices=False)
    slopes = s * (U.T @ Y)[:, 0] / np.sqrt(len(X))
    left = np.log1p(-result.rate * s**2)
    allowed = result.settings.tolerance * np.abs(X.T @ Y / len(X)).max()

    def arrived(epochs):
        return np.abs(Vt.T @ (slopes * np.exp(epochs * left))).max() <= allowed

    estimate = epochs_to_converge(result)[0]
    assert arrived(1.001 * estimate)
    assert not arrived(0.999 * estimate)
