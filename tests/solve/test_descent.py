from dataclasses import replace

import numpy as np
import pytest

from regcore.model.losses import HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.oracle import Moments, Rows
from regcore.model.penalties import Penalty
from regcore.solve import descent, plain
from regcore.solve.descent import STEP_WORK, Schedule, descend, epoch_work
from regcore.solve.runs import EARLY, SNAPSHOTS, Outcome
from tests.tables import CASES, Case

SQUARED = Case(HALF_SQUARED_ERROR, 1)
TRIPLE = (Penalty(), Penalty(l1=0.1), Penalty(l2=0.1))
TEXTBOOK = (Penalty(), Penalty(l1=0.1, textbook=True), Penalty(l2=0.1))

every_case = pytest.mark.parametrize("case", CASES, ids=str)


def posed(case, n=40, p=5, seed=0):
    """Rows and a start: weights 0 and the best constant."""
    X, Y, _, _ = case.draw(n=n, p=p, seed=seed)
    bias = case.loss.link(Y.mean(axis=0, keepdims=True))
    return Rows(X, Y, case.loss), (np.zeros((p, case.k)), bias)


def safe_rate(rows, penalties=TRIPLE):
    return 1.0 / (rows.curvature() + max(float(q.l2) for q in penalties))


def run(case=SQUARED, penalties=TRIPLE, **schedule):
    rows, start = posed(case)
    schedule = Schedule(**{"rate": safe_rate(rows, penalties), **schedule})
    return descend(rows, penalties, start, schedule, batches=rows)


def assert_same_run(first, second, rtol=0.0):
    assert first.outcome == second.outcome
    np.testing.assert_array_equal(first.snapshot_epochs, second.snapshot_epochs)
    np.testing.assert_array_equal(first.nonzero, second.nonzero)
    for field in ("W", "b", "objective", "train_loss", "snapshot_W", "snapshot_b"):
        np.testing.assert_allclose(
            getattr(first, field),
            getattr(second, field),
            rtol=rtol,
            atol=rtol,
            err_msg=field,
        )


# What the mission wrote, step by step


@every_case
@pytest.mark.parametrize("penalties", [TRIPLE, TEXTBOOK], ids=["clipped", "textbook"])
def test_every_epoch_is_the_formula(case, penalties):
    rows, start = posed(case)
    rate, lam = safe_rate(rows), 0.1 * rows.n
    l1_step = plain.l1_step if penalties is TRIPLE else plain.l1_textbook_step
    steps = plain.none_step, l1_step, plain.l2_step
    runs = descend(rows, penalties, start, Schedule(rate, epochs=12, tolerance=0.0))
    for ours, step in zip(runs, steps, strict=True):
        states = plain.descend(rows.X, rows.Y, case.loss, step, lam, rate, epochs=12)
        assert ours.epochs == 12
        for W, b, (w, c) in zip(ours.snapshot_W, ours.snapshot_b, states, strict=True):
            np.testing.assert_allclose(W, w, rtol=1e-10, atol=1e-14)
            np.testing.assert_allclose(b, c, rtol=1e-10, atol=1e-14)


def test_the_textbook_run_is_the_one_worked_by_hand_to_the_last_bit():
    # Four rows, mean 0 and mean square 1, so ∂C0/∂w = w − ½; η = ½, λ/n = ⅝.
    X = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    rows = Rows(X, 0.5 * X, HALF_SQUARED_ERROR)
    start = np.zeros((1, 1)), np.zeros((1, 1))
    penalties = (Penalty(l1=0.625, textbook=True), Penalty(l1=0.125))
    schedule = Schedule(0.5, epochs=4, tolerance=0.0)
    textbook, clipped = descend(rows, penalties, start, schedule)
    # w ← w − 5⁄16·sgn(w) − ½(w − ½): over zero, back, and over again.
    by_hand = [0.0, 0.25, 0.0625, -0.03125, 0.546875]
    assert textbook.snapshot_W.ravel().tolist() == by_hand
    # λ/n = ⅛: w ← ½w + ¼, then 1⁄16 off.
    by_hand = [0.0, 0.1875, 0.28125, 0.328125, 0.3515625]
    assert clipped.snapshot_W.ravel().tolist() == by_hand


