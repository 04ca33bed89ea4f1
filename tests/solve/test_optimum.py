"""The exact answers against truth, and the certificate against its promise."""

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.oracle import Moments, Rows, evaluate
from regcore.model.penalties import Penalty
from regcore.solve.certificate import certify, relative_gap
from regcore.solve.optimum import Status, solve
from tests.cases import (
    CASES,
    Posed,
    drawn,
    penalty_of,
    reference,
    separated,
    standardised,
)

LOSSES = [HALF_SQUARED_ERROR, LOG_LOSS, CROSS_ENTROPY]
SOLVABLE = [case for case in CASES if case["status"] == "ok"]


def label(value):
    if isinstance(value, dict):
        return f"{value['dataset']}-{value['penalty']}-{value['lam']:.4g}"
    return getattr(value, "name", str(value))


def violation(oracle, penalty, W, b):
    _, GW, Gb = oracle.loss_and_gradient(W[None], b[None])
    return penalty.residual(W, GW[0]).max(), np.abs(Gb).max()


@pytest.mark.parametrize("case", SOLVABLE, ids=label)
def test_answers_are_those_of_the_reference(case):
    posed = reference(case["dataset"])
    n = len(posed.X)
    penalty = penalty_of(case["penalty"], case["lam"], n)
    truth = np.atleast_2d(case["coef"]).T
    for oracle in posed.oracles:
        best = solve(oracle, penalty, posed.start)
        assert best.status is Status.OPTIMAL
        assert best.gap <= 1e-8
        assert np.abs(best.W - truth).max() <= 1e-6
        assert np.array_equal(best.W == 0, truth == 0)
        # The sum of the class biases is a choice; the reference chose 0.
        b = best.b - (best.b.mean() if best.b.size > 1 else 0.0)
        assert np.abs(b - case["intercept"]).max() <= 1e-6
        assert best.objective == pytest.approx(case["objective"], rel=1e-9)
        assert best.bound <= case["objective"] * (1 + 1e-14)
        threshold = float(penalty.l1) or np.abs(oracle.covariance).max()
        assert max(violation(oracle, penalty, best.W, best.b)) <= 1e-9 * threshold


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["status"] != "ok"], ids=label
)
def test_separable_data_has_no_optimum_and_says_so(case):
    posed = reference(case["dataset"])
    best = solve(posed.rows, Penalty(), posed.start)
    assert best.status is Status.SEPARABLE
    assert "separated" in best.status
    assert not best.exists
    assert np.isnan(best.W).all()
    assert best.bound == 0.0


def test_classes_that_are_separated_in_part_have_no_optimum():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((200, 3))
    y = (rng.random(200) < 0.5).astype(float)
    # One level of a category has the second class only.
    level = (rng.random(200) < 0.2) & (y == 1)
    X = standardised(np.column_stack([X, level]))
    for Y, loss in [
        (y[:, None], LOG_LOSS),
        (np.column_stack([y == 0, y == 1]).astype(float), CROSS_ENTROPY),
    ]:
        posed = Posed(X, Y, loss)
        best = solve(posed.rows, Penalty(), posed.start)
        assert best.status is Status.PARTLY_SEPARABLE
        assert not best.exists
        assert best.bound == 0.0


def test_where_a_class_can_be_cut_off_however_far_away_there_is_no_optimum():
    seen = set()
    for seed in range(2220, 2260):
        rng = np.random.default_rng(seed)
        X = standardised(np.exp(2.0 * rng.standard_normal((30, 3))))
        kind = rng.permutation(np.repeat([0, 1, 2, 3], [13, 13, 2, 2]))
        posed = Posed(X, np.eye(4)[kind], CROSS_ENTROPY)
        best = solve(posed.rows, Penalty(), posed.start)
        if any(separated(X, kind == c) for c in range(4)):
            assert not best.exists
        seen.add(best.exists)
    assert seen == {False, True}


def test_nearly_separable_classes_still_have_an_optimum():
    X = np.concatenate([np.linspace(-3, -0.1, 50), np.linspace(0.1, 3, 50)])
    y = (X > 0).astype(float)
    y[[48, 51]] = 1 - y[[48, 51]]
    posed = Posed(standardised(X[:, None]), y[:, None], LOG_LOSS)
    best = solve(posed.rows, Penalty(), posed.start)
    assert best.status is Status.OPTIMAL
    assert best.gap <= 1e-8


