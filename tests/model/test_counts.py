"""Metrics of classes from counts by bin are those of the rows, but for ties."""

import numpy as np
import pytest

from regcore.choices import Task
from regcore.model import counts
from regcore.model.counts import measure_pieces
from regcore.model.metrics import (
    ALL_EQUAL,
    AVERAGE_PRECISION,
    NO_ROW,
    NOT_EVERY_CLASS,
    ONE_CLASS,
    ROC_AUC,
    measure,
)

RNG = np.random.default_rng(5)


def data(k, n=900):
    X = RNG.standard_normal((n, 3))
    W, b = RNG.standard_normal((4, 3, k)), RNG.standard_normal((4, 1, k))
    Z = X @ W[0] + RNG.gumbel(size=(n, k))
    Y = Z > 0 if k == 1 else Z.max(axis=1, keepdims=True) == Z
    return X, Y.astype(float), W, b


def measured(k, X, Y, W, b, guess=None):
    task = Task.BINARY if k == 1 else Task.MULTICLASS
    guess = np.full(k, guess or 1.0 / max(2, k))
    pieces = [(X[:500], Y[:500]), (X[500:], Y[500:])]
    return (
        measure_pieces(task.metrics, task.loss, pieces, W, b, guess),
        measure(task.metrics, task.loss, X, Y, W, b, guess),
    )


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("bins", [48, 256, 65_536])
def test_roc_auc_is_no_farther_off_than_ties_allow(k, bins, monkeypatch):
    monkeypatch.setattr(counts, "BINS", bins)
    X, Y, W, b = data(k)
    W[1] *= 20.0  # Log odds beyond the last bin.
    for one, other in zip(*measured(k, X, Y, W, b), strict=True):
        assert (one.metric, one.reason) == (other.metric, other.reason)
        if one.metric is ROC_AUC:
            assert np.abs(one.values - other.values).max() <= one.off < 0.4
        elif one.metric is not AVERAGE_PRECISION:
            np.testing.assert_allclose(one.values, other.values, rtol=1e-12)
            assert one.off == 0.0


@pytest.mark.parametrize(
    ("k", "kept", "reasons"),
    [
        (1, lambda Y: Y[:, 0] > 2.0, {NO_ROW}),
        (1, lambda Y: Y[:, 0] > 0.5, {"", ONE_CLASS}),
        (1, lambda Y: Y[:, 0] < 0.5, {"", ONE_CLASS}),
        (3, lambda Y: Y[:, 2] < 0.5, {"", NOT_EVERY_CLASS}),
        (3, lambda Y: (Y[:, 2] < 0.5) | (Y[:, 2].cumsum() == 1.0), {""}),
    ],
)
def test_what_is_not_defined_has_the_reason_that_it_has_of_rows(k, kept, reasons):
    X, Y, W, b = data(k)
    some = kept(Y)
    mine, theirs = measured(k, X[some], Y[some], W, b)
    assert {one.reason for one in mine} == reasons
    for one, other in zip(mine, theirs, strict=True):
        assert one.reason == other.reason != ALL_EQUAL
        assert np.isnan(one.values).all() == bool(one.reason)


@pytest.mark.parametrize("guess", [0.3, 0.7])
def test_average_precision_is_that_of_the_rarer_class(guess):
    by_bin, by_row = (
        {one.metric: one for one in every}[AVERAGE_PRECISION]
        for every in measured(1, *data(1), guess)
    )
    np.testing.assert_allclose(by_bin.values, by_row.values, atol=1e-3)
    assert by_bin.guess == pytest.approx(by_row.guess, rel=1e-12)


def test_a_model_that_has_diverged_has_no_metric():
    X, Y, W, b = data(1)
    W[2] = np.nan
    for one in measured(1, X, Y, np.nan_to_num(W), b)[0]:
        assert np.isfinite(one.values).all()
    task = Task.BINARY
    found = measure_pieces(task.metrics, task.loss, [(X, Y)], W, b, np.array([0.5]))
    for one in found:
        assert np.isnan(one.values).tolist() == [False, False, True, False]