def test_the_textbook_step_never_settles_on_zero():
    strong = (Penalty(l1=0.3), Penalty(l1=0.3, textbook=True))
    clipped, textbook = run(penalties=strong, epochs=400, tolerance=1e-12)
    assert clipped.outcome is Outcome.CONVERGED
    assert (clipped.W == 0.0).sum() >= 3
    assert textbook.outcome is Outcome.EPOCH_LIMIT
    assert (textbook.nonzero[1:] == textbook.W.size).all()
    settled = textbook.snapshot_W[-50:, clipped.W == 0.0]
    assert (np.sign(settled[1:]) == -np.sign(settled[:-1])).mean() > 0.5


# Where it ends


@every_case
def test_converged_means_that_every_optimality_condition_holds(case):
    rows, start = posed(case)
    schedule = Schedule(safe_rate(rows), epochs=20_000, tolerance=1e-9)
    at_start = np.abs(rows.loss_and_gradient(start[0][None], start[1][None])[1]).max()
    for ours, penalty in zip(
        descend(rows, TRIPLE, start, schedule), TRIPLE, strict=True
    ):
        assert ours.outcome is Outcome.CONVERGED
        R = case.loss.mean(rows.X @ ours.W + ours.b) - rows.Y
        g, gb = rows.X.T @ R / rows.n, R.mean(axis=0)
        small = 1.001e-9 * at_start
        assert np.abs(gb).max() <= small
        zero = ours.W == 0.0
        assert (np.abs(g[zero]) <= penalty.l1 + small).all()
        slope = g + penalty.l1 * np.sign(ours.W) + penalty.l2 * ours.W
        assert np.abs(slope[~zero]).max() <= small


@every_case
def test_l1_has_every_weight_at_exactly_zero_from_lam_max_on_and_not_below(case):
    rows, start = posed(case)
    G = rows.loss_and_gradient(start[0][None], start[1][None])[1]
    largest = np.abs(G).max()
    strengths = [1.0 + 1e-12, 1.5, 1e6, 0.99]
    penalties = [Penalty(l1=share * largest) for share in strengths]
    runs = descend(rows, penalties, start, Schedule(safe_rate(rows), epochs=3000))
    for ours in runs[:-1]:
        assert ours.outcome is Outcome.CONVERGED
        assert ours.nonzero.tolist() == [0] * (ours.epochs + 1)
    assert runs[-1].outcome is Outcome.CONVERGED
    assert runs[-1].nonzero[-1] >= 1


@every_case
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_the_objective_never_rises_at_a_safe_rate(case, share):
    rows, start = posed(case)
    schedule = Schedule(share * safe_rate(rows), epochs=300, tolerance=0.0)
    for ours in descend(rows, TRIPLE, start, schedule):
        rises = np.diff(ours.objective)
        assert rises.max() <= 1e-14 * ours.objective[0]
        assert rises[0] < -1e-4


@every_case
def test_the_objective_is_the_loss_and_the_penalty_of_each_state(case):
    rows, start = posed(case)
    schedule = Schedule(safe_rate(rows), epochs=20, tolerance=0.0)
    for ours, penalty in zip(
        descend(rows, TRIPLE, start, schedule), TRIPLE, strict=True
    ):
        for i, (W, b) in enumerate(zip(ours.snapshot_W, ours.snapshot_b, strict=True)):
            loss = case.loss.value(rows.X @ W + b, rows.Y).mean()
            amount = penalty.l1 * np.abs(W).sum() + penalty.l2 * (W**2).sum() / 2.0
            assert ours.train_loss[i] == pytest.approx(loss, rel=1e-12)
            assert ours.objective[i] == pytest.approx(loss + amount, rel=1e-12)
            assert ours.nonzero[i] == (W != 0.0).sum()