@pytest.mark.parametrize("loss", LOSSES, ids=label)
@pytest.mark.parametrize("name", ["none", "l1", "l2", "elastic net"])
@pytest.mark.parametrize("share", [0.3, 1e-2, 1e-4])
def test_every_loss_and_penalty_ends_with_a_certificate(loss, name, share):
    posed = drawn(loss, n=150, p=12, seed=11)
    penalty = penalty_of(name, share * posed.lam_max, len(posed.X))
    for oracle in posed.oracles:
        best = solve(oracle, penalty, posed.start)
        assert best.status is Status.OPTIMAL
        assert best.gap <= 1e-8
        threshold = float(penalty.l1) or np.abs(oracle.covariance).max()
        assert max(violation(oracle, penalty, best.W, best.b)) <= 1e-9 * threshold


@pytest.mark.parametrize("loss", LOSSES, ids=label)
@pytest.mark.parametrize("name", ["none", "l1", "l2", "elastic net"])
def test_the_bound_is_never_above_the_optimum(loss, name):
    posed = drawn(loss, n=90, p=6, seed=5)
    rng = np.random.default_rng(0)
    penalty = penalty_of(name, 0.05 * posed.lam_max, len(posed.X))
    for oracle in posed.oracles:
        best = solve(oracle, penalty, posed.start)
        for distance in [1e-6, 1e-3, 0.1, 1.0, 10.0]:
            W = best.W + distance * rng.standard_normal(best.W.shape)
            b = best.b + distance * rng.standard_normal(best.b.shape)
            run = certify(oracle, penalty, evaluate(oracle, W, b))
            assert run.bound <= best.objective * (1 + 1e-12)
            suboptimality = 1 - best.objective / run.objective
            assert run.gap >= suboptimality - 1e-12
            gap = relative_gap(run.objective, best.bound)
            assert suboptimality - 1e-12 <= gap <= suboptimality + 1e-7


@pytest.mark.parametrize("loss", LOSSES, ids=label)
@pytest.mark.parametrize("name", ["none", "l1", "l2", "elastic net"])
@pytest.mark.parametrize("sharp", [False, True], ids=["bias", "Newton"])
@pytest.mark.parametrize("every", [1, 3], ids=["all rows", "some rows"])
def test_rows_that_carry_a_step_never_lift_the_bound_above_the_optimum(
    loss, name, sharp, every
):
    posed = drawn(loss, n=300, p=6, seed=5)
    rng = np.random.default_rng(1)
    penalty = penalty_of(name, 0.05 * posed.lam_max, len(posed.X))
    carrier = Rows(posed.X[::every], posed.Y[::every], loss)
    best = solve(posed.rows, penalty, posed.start)
    gaps = []
    for distance in [1e-6, 1e-4, 1e-2, 0.1, 1.0, 10.0]:
        W = best.W * (1 + distance * rng.standard_normal(best.W.shape))
        b = best.b + distance * rng.standard_normal(best.b.shape)
        at = evaluate(posed.rows, W, b)
        run = certify(posed.rows, penalty, at, dual_rows=carrier, newton_step=sharp)
        assert run.bound <= best.objective * (1 + 1e-12)
        gaps.append(run.gap)
    if sharp or name == "none":
        # Off by a share of the square of the distance, and by no more.
        assert gaps[1] <= 1e-6
        assert gaps[0] <= 1e-10


@pytest.mark.parametrize("loss", LOSSES, ids=label)
@pytest.mark.parametrize("name", ["none", "l2"])
def test_close_to_the_optimum_the_gap_is_the_distance_itself(loss, name):
    posed = drawn(loss, n=300, p=6, seed=5)
    penalty = penalty_of(name, 0.05 * posed.lam_max, len(posed.X))
    best = solve(posed.rows, penalty, posed.start)
    run = certify(
        posed.rows,
        penalty,
        evaluate(posed.rows, 1.001 * best.W, best.b),
        newton_step=True,
    )
    assert run.gap == pytest.approx(1 - best.objective / run.objective, rel=1e-2)


def test_a_sample_that_misses_a_direction_leaves_the_certificate_to_all_rows():
    posed = drawn(LOG_LOSS, n=300, p=4, seed=2)
    X = posed.X.copy()
    X[::3, 3] = X[::3, 2]
    posed = Posed(X, posed.Y, LOG_LOSS)
    best = solve(posed.rows, Penalty(), posed.start)
    at = evaluate(posed.rows, best.W, best.b)
    some = Rows(X[::3], posed.Y[::3], LOG_LOSS)
    carried = certify(posed.rows, Penalty(), at, dual_rows=some)
    assert carried == certify(posed.rows, Penalty(), at)
    assert carried.gap <= 1e-8


