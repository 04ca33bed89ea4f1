"""Classes whose rows are only streamed come to the same as the rows in memory."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings, compare, regularization_path
from regcore.compare import penalties
from regcore.design import Design, build_design
from regcore.model.blocks import columns
from regcore.model.corrected import Corrected
from regcore.model.losses import LOG_LOSS
from regcore.model.moments import Moments
from regcore.model.oracle import evaluate
from regcore.model.parts import Parts
from regcore.model.rows import Rows
from regcore.model.scores import score, score_pieces
from regcore.model.strata import KEPT, Strata
from regcore.problem import Problem, pose
from regcore.questions.trust.half_samples import half_samples
from regcore.solve.optimum import Status

N, SAMPLE = 12_000, 3_000
SETTINGS = Settings(
    "y", split="hash", lam=20.0, epochs=60, features=[*list("abcd"), "kind"]
)


def table(classes, n=N, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 4))
    frame = pd.DataFrame(x, columns=list("abcd"))
    frame["kind"] = rng.choice(["oak", "elm", "ash"], n)
    pull = np.zeros((n, classes))
    pull[:, 0] = x[:, 0] - 0.5 * x[:, 1] + 0.4 * (frame["kind"] == "oak")
    pull[:, -1] -= 0.5 * x[:, 2] ** 2
    noisy = pull + rng.gumbel(size=(n, classes))
    names = np.array(["no", "yes", "so", "now", "then", "never"])
    frame["y"] = names[noisy.argmax(axis=1)]
    return frame


@dataclass
class Streamed:
    """A source that streams a table, and holds a sample of it."""

    table: pd.DataFrame
    sample: int = SAMPLE
    lost: int = 0

    def pose(self, settings, tick=None):
        whole = build_design(self.table, settings)
        outputs = {
            "training": (whole.X, whole.Y),
            "held out": (whole.X_validation, whole.Y_validation),
            "locked away": (whole.test.matrix(), whole.Y_test),
        }

        def parts(which):
            X, Y = outputs[which]
            about = np.zeros(X.shape[1] + Y.shape[1])
            return {0: Moments.of(X, Y, shift=about)} if len(X) else {}

        def stream(which, tick):
            X, Y = outputs[which]
            for first in range(self.lost, len(X), 2_500):
                rows = slice(first, first + 2_500)
                yield X[rows], Y[rows]

        rng = np.random.default_rng(1)
        some = np.sort(rng.permutation(whole.rows)[: self.sample])
        rows = np.concatenate([some, whole.validation_rows])
        held_out = np.arange(len(rows)) >= len(some)
        design = Design.of(
            whole, self.table.iloc[rows].reset_index(drop=True), held_out
        )
        sums = Parts(parts("training"), parts("held out"), None, parts("locked away"))
        return Problem.of_passes(design, sums, stream)


@pytest.fixture(scope="module", params=[2, 3], ids=["two", "three"])
def both(request):
    frame = table(request.param)
    return compare(Streamed(frame), SETTINGS), compare(frame, SETTINGS)


def part_of(X, Y, loss):
    return Strata(len(X), ((Rows(X[:600].copy(), Y[:600], loss), len(X)),))


def close(one, other, most):
    np.testing.assert_allclose(one, other, rtol=most, atol=most)


def test_the_optima_are_those_of_all_rows_with_a_certificate_over_all(both):
    streamed, memory = both
    for one, other in zip(streamed.optima, memory.optima, strict=True):
        assert one.gap <= 1e-8
        assert one.status is other.status
        close(one.objective, other.objective, 1e-8)
        assert one.bound <= other.objective * (1 + 1e-12)
    for name in ("L1", "L2"):
        close(streamed[name].optimum.W, memory[name].optimum.W, 1e-4)
        np.testing.assert_array_equal(
            streamed[name].optimum.W == 0, memory[name].optimum.W == 0
        )


def test_it_takes_few_passes_that_are_counted(both):
    streamed, _ = both
    passes = streamed.problem.passes.done
    assert passes[0] == "a place to start from"
    assert len(passes) <= 4
    problem, before = streamed.problem, len(passes)
    chosen = penalties(replace(SETTINGS, lam=40.0), problem.n)
    none, *others = problem.optima(chosen, [problem.start] * 3)
    assert len(passes) - before <= 2
    assert none is streamed["none"].optimum
    assert all(best.gap <= 1e-8 for best in others)


def test_losses_and_scores_are_of_all_rows(both):
    streamed, memory = both
    design = memory.problem.design
    for name, X, Y in (
        ("train_scores", design.X, design.Y),
        ("validation_scores", design.X_validation, design.Y_validation),
    ):
        expected = score(memory.problem.loss, X, Y, streamed.W, streamed.b)
        found = getattr(streamed, name)
        for one in ("loss", "score", "difference", "standard_error"):
            close(getattr(found, one), getattr(expected, one), 1e-10)


def test_the_curves_say_how_far_they_are_from_all_rows(both):
    streamed, memory = both
    assert memory.curves_off < 1e-12
    assert 0 < streamed.curves_off < 1e-3
    for one, other in zip(streamed.runs, memory.runs, strict=True):
        close(one.train_loss, other.train_loss, 1e-4)
        close(one.train_loss[0], other.train_loss[0], 1e-12)


def test_the_learning_rate_and_the_largest_lam_are_those_of_all_rows(both):
    streamed, memory = both
    close(streamed.rate, memory.rate, 1e-12)
    close(streamed.problem.lam_max, memory.problem.lam_max, 1e-12)


def test_what_needs_rows_in_memory_is_refused_in_a_sentence(both):
    streamed, _ = both
    with pytest.raises(DesignError, match=r"there are no folds; .*\.$"):
        regularization_path(Streamed(table(2)), SETTINGS)
    with pytest.raises(DesignError, match=r"no parts are drawn; .*\.$"):
        half_samples(streamed)
    with pytest.raises(DesignError, match=r"Batches are drawn from rows .*\.$"):
        compare(Streamed(table(2)), replace(SETTINGS, batch_size=50))


def test_rows_that_come_and_go_between_passes_are_noticed():
    with pytest.raises(DesignError, match=r"The table has changed while it was read"):
        compare(Streamed(table(2), lost=1), SETTINGS)


def test_classes_that_can_be_separated_in_all_rows_are_said():
    frame = table(2).assign(y=lambda t: np.where(t["a"] > 0.01, "yes", "no"))
    frame["a"] += np.where(frame["a"] > 0.01, 0.5, -0.5)
    result = compare(Streamed(frame), SETTINGS)
    assert result["none"].optimum.status is Status.SEPARABLE
    assert result["L2"].optimum.gap <= 1e-8


def test_classes_that_only_the_sample_separates_are_solved_with_all_rows():
    frame = table(2).assign(y=lambda t: np.where(t["a"] > 0.01, "yes", "no"))
    rows = build_design(frame, SETTINGS).rows
    some = np.sort(np.random.default_rng(1).permutation(rows)[:SAMPLE])
    wrong = np.setdiff1d(rows, some)[:40]
    frame.loc[wrong, "y"] = "yes"
    assert compare(frame, SETTINGS)["none"].optimum.exists
    result = compare(Streamed(frame), SETTINGS)
    best, true = result["none"].optimum, compare(frame, SETTINGS)["none"].optimum
    assert best.gap <= 1e-8
    close(best.objective, true.objective, 1e-8)
    assert result["L2"].optimum.gap <= 1e-8


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_that_one_level_separates_in_part_are_said(classes):
    frame = table(classes)
    frame.loc[frame["kind"] == "ash", "y"] = "yes"
    for result in (compare(Streamed(frame), SETTINGS), compare(frame, SETTINGS)):
        assert result["none"].optimum.status is Status.PARTLY_SEPARABLE
        assert result["L2"].optimum.gap <= 1e-8


def test_what_a_sample_of_all_rows_separates_in_part_is_said_beside_near_copies():
    frame = table(2, n=600)
    frame["b"] = frame["a"] + 1e-3 * np.random.default_rng(0).standard_normal(600)
    frame.loc[:9, ["kind", "y"]] = "yew", "yes"
    for result in (
        compare(Streamed(frame, sample=600), SETTINGS),
        compare(frame, SETTINGS),
    ):
        assert result["none"].optimum.status is Status.PARTLY_SEPARABLE


def test_rare_large_numbers_leave_no_optimum_uncertain():
    frame = table(2)
    frame["c"] = np.exp(2.0 * np.random.default_rng(0).standard_normal(N))
    streamed, memory = (
        compare(rows, SETTINGS) for rows in (Streamed(frame, sample=2_000), frame)
    )
    for one, other in zip(streamed.optima, memory.optima, strict=True):
        assert one.gap <= 1e-8
        close(one.objective, other.objective, 1e-8)


@pytest.mark.parametrize(("classes", "seed"), [(2, 0), (3, 3), (6, 1)])
def test_three_passes_are_enough_where_few_rows_have_large_numbers(classes, seed):
    frame = table(classes, seed=seed)
    frame["c"] = np.exp(2.0 * np.random.default_rng(seed).standard_normal(N))
    short = replace(SETTINGS, epochs=20)
    streamed, memory = (
        compare(rows, short) for rows in (Streamed(frame, sample=2_000), frame)
    )
    assert len(streamed.problem.passes.done) == 3
    assert 0 < streamed.curves_off < 1e-4
    for one, other in zip(streamed.optima, memory.optima, strict=True):
        assert one.gap <= 1e-8
        assert one.bound <= other.objective * (1 + 1e-12)
        close(one.objective, other.objective, 1e-8)


def test_a_curvature_that_takes_long_is_told_from_some_of_the_rows(monkeypatch):
    frame = table(3)
    problem = Streamed(frame).pose(SETTINGS)
    passes, (W, b) = problem.passes, problem.start
    (every,) = passes.look(columns(W, b), "all", [(W, b)])[2]
    monkeypatch.setattr("regcore.solve.passes.PRODUCTS", passes.n * every.size / 2.5)
    (some,) = passes.look(columns(W, b), "a third", [(W, b)])[2]
    pieces = [(X[::3].copy(), Y[::3], len(X)) for X, Y in passes.stream("training")]
    third = sum(n * Rows(X, Y, problem.loss).hessian(W, b) for X, Y, n in pieces)
    close(some, third / passes.n, 1e-12)
    assert np.abs(some - every).max() > 1e-3
    result, memory = compare(Streamed(frame), SETTINGS), compare(frame, SETTINGS)
    assert 3 < len(result.problem.passes.done) < 9
    for one, other in zip(result.optima, memory.optima, strict=True):
        assert one.gap <= 1e-8
        close(one.objective, other.objective, 1e-8)


@pytest.mark.parametrize("wrong", [1, 40])
def test_what_separates_the_sample_alone_in_part_is_not_said_of_all_rows(wrong):
    frame = table(2)
    frame.loc[frame["kind"] == "ash", "y"] = "yes"
    rows = build_design(frame, SETTINGS).rows
    some = np.sort(np.random.default_rng(1).permutation(rows)[:SAMPLE])
    apart = np.setdiff1d(rows[frame["kind"].iloc[rows] == "ash"], some)
    frame.loc[apart[:wrong], "y"] = "no"
    assert compare(frame, SETTINGS)["none"].optimum.exists
    found = compare(Streamed(frame), SETTINGS)["none"].optimum
    assert found.status is not Status.PARTLY_SEPARABLE


@pytest.mark.parametrize("kept", [0.0, KEPT])
def test_a_level_that_no_row_of_the_sample_has_leaves_no_false_certificate(
    kept, monkeypatch
):
    monkeypatch.setattr("regcore.solve.passes.KEPT", kept)
    frame = table(2)
    rows = build_design(frame, SETTINGS).rows
    some = np.sort(np.random.default_rng(1).permutation(rows)[:SAMPLE])
    frame.loc[np.setdiff1d(rows, some)[:60], "kind"] = "yew"
    result, memory = compare(Streamed(frame), SETTINGS), compare(frame, SETTINGS)
    true, found = memory["none"].optimum, result["none"].optimum
    assert true.exists
    if not kept:
        assert found.status is Status.STOPPED
        assert not found.exists
    else:
        # Rows of the level are far from the others, and known for that.
        assert found.gap <= 1e-8
        assert found.status is true.status
        close(found.objective, true.objective, 1e-8)
    for name in ("L1", "L2"):
        assert result[name].optimum.gap <= 1e-8
        close(result[name].optimum.W, memory[name].optimum.W, 1e-4)


@pytest.mark.parametrize("k", [1, 3])
def test_a_corrected_sample_is_all_rows_at_the_place_and_close_near_it(k):
    rng = np.random.default_rng(3)
    n, p = 3_000, 4
    X = rng.standard_normal((n, p))
    loss = LOG_LOSS if k == 1 else pose(table(3, 300), SETTINGS).loss
    Y = np.eye(3)[rng.integers(0, 3, n)] if k == 3 else (X[:, :1] > 0) * 1.0
    whole, sample = Rows(X, Y, loss), part_of(X, Y, loss)
    sums = Moments.of(X, Y, shift=np.zeros(p + k))
    W, b = rng.standard_normal((p, k)), rng.standard_normal((1, k))
    at = evaluate(whole, W, b)
    G = np.concatenate([at.GW, at.Gb])
    near = Corrected.at(sample, sums, (W, b), at.loss, G, whole.hessian(W, b))
    here = evaluate(near, W, b)
    close(here.loss, at.loss, 1e-12)
    close(np.concatenate([here.GW, here.Gb]), G, 1e-12)
    close(near.hessian(W, b), whole.hessian(W, b), 1e-12)
    for mine, theirs in zip(
        near.bias_hessian(W, b), whole.bias_hessian(W, b), strict=True
    ):
        close(mine, theirs, 1e-12)
    for mine, theirs in zip(
        near.constant_hessian(), whole.constant_hessian(), strict=True
    ):
        close(mine, theirs, 1e-12)
    close(near.covariance, whole.covariance, 1e-12)
    close(near.curvature(), whole.curvature(), 1e-12)
    step = 1e-3 * rng.standard_normal((p, k))
    moved = evaluate(whole, W + step, b)
    close(evaluate(near, W + step, b).loss, moved.loss, 1e-9)
    # Of some features alone, the others at 0.
    some = np.array([0, 2])
    sparse = np.zeros_like(W)
    sparse[some] = W[some]
    close(
        evaluate(near.restrict(some), W[some], b).loss,
        evaluate(near, sparse, b).loss,
        1e-12,
    )


@pytest.mark.parametrize("k", [1, 3])
def test_a_corrected_sample_is_all_rows_at_a_second_place_too_for_descents(k):
    rng = np.random.default_rng(5)
    n, p = 3_000, 4
    X = rng.standard_normal((n, p))
    loss = LOG_LOSS if k == 1 else pose(table(3, 300), SETTINGS).loss
    Y = np.eye(3)[rng.integers(0, 3, n)] if k == 3 else (X[:, :1] > 0) * 1.0
    whole, sums = Rows(X, Y, loss), Moments.of(X, Y, shift=np.zeros(p + k))
    W, b = rng.standard_normal((p, k)), rng.standard_normal((1, k))
    start = np.zeros((p, k)), loss.link(sums.y_mean)
    at, first = evaluate(whole, W, b), evaluate(whole, *start)
    G = np.concatenate([at.GW, at.Gb])
    near = Corrected.at(
        part_of(X, Y, loss), sums, (W, b), at.loss, G, whole.hessian(W, b), share=1.0
    )
    slope = np.concatenate([first.GW, first.Gb])
    both = near.through((W, b), start, first.loss, slope)
    for place, true in (((W, b), at), (start, first)):
        here = evaluate(both, *place)
        close(here.loss, true.loss, 1e-12)
        close(here.GW, true.GW, 1e-12)
        close(here.Gb, true.Gb, 1e-12)
    assert abs(evaluate(near, *start).loss - first.loss) > 1e-3
    V = columns(start[0] + 0.4 * W, start[1] + 0.4 * b)
    step = 1e-6 * rng.standard_normal(V.shape)
    (up,), (down,) = (both.of_columns(V + way * step)[0] for way in (1, -1))
    close((up - down) / 2, (both.of_columns(V)[1] * step).sum(), 1e-11)
    for one, other in zip(
        both.of_columns(40.0 * V), both.sample.of_columns(40.0 * V), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    # Where both places are one there is nothing to pass through.
    same = near.through((W, b), (W, b), at.loss, G)
    close(evaluate(same, W, b).loss, at.loss, 1e-12)


@pytest.mark.parametrize("classes", [2, 3])
def test_runs_that_diverge_fall_no_farther_than_a_loss_can(classes):
    frame = table(classes, seed=3)
    frame["c"] = np.exp(2.0 * np.random.default_rng(3).standard_normal(N))
    for rate in (50.0, 1e4, 1e9):
        result = compare(Streamed(frame), replace(SETTINGS, learning_rate=rate))
        for run in result.runs:
            assert (run.train_loss > 0).all()


@pytest.mark.parametrize("k", [1, 3])
def test_what_a_large_row_bends_in_a_sample_falls_nowhere_for_ever(k):
    rng = np.random.default_rng(3)
    n, p = 3_000, 2
    X = rng.standard_normal((n, p))
    X[0, 1] = 40.0
    loss = LOG_LOSS if k == 1 else pose(table(3, 300), SETTINGS).loss
    Y = np.eye(3)[rng.integers(0, 3, n)] if k == 3 else (X[:, :1] > 0) * 1.0
    whole, sample = Rows(X, Y, loss), part_of(X, Y, loss)
    sums = Moments.of(X, Y, shift=np.zeros(p + k))
    W, b = np.zeros((p, k)), np.zeros((1, k))
    at, H = evaluate(whole, W, b), whole.hessian(W, b)
    assert np.linalg.eigvalsh(H - sample.hessian(W, b))[0] < -0.1
    G = np.concatenate([at.GW, at.Gb])
    near = Corrected.at(sample, sums, (W, b), at.loss, G, H)
    close(near.hessian(W, b), H, 1e-12)
    for far in (1.0, 10.0, 1000.0):
        away = far * rng.standard_normal((p, k))
        assert np.linalg.eigvalsh(near.hessian(away, b))[0] > -1e-9


def test_units_so_large_that_their_rounding_outweighs_a_penalty_fall_nowhere():
    rng = np.random.default_rng(3)
    n, p = 300, 6
    X = rng.standard_normal((n, p)) * [1e11, 1e11, 1.0, 1.0, 1.0, 1e-12]
    X[:, 1] = X[:, 0] + X[:, 1]
    loss, Y = pose(table(3, 300), SETTINGS).loss, np.eye(3)[rng.integers(0, 3, n)]
    whole, sums = Rows(X, Y, loss), Moments.of(X, Y, shift=np.zeros(p + 3))
    W, b = np.zeros((p, 3)), loss.link(Y.mean(axis=0, keepdims=True))
    at = evaluate(whole, W, b)
    G = np.concatenate([at.GW, at.Gb])
    H = whole.hessian(W, b) * (1.0 - 1e-15)
    near = Corrected.at(part_of(X, Y, loss), sums, (W, b), at.loss, G, H)
    units = 1.0 / np.sqrt(np.diagonal(H))
    assert np.linalg.eigvalsh(near.B * units * units[:, np.newaxis])[0] >= 0.0


@pytest.mark.parametrize("n", [1, 9, 10, 500])
def test_rows_in_pieces_are_scored_as_they_are_in_one(n):
    rng = np.random.default_rng(4)
    X = rng.standard_normal((n, 3))
    Y = (rng.random((n, 1)) < 0.3) * 1.0
    W, b = rng.standard_normal((2, 3, 1)), np.zeros((2, 1, 1))
    one = score(LOG_LOSS, X, Y, W, b)
    pieces = [(X[a : a + 7], Y[a : a + 7]) for a in range(0, n, 7)]
    other = score_pieces(LOG_LOSS, pieces, W, b)
    for name in ("loss", "score", "difference", "standard_error"):
        close(getattr(other, name), getattr(one, name), 1e-12)
    assert np.isnan(score_pieces(LOG_LOSS, [], W, b).loss).all()