def test_the_validation_loss_is_that_of_the_rows_held_out():
    rows, start = posed(SQUARED)
    held_out, _ = posed(SQUARED, n=15, seed=1)
    schedule = Schedule(safe_rate(rows), epochs=10, tolerance=0.0)
    for ours in descend(rows, TRIPLE, start, schedule, validation=held_out):
        expected = [
            0.5 * np.mean((held_out.X @ W + b - held_out.Y) ** 2)
            for W, b in zip(ours.snapshot_W, ours.snapshot_b, strict=True)
        ]
        np.testing.assert_allclose(ours.validation_loss, expected, rtol=1e-12)


def test_without_rows_held_out_the_validation_loss_is_not_a_number():
    assert all(np.isnan(ours.validation_loss).all() for ours in run(epochs=5))


def test_a_start_at_the_optimum_has_converged_before_the_first_epoch():
    rows, start = posed(SQUARED)
    ours = descend(rows, (Penalty(l1=9.0),), start, Schedule(safe_rate(rows)))[0]
    assert ours.outcome is Outcome.CONVERGED
    assert ours.epochs == 0
    np.testing.assert_array_equal(ours.W, start[0])


def test_the_textbook_step_leaves_a_start_where_every_zero_is_right():
    rows, start = posed(SQUARED)
    strong = (Penalty(l1=9.0, textbook=True),)
    (ours,) = descend(rows, strong, start, Schedule(1e-3, epochs=5))
    assert ours.outcome is Outcome.EPOCH_LIMIT
    assert ours.nonzero.tolist() == [0, 5, 5, 5, 5, 5]


def test_one_epoch_is_one_step():
    for ours in run(epochs=1):
        assert ours.outcome is Outcome.EPOCH_LIMIT
        assert ours.snapshot_epochs.tolist() == [0, 1]


# Divergence


@pytest.mark.parametrize("factor", [4.0, 100.0, 1e200])
@pytest.mark.parametrize("batch_size", [None, 8])
def test_a_rate_above_the_limit_ends_at_a_finite_state(factor, batch_size):
    rows, _ = posed(SQUARED)
    for ours in run(
        rate=factor / rows.curvature(),
        epochs=5000,
        batch_size=batch_size,
        tolerance=0.0,
    ):
        assert ours.outcome is Outcome.DIVERGED
        curves = ours.objective, ours.train_loss, ours.W, ours.b, ours.snapshot_W
        assert all(np.isfinite(part).all() for part in curves)
        assert ours.objective.max() <= descent.BLOW_UP * ours.objective[0]
        assert len(ours.objective) == ours.epochs + 1
        np.testing.assert_array_equal(ours.snapshot_W[-1], ours.W)


def test_divergence_is_no_matter_of_the_other_models():
    # At this rate L2 alone is beyond its limit; none and L1 converge as ever.
    rows, start = posed(SQUARED)
    penalties = (Penalty(), Penalty(l1=0.1), Penalty(l2=50.0))
    schedule = Schedule(1.0 / rows.curvature(), epochs=3000, tolerance=1e-8)
    together = descend(rows, penalties, start, schedule)
    assert [ours.outcome for ours in together] == [
        Outcome.CONVERGED,
        Outcome.CONVERGED,
        Outcome.DIVERGED,
    ]
    for ours, penalty in zip(together, penalties, strict=True):
        (alone,) = descend(rows, (penalty,), start, schedule)
        assert_same_run(ours, alone, rtol=1e-11)


# Side by side