@pytest.mark.parametrize("newton_step", [False, True])
def test_a_step_by_the_bias_alone_costs_no_hessian(newton_step, monkeypatch):
    asked, hessian = [], Rows.hessian

    def watched(self, *given):
        asked.append(self)
        return hessian(self, *given)

    posed = drawn(LOG_LOSS, n=90, p=6, seed=6)
    penalty = penalty_of("l2", 0.05 * posed.lam_max, len(posed.X))
    at = evaluate(posed.rows, *posed.start)
    monkeypatch.setattr(Rows, "hessian", watched)
    certify(posed.rows, penalty, at, **({"newton_step": True} if newton_step else {}))
    assert bool(asked) is newton_step


def test_errors_that_sum_to_zero_are_certified_without_a_step_by_the_bias(monkeypatch):
    posed = drawn(HALF_SQUARED_ERROR, n=90, p=6, seed=6)
    penalty = penalty_of("l1", 0.05 * posed.lam_max, len(posed.X))
    sums = Moments.of(posed.X, posed.Y)
    best = solve(sums, penalty, posed.start)
    monkeypatch.setattr(Moments, "bias_hessian", None)
    run = certify(sums, penalty, evaluate(sums, best.W, best.b))
    assert 0 < run.bound <= run.objective
    assert run.gap < 1e-8


@pytest.mark.parametrize("name", ["l1", "l2", "elastic net"])
def test_for_squared_error_the_bound_is_the_same_at_every_bias(name):
    posed = drawn(HALF_SQUARED_ERROR, n=90, p=6, seed=6)
    # Columns that are not centred, so that the bias pulls at the weights.
    rows = Rows(posed.X + 1.5, posed.Y, posed.loss)
    penalty = penalty_of(name, 0.05 * posed.lam_max, rows.n)
    best = solve(rows, penalty, posed.start)
    for off in (0.0, 0.3, -0.7):
        run = certify(rows, penalty, evaluate(rows, best.W, best.b + off))
        assert run.objective == pytest.approx(best.objective + off**2 / 2)
        assert run.bound == pytest.approx(best.objective, rel=1e-7)


def test_errors_that_sum_to_zero_in_one_class_alone_do_not_lift_the_bound():
    Y = np.eye(3)[np.repeat([0, 1, 2], [5, 3, 2])]
    rows = Rows(standardised(np.arange(10.0)[:, np.newaxis] ** 2), Y, CROSS_ENTROPY)
    shares = Y.mean(axis=0)
    smallest = -float((shares * np.log(shares)).sum())
    b = np.log([shares[[0, 2, 1]]])
    at = evaluate(rows, np.zeros((1, 3)), b)
    assert np.abs(at.Gb[0, 0]) < 1e-15 < np.abs(at.Gb[0, 1])
    run = certify(rows, Penalty(l1=9.0), at)
    assert 0.9 * smallest < run.bound <= smallest


def test_a_class_whose_probability_has_vanished_leaves_no_bound():
    Y = np.eye(3)[np.repeat([0, 1, 2], [5, 3, 2])]
    rows = Rows(standardised(np.arange(10.0)[:, np.newaxis] ** 2), Y, CROSS_ENTROPY)
    at = evaluate(rows, np.zeros((1, 3)), np.array([[0.0, 0.0, -800.0]]))
    run = certify(rows, Penalty(l1=9.0), at)
    assert (run.bound, run.gap) == (0.0, 1.0)


def test_a_bound_leaves_room_for_rounding():
    posed = drawn(HALF_SQUARED_ERROR, n=90, p=6, seed=6)
    Y = posed.Y - posed.Y.mean()
    at = evaluate(Rows(posed.X, Y, posed.loss), np.zeros((6, 1)), np.zeros((1, 1)))
    run = certify(posed.rows, Penalty(l1=2.0 * posed.lam_max / 90), at)
    assert run.gap == pytest.approx(1e-12, rel=1e-2)


def test_without_a_penalty_a_step_out_of_the_domain_leaves_no_bound():
    posed = drawn(LOG_LOSS, n=90, p=6, seed=6)
    best = solve(posed.rows, Penalty(), posed.start)
    runs = [
        certify(posed.rows, Penalty(), evaluate(posed.rows, size * best.W, best.b))
        for size in np.geomspace(0.2, 3.0, 24)
    ]
    within = [run for run in runs if run.domain_share <= 1.0]
    beyond = [run.domain_share for run in runs if not run.bound]
    assert len(within) + len(beyond) == len(runs)
    assert all(0.0 < run.bound <= best.objective for run in within)
    assert 1.0 < min(beyond) < 1.4


