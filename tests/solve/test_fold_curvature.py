"""Inverses that are kept do as new Hessians would, and the path comes out the same."""

import numpy as np
import pytest

from regcore.model.blocks import no_tick
from regcore.model.losses import CROSS_ENTROPY
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty
from regcore.solve import fold_curvature
from regcore.solve.fold_curvature import Hessians, Inverses, curvatures
from regcore.solve.folds import draw_folds
from regcore.solve.optimum import solve
from regcore.solve.path import cross_validate

M, P, K = 3, 6, 2
L2 = Penalty(l2=0.1)


def drawn(seed=0):
    """Hessians, weights and gradients of a few models."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((M, 40, P + 1))
    S = X.transpose(0, 2, 1) @ X / 40
    H = np.kron(np.eye(K) - 1.0 / K, np.ones((P + 1, P + 1))) * np.tile(S, (1, K, K))
    G = rng.standard_normal((M, P + 1, K))
    return H, rng.standard_normal((M, P + 1, K)), G - G.mean(axis=2, keepdims=True)


def test_a_new_inverse_steps_to_where_the_hessian_does():
    H, V, G = drawn()
    np.testing.assert_allclose(
        Inverses(H).step(L2, V, G, no_tick),
        Hessians(H).step(L2, V, G, no_tick),
        rtol=1e-8,
    )


def test_what_a_step_has_shown_is_right_at_other_strengths_too():
    H, V, G = drawn()
    model = Inverses(H)
    model.step(L2, V, G, no_tick)
    rng = np.random.default_rng(1)
    S = rng.standard_normal(V.shape)
    S -= S.mean(axis=2, keepdims=True)
    Y = 2.0 * S
    Y[0] *= -1.0
    model.learn(S, Y)
    for strength in (0.06, 0.1, 0.19):
        penalty = Penalty(l2=strength)
        # Back along the step: the gradient that it made is gone.
        made = Y.copy()
        made[:, :-1] += strength * S[:, :-1]
        back = model.step(penalty, np.zeros_like(V), made, no_tick)
        np.testing.assert_allclose(back[1:], -S[1:])
        # What no convex loss shows teaches nothing.
        plain = Inverses(H)
        plain.step(L2, V, G, no_tick)
        forgotten = plain.step(penalty, np.zeros_like(V), made, no_tick)
        np.testing.assert_allclose(back[0], forgotten[0])


def test_an_inverse_serves_strengths_that_are_near_and_is_made_anew_far_away():
    H, V, G = drawn()
    model, far = Inverses(H), Penalty(l2=0.3)
    near = model.step(L2, V, G, no_tick)
    assert not np.allclose(model.step(far, V, G, no_tick), near)
    np.testing.assert_allclose(
        model.step(far, V, G, no_tick), Hessians(H).step(far, V, G, no_tick), rtol=1e-8
    )


@pytest.mark.parametrize(
    ("left", "stale"),
    [
        ([1e6, 1e6], False),
        ([1e6, 1e6, 1e6], True),
        ([1e6, 1e5, 1e7], True),
        ([1e6, 1e5, 1e4], False),
        ([1e6, 9e5, 8e5], True),
    ],
)
def test_inverses_are_stale_where_to_arrive_takes_more_steps_than_they_are_worth(
    left, stale
):
    assert Inverses(drawn()[0]).is_stale(left) is stale


def test_small_systems_and_kinks_are_solved_anew_for_every_step():
    small = np.eye(fold_curvature.LARGE - 1)[np.newaxis]
    large = np.eye(fold_curvature.LARGE)[np.newaxis]
    assert isinstance(curvatures(small, smooth=True), Hessians)
    assert isinstance(curvatures(large, smooth=True), Inverses)
    assert isinstance(curvatures(large, smooth=False), Hessians)


def test_a_path_with_kept_inverses_ends_where_every_strength_alone_does(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((90, 8))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    classes = (X @ rng.standard_normal((8, 3)) + rng.gumbel(size=(90, 3))).argmax(1)
    Y = np.eye(3)[classes]
    lams, fold = np.geomspace(30, 0.1, 25), draw_folds(classes, 3, 0)
    (anew,) = cross_validate(X, Y, CROSS_ENTROPY, fold, [(0.0, lams)])
    monkeypatch.setattr(fold_curvature, "LARGE", 1)
    made, inverse = [], np.linalg.inv
    monkeypatch.setattr(np.linalg, "inv", lambda H: made.append(1) or inverse(H))
    (curve,) = cross_validate(X, Y, CROSS_ENTROPY, fold, [(0.0, lams)])
    assert 5 < len(made) < len(lams)
    np.testing.assert_allclose(curve.fold_loss, anew.fold_loss, rtol=1e-6)
    start = np.zeros((8, 3)), np.log(Y.mean(axis=0))[np.newaxis]
    for i in (0, 12, 24):
        best = solve(Rows(X, Y, CROSS_ENTROPY), Penalty(l2=lams[i] / 90), start)
        np.testing.assert_allclose(curve.W[i], best.W, atol=1e-6)


def test_a_hessian_that_rounding_left_singular_still_gives_the_step_of_the_others():
    """Beside a column in units of 10⁷ the biases of 3 classes bent no more."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1, 40, P)) * np.r_[1e7, np.ones(P - 1)]
    H = np.zeros((1, P + 1, P + 1))
    H[:, :P, :P] = X.transpose(0, 2, 1) @ X / 40
    V, G = rng.standard_normal((2, 1, P + 1, 1))
    G[:, P] = 0.0
    own = H[0, :P, :P] + 0.1 * np.eye(P)
    step = Hessians(H).step(L2, V, G, no_tick)[0, :, 0]
    expected = -np.linalg.solve(own, G[0, :P, 0] + 0.1 * V[0, :P, 0])
    np.testing.assert_allclose(step[:P], expected, rtol=1e-9, atol=1e-20)
    assert step[P] == 0.0