@every_case
@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("penalties", [TRIPLE, TEXTBOOK], ids=["clipped", "textbook"])
def test_side_by_side_is_one_at_a_time(case, batch_size, penalties):
    rows, start = posed(case)
    schedule = Schedule(
        0.5 * safe_rate(rows), epochs=60, tolerance=0.0, batch_size=batch_size
    )
    together = descend(rows, penalties, start, schedule, batches=rows)
    for ours, penalty in zip(together, penalties, strict=True):
        (alone,) = descend(rows, (penalty,), start, schedule, batches=rows)
        assert_same_run(ours, alone, rtol=1e-12)


def test_a_model_that_converges_early_leaves_the_others_as_they_were():
    rows, start = posed(SQUARED)
    penalties = (Penalty(l1=5.0), Penalty(l1=0.1), Penalty())
    schedule = Schedule(safe_rate(rows), epochs=2000, tolerance=1e-6)
    together = descend(rows, penalties, start, schedule)
    assert together[0].epochs == 0 < together[1].epochs
    for ours, penalty in zip(together, penalties, strict=True):
        assert_same_run(ours, descend(rows, (penalty,), start, schedule)[0], rtol=1e-12)


def test_moments_and_rows_lead_down_the_same_way():
    rows, start = posed(SQUARED)
    schedule = Schedule(safe_rate(rows), epochs=100, tolerance=0.0)
    by_moments = descend(Moments.of(rows.X, rows.Y), TRIPLE, start, schedule)
    by_rows = descend(rows, TRIPLE, start, schedule)
    for first, second in zip(by_moments, by_rows, strict=True):
        assert_same_run(first, second, rtol=1e-11)


# Mini-batches


@every_case
def test_mini_batches_follow_the_seed(case):
    first, again, other = (
        run(case, epochs=5, batch_size=7, tolerance=0.0, seed=seed)
        for seed in (3, 3, 4)
    )
    for ours, same, different in zip(first, again, other, strict=True):
        assert_same_run(ours, same)
        assert not np.array_equal(ours.W, different.W)


@every_case
def test_an_epoch_of_mini_batches_takes_every_row_once(case):
    rows, start = posed(case)
    schedule = Schedule(0.1, epochs=1, tolerance=0.0, batch_size=7, seed=5)
    runs = descend(rows, TRIPLE, start, schedule, batches=rows)
    order = np.random.default_rng([5, 0]).permutation(rows.n)
    for penalty, ours in zip(TRIPLE, runs, strict=True):
        W, b = start
        for first in range(0, rows.n, 7):
            few = order[first : first + 7]
            batch = Rows(rows.X[few], rows.Y[few], rows.kind)
            _, GW, Gb = batch.loss_and_gradient(W[None], b[None])
            W, b = penalty.step(0.1)(W, GW[0]), b - 0.1 * Gb[0]
        np.testing.assert_allclose(ours.W, W, atol=1e-13)
        np.testing.assert_allclose(ours.b, b, atol=1e-13)


def test_batches_are_of_rows_where_the_oracle_knows_their_sums_alone():
    rows, start = posed(SQUARED)
    sums = Moments.of(rows.X, rows.Y)
    schedule = Schedule(0.1, epochs=5, tolerance=0.0, batch_size=7, seed=5)
    ours = descend(sums, TRIPLE, start, schedule, batches=rows)
    by_rows = descend(rows, TRIPLE, start, schedule, batches=rows)
    full = descend(sums, TRIPLE, start, replace(schedule, batch_size=None))
    for one, other, whole in zip(ours, by_rows, full, strict=True):
        np.testing.assert_allclose(one.W, other.W, atol=1e-12)
        np.testing.assert_allclose(one.objective, other.objective, rtol=1e-9)
        assert np.abs(one.W - whole.W).max() > 1e-3
    with pytest.raises(ValueError, match=r"^Mini-batches need .* to draw them from\.$"):
        descend(sums, TRIPLE, start, schedule)