def test_a_newton_step_that_leaves_the_domain_gives_way_to_that_of_the_bias():
    posed = drawn(LOG_LOSS, n=90, p=6, seed=6)
    penalty = penalty_of("l2", 0.05 * posed.lam_max, len(posed.X))
    best = solve(posed.rows, penalty, posed.start)
    better = []
    for size in np.geomspace(0.55, 2.5, 12):
        at = evaluate(posed.rows, size * best.W, best.b)
        bias = certify(posed.rows, penalty, at)
        newton = certify(posed.rows, penalty, at, newton_step=True)
        assert 0.0 < bias.bound <= newton.bound <= best.objective
        better.append(newton.bound > bias.bound)
    assert 1 < sum(better) < len(better)


@pytest.mark.parametrize("loss", LOSSES, ids=label)
def test_the_bound_is_sharp_close_to_the_optimum(loss):
    posed = drawn(loss, n=90, p=6, seed=6)
    for name in ["none", "l1", "l2", "elastic net"]:
        penalty = penalty_of(name, 0.05 * posed.lam_max, len(posed.X))
        best = solve(posed.rows, penalty, posed.start)
        near = certify(
            posed.rows,
            penalty,
            evaluate(posed.rows, best.W * (1 + 1e-4), best.b + 1e-4),
        )
        assert near.gap <= 1e-2


@pytest.mark.parametrize("k_copies", [1, 3])
def test_without_penalty_the_smallest_of_many_optima_is_given(k_copies):
    rng = np.random.default_rng(2)
    X = standardised(rng.standard_normal((15, 30)))
    X = np.hstack([X] * k_copies)
    Y = rng.standard_normal((15, 1))
    posed = Posed(X, Y, HALF_SQUARED_ERROR)
    truth = np.linalg.pinv(X) @ (Y - Y.mean())
    for oracle in posed.oracles:
        best = solve(oracle, Penalty(), posed.start)
        assert best.status is Status.NOT_UNIQUE
        assert np.abs(best.W - truth).max() <= 1e-8
        assert best.gap <= 1e-8


@pytest.mark.parametrize("loss", [LOG_LOSS, CROSS_ENTROPY], ids=label)
def test_a_column_that_comes_twice_shares_its_weight_without_penalty(loss):
    posed = drawn(loss, n=200, p=4, seed=8)
    single = solve(posed.rows, Penalty(), posed.start)
    twice = Posed(np.hstack([posed.X, posed.X[:, :1]]), posed.Y, loss)
    best = solve(twice.rows, Penalty(), twice.start)
    assert best.status is Status.NOT_UNIQUE
    assert best.objective == pytest.approx(single.objective, rel=1e-10)
    assert np.allclose(best.W[0], best.W[4], rtol=0, atol=1e-8)
    assert np.allclose(best.W[0] + best.W[4], single.W[0], rtol=0, atol=1e-7)


@pytest.mark.parametrize("loss", LOSSES, ids=label)
def test_l1_copes_with_all_levels_of_a_category(loss):
    posed = drawn(loss, n=300, p=3, seed=9)
    level = np.random.default_rng(1).integers(0, 4, 300)
    X = standardised(np.column_stack([posed.X, np.eye(4)[level], posed.X[:, 0]]))
    posed = Posed(X, posed.Y, loss)
    for share in [0.2, 1e-3, 1e-5]:
        penalty = Penalty(l1=share * posed.lam_max / 300)
        for oracle in posed.oracles:
            best = solve(oracle, penalty, posed.start)
            assert best.gap <= 1e-8, share


def test_elastic_net_is_that_of_scikit_learn():
    posed = drawn(HALF_SQUARED_ERROR, n=120, p=10, seed=4)
    lam, l1_ratio = 0.1 * posed.lam_max, 0.7
    n = len(posed.X)
    penalty = Penalty(l1=lam * l1_ratio / n, l2=lam * (1 - l1_ratio) / n)
    peer = ElasticNet(alpha=lam / n, l1_ratio=l1_ratio, tol=1e-14, max_iter=100_000)
    peer.fit(posed.X, posed.Y[:, 0])
    best = solve(posed.oracles[0], penalty, posed.start)
    assert np.abs(best.W[:, 0] - peer.coef_).max() <= 1e-8
    assert np.array_equal(best.W[:, 0] == 0, peer.coef_ == 0)


