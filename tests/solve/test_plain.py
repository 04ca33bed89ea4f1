"""The plain twin of the descent, held to sums done by hand and to scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge

from regcore.model.losses import HALF_SQUARED_ERROR, LOG_LOSS
from regcore.solve import plain
from tests.cases import drawn

LAM = 4.0


@pytest.mark.parametrize(
    ("step", "lam", "by_hand"),
    [
        # w ← w − ½(w − ½)
        (plain.none_step, 0.0, [0.0, 0.25, 0.375, 0.4375, 0.46875]),
        # λ/n = ⅛: w ← ½w + ¼, then 1⁄16 off
        (plain.l1_step, 0.5, [0.0, 0.1875, 0.28125, 0.328125, 0.3515625]),
        # λ/n = ⅝: w ← w − 5⁄16·sgn(w) − ½(w − ½), over zero, back, and over again
        (plain.l1_textbook_step, 2.5, [0.0, 0.25, 0.0625, -0.03125, 0.546875]),
        # λ/n = ½: w ← ¾w − ½(w − ½)
        (plain.l2_step, 2.0, [0.0, 0.25, 0.3125, 0.328125, 0.33203125]),
    ],
)
def test_four_epochs_are_those_worked_by_hand_to_the_last_bit(step, lam, by_hand):
    # Four rows, mean 0 and mean square 1, so ∂C0/∂w = w − ½; η = ½.
    X = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    states = plain.descend(X, 0.5 * X, HALF_SQUARED_ERROR, step, lam, 0.5, epochs=4)
    assert [float(W[0, 0]) for W, _ in states] == by_hand
    assert [float(b[0, 0]) for _, b in states] == [0.0] * 5


@pytest.mark.parametrize(
    ("step", "other"),
    [
        (plain.none_step, LinearRegression()),
        (plain.l1_step, Lasso(alpha=LAM / 50, tol=1e-12)),
        (plain.l2_step, Ridge(alpha=LAM)),
    ],
)
def test_squared_error_ends_where_scikit_learn_ends(step, other):
    X, Y, loss = drawn(HALF_SQUARED_ERROR, n=50, p=4, seed=1)
    W, b = plain.descend(X, Y, loss, step, LAM, rate=0.3, epochs=4000)[-1]
    other.fit(X, Y[:, 0])
    np.testing.assert_allclose(W[:, 0], other.coef_, atol=1e-8)
    np.testing.assert_allclose(b[0], other.intercept_, atol=1e-8)


@pytest.mark.parametrize(
    ("step", "l1_ratio"), [(plain.l1_step, 1.0), (plain.l2_step, 0.0)]
)
def test_log_loss_ends_where_scikit_learn_ends(step, l1_ratio):
    X, Y, loss = drawn(LOG_LOSS, n=50, p=4, seed=1)
    W, b = plain.descend(X, Y, loss, step, LAM, rate=0.5, epochs=4000)[-1]
    options = {"C": 1 / LAM, "tol": 1e-10, "max_iter": 100_000}
    other = LogisticRegression(solver="saga", l1_ratio=l1_ratio, **options)
    other.fit(X, Y[:, 0])
    np.testing.assert_allclose(W.T, other.coef_, atol=1e-6)
    np.testing.assert_allclose(b[0], other.intercept_, atol=1e-6)


def test_the_textbook_step_flickers_around_zero_where_the_other_one_rests():
    X, Y, loss = drawn(HALF_SQUARED_ERROR, n=50, p=4, seed=1)
    lam = 2.0 * float(np.abs(X.T @ (Y - Y.mean())).max())
    rest = plain.descend(X, Y, loss, plain.l1_step, lam, rate=0.1, epochs=50)
    assert not np.any([W for W, _ in rest])
    step = plain.l1_textbook_step
    states = plain.descend(X, Y, loss, step, lam, rate=0.1, epochs=50)
    W = np.array([W for W, _ in states])
    assert W[1:].all()
    assert (np.diff(np.sign(W[20:]), axis=0) != 0).mean() > 0.5