@every_case
@pytest.mark.parametrize("batch_size", [40, 1000])
def test_one_batch_of_all_rows_is_the_full_gradient(case, batch_size):
    settings = {"epochs": 30, "tolerance": 0.0}
    full, batched = (
        run(case, **settings),
        run(case, **settings, batch_size=batch_size),
    )
    for first, second in zip(full, batched, strict=True):
        assert_same_run(first, second, rtol=1e-11)


def test_the_work_of_an_epoch_is_what_its_multiplications_and_steps_cost():
    rows, held_out = posed(Case(LOG_LOSS, 1))[0], posed(Case(LOG_LOSS, 1), n=12)[0]
    sums, of_sums = (Moments.of(X.X, X.Y) for X in (rows, held_out))
    shape, by_row = (3, 5, 2), (5 + 1) * 2 * 3
    assert epoch_work(rows, shape, None, None) == 40 * by_row + STEP_WORK
    assert epoch_work(rows, shape, None, held_out) == 52 * by_row + STEP_WORK
    assert epoch_work(rows, shape, 40, None) == 40 * by_row + STEP_WORK
    assert epoch_work(rows, shape, 13, None) == 40 * by_row + 4 * STEP_WORK
    assert epoch_work(sums, shape, None, of_sums) == 6 * by_row + STEP_WORK
    assert epoch_work(sums, shape, 13, of_sums) == 52 * by_row + 4 * STEP_WORK


def test_mini_batches_without_rows_are_refused():
    rows, start = posed(SQUARED)
    with pytest.raises(ValueError, match="need the rows"):
        descend(rows, TRIPLE, start, Schedule(0.1, batch_size=4))


# History and snapshots