@pytest.mark.parametrize("loss", [LOG_LOSS, CROSS_ENTROPY], ids=label)
def test_log_losses_without_penalty_are_those_of_scikit_learn(loss):
    posed = drawn(loss, n=400, p=5, seed=12, signal=0.5)
    y = posed.Y[:, 0] if loss is LOG_LOSS else posed.Y.argmax(axis=1)
    peer = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    peer.fit(posed.X, y)
    best = solve(posed.rows, Penalty(), posed.start)
    assert best.status is Status.OPTIMAL
    truth = peer.coef_.T - (
        peer.coef_.T.mean(axis=1, keepdims=True) * (loss is not LOG_LOSS)
    )
    assert np.abs(best.W - truth).max() <= 1e-6


@pytest.mark.parametrize("loss", [LOG_LOSS, CROSS_ENTROPY], ids=label)
@pytest.mark.parametrize("name", ["none", "l1", "l2"])
def test_a_sample_of_the_rows_only_gives_the_start(loss, name, monkeypatch):
    posed = drawn(loss, n=6_000, p=5, seed=13)
    assert posed.rows.subsample() is not None
    penalty = penalty_of(name, 0.05 * posed.lam_max, 6_000)
    best = solve(posed.rows, penalty, posed.start)
    assert best.status is Status.OPTIMAL
    assert best.gap <= 1e-8
    threshold = float(penalty.l1) or np.abs(posed.rows.covariance).max()
    assert max(violation(posed.rows, penalty, best.W, best.b)) <= 1e-9 * threshold
    monkeypatch.setattr(Rows, "subsample", lambda rows: None)
    alone = solve(posed.rows, penalty, posed.start)
    assert np.abs(alone.W - best.W).max() <= 1e-7
    assert np.array_equal(alone.W == 0, best.W == 0)


def test_many_rows_that_are_separated_in_part_have_no_optimum():
    posed = drawn(LOG_LOSS, n=6_000, p=4, seed=3)
    level = (np.arange(6_000) % 7 == 0) & (posed.Y[:, 0] == 1)
    X = standardised(np.column_stack([posed.X, level]))
    posed = Posed(X, posed.Y, LOG_LOSS)
    assert posed.rows.subsample() is not None
    best = solve(posed.rows, Penalty(), posed.start)
    assert best.status is Status.PARTLY_SEPARABLE


@pytest.mark.parametrize("loss", [HALF_SQUARED_ERROR, LOG_LOSS], ids=label)
def test_l1_with_more_features_than_rows_looks_only_at_some(loss):
    posed = drawn(loss, n=80, p=500, seed=14)
    penalty = Penalty(l1=0.1 * posed.lam_max / 80)
    best = solve(posed.rows, penalty, posed.start)
    assert best.gap <= 1e-8
    assert max(violation(posed.rows, penalty, best.W, best.b)) <= 1e-9 * penalty.l1


def test_a_perfect_fit_has_the_objective_zero():
    rng = np.random.default_rng(7)
    X = standardised(rng.standard_normal((40, 3)))
    Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 3.0
    for oracle in (Moments.of(X, Y), Rows(X, Y, HALF_SQUARED_ERROR)):
        best = solve(oracle, Penalty(), (np.zeros((3, 1)), Y.mean(keepdims=True)))
        assert best.objective <= 1e-14
        assert best.gap <= 1e-8
        assert best.status is Status.OPTIMAL


def test_a_listener_can_end_the_work():
    def stop():
        raise InterruptedError

    posed = drawn(LOG_LOSS, n=60, p=4, seed=1)
    with pytest.raises(InterruptedError):
        solve(posed.rows, Penalty(l2=0.1), posed.start, tick=stop)


@pytest.mark.parametrize("p", [3, 400])
def test_a_constant_target_needs_no_weights(p):
    X = standardised(np.random.default_rng(0).standard_normal((30, p)))
    Y = np.ones((30, 1))
    for penalty in (Penalty(), Penalty(l1=0.1), Penalty(l2=0.1)):
        best = solve(Moments.of(X, Y), penalty, (np.zeros((p, 1)), np.ones((1, 1))))
        assert np.abs(best.W).max() <= 1e-12
        assert best.gap == 0.0


@pytest.mark.parametrize("loss", [HALF_SQUARED_ERROR, LOG_LOSS], ids=label)
def test_l2_with_more_features_than_rows_is_that_of_scikit_learn(loss):
    posed = drawn(loss, n=50, p=120, seed=15)
    if loss is LOG_LOSS:
        peer = LogisticRegression(C=0.2, solver="newton-cholesky", tol=1e-12)
    else:
        peer = Ridge(alpha=5.0, solver="cholesky")
    peer.fit(posed.X, posed.Y[:, 0])
    for oracle in posed.oracles:
        best = solve(oracle, Penalty(l2=5.0 / 50), posed.start)
        assert best.status is Status.OPTIMAL
        assert np.abs(best.W[:, 0] - peer.coef_.ravel()).max() <= 1e-7
        threshold = np.abs(oracle.covariance).max()
        conditions = violation(oracle, Penalty(l2=5.0 / 50), best.W, best.b)
        assert max(conditions) <= 1e-9 * threshold


def test_more_features_than_rows_separate_the_classes():
    posed = drawn(LOG_LOSS, n=40, p=100, seed=16)
    best = solve(posed.rows, Penalty(), posed.start)
    assert best.status is Status.SEPARABLE
    assert best.W.shape == (100, 1)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("loss", [LOG_LOSS, CROSS_ENTROPY], ids=label)
def test_a_weak_l1_on_separable_classes_still_ends_certified(loss, seed):
    # Losses are then tiny differences of large numbers.
    posed = drawn(loss, n=24, p=22, seed=seed)
    penalty = Penalty(l1=1e-4 * posed.lam_max / 24)
    best = solve(posed.rows, penalty, posed.start)
    assert best.status is Status.OPTIMAL
    assert best.gap <= 1e-8


@pytest.mark.parametrize("loss", LOSSES, ids=label)
@pytest.mark.parametrize("name", ["none", "l2"])
@pytest.mark.parametrize("units", [1e-8, 1e-3, 1e3, 1e8])
def test_one_column_in_other_units_hides_neither_the_others_nor_the_bias(
    loss, name, units
):
    posed = drawn(loss, n=150, p=4, seed=3)
    rows = Rows(posed.X * [units, 1.0, 1.0, 1.0], posed.Y, loss)
    truth = solve(posed.rows, Penalty(), posed.start)
    for l2 in [0.0] if name == "none" else [1e-3, 1e-3 * units * units]:
        penalty = Penalty(l2=l2)
        best = solve(rows, penalty, posed.start)
        assert best.status is Status.OPTIMAL
        assert best.objective >= truth.objective * (1 - 1e-9)
        if name == "none":
            assert best.objective == pytest.approx(truth.objective, rel=1e-9)
        for b in best.b + np.linspace(-1e-2, 1e-2, 21)[:, None, None]:
            moved = rows.loss(best.W[None], b[None])[0] + float(penalty.value(best.W))
            assert best.bound <= moved * (1 + 1e-12)


@pytest.mark.parametrize("apart", [1e-4, 1e-6, 1e-8])
def test_columns_that_hardly_differ_are_solved_or_left_uncertain(apart):
    rng = np.random.default_rng(2)
    a, e = rng.standard_normal((2, 200))
    y = a + e + 0.3 * rng.standard_normal(200)
    X = standardised(np.column_stack([a, a + apart * e]))
    posed = Posed(X, y[:, None], HALF_SQUARED_ERROR)
    apart_by_hand = np.column_stack([a, e, np.ones(200)])
    truth = np.linalg.lstsq(apart_by_hand, y, rcond=None)[1].item() / 400
    for oracle in posed.oracles:
        best = solve(oracle, Penalty(), posed.start)
        assert best.bound <= truth * (1 + 1e-3)
        if best.status is not Status.STOPPED:
            assert best.objective == pytest.approx(truth, rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_l1_comes_back_from_where_rows_are_so_far_that_nothing_bends(seed):
    rng = np.random.default_rng(seed)
    n = 60
    X = rng.standard_normal((n, 3))
    Y = np.eye(3)[np.argmax(X + 0.3 * rng.standard_normal((n, 3)), axis=1)]
    rows, penalty = Rows(X, Y, CROSS_ENTROPY), Penalty(l1=0.1 / n)
    far, near = 30.0 * rng.standard_normal((3, 3)), np.zeros((3, 3))
    best, true = (solve(rows, penalty, (W, np.zeros((1, 3)))) for W in (far, near))
    assert best.status is Status.OPTIMAL
    assert best.gap < 1e-8
    assert best.objective == pytest.approx(true.objective, rel=1e-8)