@pytest.mark.parametrize("epochs", [1, 498, 499, 500, 501, 1203, 5000])
def test_snapshots_are_the_first_epochs_then_few_even_ones_and_the_last(epochs):
    for ours in run(epochs=epochs, tolerance=0.0):
        kept = ours.snapshot_epochs
        assert ours.epochs == epochs
        assert len(kept) == len(ours.snapshot_W) == len(ours.snapshot_b)
        assert len(kept) <= SNAPSHOTS + 1
        assert len(kept) >= min(epochs + 1, SNAPSHOTS // 2)
        assert kept[0] == 0
        assert kept[-1] == epochs
        late = kept[:-1][kept[:-1] >= EARLY]
        assert len(set(np.diff(late))) <= 1
        assert kept[: EARLY + 1].tolist() == list(range(min(EARLY, epochs) + 1))
        np.testing.assert_array_equal(ours.snapshot_W[-1], ours.W)
        np.testing.assert_array_equal(ours.snapshot_b[-1], ours.b)


@pytest.mark.parametrize(
    ("name", "value"),
    [("BLOCK_WORK", 1), ("BLOCK_WORK", 10**12), ("BLOCK_NUMBERS", 1)],
)
@pytest.mark.parametrize("batch_size", [None, 7])
@every_case
def test_the_size_of_a_block_of_epochs_changes_no_result(
    case, batch_size, name, value, monkeypatch
):
    settings = {"epochs": 300, "tolerance": 1e-5, "batch_size": batch_size}
    before = run(case, **settings)
    monkeypatch.setattr(descent, name, value)
    for first, second in zip(before, run(case, **settings), strict=True):
        assert_same_run(first, second, rtol=1e-12)


@pytest.mark.parametrize("batch_size", [None, 7])
@every_case
def test_a_run_that_time_has_ended_is_repeated_by_its_epochs_to_the_last_bit(
    case, batch_size
):
    timed = run(case, epochs=10**6, tolerance=0.0, batch_size=batch_size, seconds=0.02)
    epochs = max(one.epochs for one in timed)
    again = run(case, epochs=epochs, tolerance=0.0, batch_size=batch_size)
    for first, second in zip(timed, again, strict=True):
        assert first.epochs == second.epochs
        for name in ("objective", "train_loss", "W", "b"):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_the_start_is_not_written_to():
    rows, start = posed(SQUARED)
    before = [part.copy() for part in start]
    descend(rows, TRIPLE, start, Schedule(safe_rate(rows), epochs=5))
    for part, copy in zip(start, before, strict=True):
        np.testing.assert_array_equal(part, copy)


@pytest.mark.parametrize("batch_size", [None, 7])
def test_progress_rises_from_nought_to_one_and_can_end_the_run(batch_size):
    rows, start = posed(SQUARED)
    schedule = Schedule(0.01, epochs=200, tolerance=0.0, batch_size=batch_size)
    shares = []
    descend(rows, TRIPLE, start, schedule, batches=rows, progress=shares.append)
    assert shares[0] == 0.0
    assert (np.diff(shares) >= 0.0).all()
    assert 0.1 < shares[-1] <= 1.0

    def cancel(share):
        if share > 0.03:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        descend(rows, TRIPLE, start, schedule, batches=rows, progress=cancel)


# What a run remembers of its zeros


@every_case
@pytest.mark.parametrize("penalties", [TRIPLE, TEXTBOOK], ids=["clipped", "textbook"])
def test_a_run_knows_when_each_weight_left_zero_and_was_there_last(case, penalties):
    for ours in run(case, penalties, epochs=120, tolerance=0.0):
        # A run may meet its conditions to the last bit, and then it ends.
        assert ours.snapshot_epochs.tolist() == list(range(ours.epochs + 1))
        alive = ours.snapshot_W != 0.0
        births = (alive[1:] & ~alive[:-1]).sum(axis=0)
        np.testing.assert_array_equal(ours.activations, births)
        for j in np.ndindex(alive.shape[1:]):
            epochs = np.flatnonzero(alive[(slice(None), *j)])
            assert ours.last_nonzero[j] == (epochs[-1] if len(epochs) else -1)


# Until they have converged


@every_case
def test_with_a_bound_on_time_the_runs_go_on_until_they_have_converged(case):
    bounded = run(case, epochs=10**6, seconds=60.0, tolerance=1e-4)
    plainly = run(case, epochs=10**6, tolerance=1e-4)
    for ours, theirs in zip(bounded, plainly, strict=True):
        assert ours.outcome is Outcome.CONVERGED
        assert_same_run(ours, theirs, rtol=1e-12)


def test_no_second_left_ends_a_run_where_it_is():
    cut = run(epochs=10**6, seconds=1e-9, tolerance=0.0)
    whole = run(epochs=cut[0].epochs, tolerance=0.0)
    for ours, theirs in zip(cut, whole, strict=True):
        assert ours.outcome is Outcome.TIME_LIMIT
        np.testing.assert_array_equal(ours.W, theirs.W)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-9])
def test_a_run_that_settles_nowhere_keeps_no_other_waiting(tolerance):
    rows, start = posed(SQUARED)
    schedule = Schedule(safe_rate(rows), 10**6, tolerance, seconds=60.0)
    settles = [True, False, True]
    none, l1, l2 = descend(rows, TEXTBOOK, start, schedule, settles=settles)
    assert none.outcome is l2.outcome is Outcome.CONVERGED
    assert l1.outcome is Outcome.EPOCH_LIMIT
    others = max(none.epochs, l2.epochs)
    assert l1.epochs == descent.UNSETTLED > others


def test_a_run_that_settles_nowhere_takes_as_many_epochs_as_the_slowest(monkeypatch):
    monkeypatch.setattr(descent, "UNSETTLED", 5)
    rows, start = posed(SQUARED)
    schedule = Schedule(safe_rate(rows), 10**6, 1e-9, seconds=60.0)
    settles = [True, False, True]
    none, l1, l2 = descend(rows, TEXTBOOK, start, schedule, settles=settles)
    assert l1.epochs >= max(none.epochs, l2.epochs) > 5
