import numpy as np
import pytest

from regcore.model import bends, blocks, rows, sums
from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.oracle import Moments, Rows
from tests.cases import drawn
from tests.tables import CASES, Case, central_difference

SQUARED = [case for case in CASES if case.loss is HALF_SQUARED_ERROR]
ORACLES = [(Rows, case) for case in CASES] + [(Moments, case) for case in SQUARED]

ONE_TARGET = [case for case in CASES if case not in SQUARED or case.k == 1]

every_oracle = pytest.mark.parametrize(
    ("kind", "case"), ORACLES, ids=lambda part: getattr(part, "__name__", str(part))
)
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def answer_for(kind, case, X, Y):
    return Moments.of(X, Y) if kind is Moments else Rows(X, Y, case.loss)


def assert_same_answers(first, second, W, b, rtol=1e-12):
    pairs = zip(
        first.loss_and_gradient(W, b), second.loss_and_gradient(W, b), strict=True
    )
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-13)


@every_oracle
def test_the_loss_is_the_mean_over_the_rows(kind, case):
    X, Y, W, b = case.draw()
    expected = [case.loss.value(X @ w + c, Y).mean() for w, c in zip(W, b, strict=True)]
    answer = answer_for(kind, case, X, Y)
    np.testing.assert_allclose(answer.loss(W, b), expected, rtol=1e-13)
    np.testing.assert_allclose(answer.loss_and_gradient(W, b)[0], expected, rtol=1e-13)


@every_oracle
def test_the_gradient_is_the_finite_difference(kind, case):
    X, Y, W, b = case.draw(n=20, m=2)
    answer = answer_for(kind, case, X, Y)
    _, GW, Gb = answer.loss_and_gradient(W, b)
    for i in range(len(W)):
        in_W = central_difference(lambda w, c=b[i]: answer.loss(w, c), W[i])
        in_b = central_difference(lambda c, w=W[i]: answer.loss(w, c), b[i])
        np.testing.assert_allclose(GW[i], in_W, atol=1e-8)
        np.testing.assert_allclose(Gb[i], in_b, atol=1e-8)


@pytest.mark.parametrize("p", [5, 70])
@pytest.mark.parametrize("case", ONE_TARGET, ids=str)
def test_the_hessian_is_the_finite_difference_of_the_gradient(case, p):
    X, Y, W, b = case.draw(n=30, p=p, m=1)
    rows, V = Rows(X, Y, case.loss), blocks.columns(0.2 * W, b)

    def gradient(V):
        return rows.of_columns(V)[1].T.ravel()

    step, size = 1e-5, V.size
    steps = step * np.eye(size).reshape(size, *V.shape[::-1]).swapaxes(1, 2)
    slopes = [(gradient(V + d) - gradient(V - d)) / (2 * step) for d in steps]
    np.testing.assert_allclose(rows.hessian(0.2 * W[0], b[0]), slopes, atol=1e-8)


@pytest.mark.parametrize("p", [4, bends.WIDE])
@pytest.mark.parametrize("case", ONE_TARGET, ids=str)
def test_the_hessian_is_the_sum_over_rows_in_blocks_by_outputs_or_by_their_pairs(
    case, p
):
    X, Y, W, b = case.draw(n=2 * bends.ROWS + 7, p=p, m=1)
    weight = case.loss.weight(case.loss.mean(X @ (0.2 * W[0]) + b[0]))
    x = np.hstack([X, np.ones((len(X), 1))])
    k = Y.shape[1]
    # A row and two outputs at a time, and none is told from the others.
    own = [[(x * weight[:, [i], j]).T @ x for j in range(k)] for i in range(k)]
    expected = np.block(own) / len(X)
    found = Rows(X, Y, case.loss).hessian(0.2 * W[0], b[0])
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("p", [5, 70])
@pytest.mark.parametrize("m", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("cache", [0.0, rows.CACHE])
@every_case
def test_any_number_of_models_of_any_width_is_answered_by_the_formula(
    case, cache, m, p, monkeypatch
):
    monkeypatch.setattr(rows, "CACHE", cache)
    X, Y, W, b = case.draw(p=p, m=m)
    loss, GW, Gb = Rows(X, Y, case.loss).loss_and_gradient(W, b)
    for i in range(m):
        Z = X @ W[i] + b[i]
        R = case.loss.mean(Z) - Y
        np.testing.assert_allclose(loss[i], case.loss.value(Z, Y).mean(), rtol=1e-12)
        np.testing.assert_allclose(GW[i], X.T @ R / len(X), atol=1e-12)
        np.testing.assert_allclose(Gb[i, 0], R.mean(axis=0), atol=1e-12)


FIRST = {
    "gradient": lambda rows, W, b: rows.loss_and_gradient(W, b),
    "loss": lambda rows, W, b: rows.loss(W, b),
    "hessian": lambda rows, W, b: rows.hessian(W[0], b[0]),
    "none": lambda rows, W, b: None,
}


@pytest.mark.parametrize("first", FIRST)
@every_case
def test_whatever_pass_is_the_first_tells_the_covariance(first, case, monkeypatch):
    X, Y, W, b = case.draw(n=5_000, m=1)
    rows = Rows(X, Y, case.loss)
    FIRST[first](rows, W, b)
    if first != "none":
        monkeypatch.setattr(Rows, "_blocks", None)
    expected = (X - X.mean(axis=0)).T @ Y / len(X)
    np.testing.assert_allclose(rows.covariance, expected, atol=1e-14)


@pytest.mark.parametrize(("classes", "columns"), [(2, 1), (3, 2), (4, 4), (5, 4)])
def test_classes_are_told_by_their_differences_from_the_last(
    classes, columns, monkeypatch
):
    case, seen = Case(CROSS_ENTROPY, classes), []
    plain = Rows._product

    def product(rows, block, W):
        seen.append(W.shape[1])
        return plain(rows, block, W)

    monkeypatch.setattr(Rows, "_product", product)
    X, Y, W, b = case.draw(m=1)
    loss, GW, _ = Rows(X, Y, case.loss).loss_and_gradient(W, b)
    Z = X @ W[0] + b[0]
    assert loss[0] == pytest.approx(case.loss.value(Z, Y).mean(), rel=1e-13)
    residuals = case.loss.mean(Z) - Y
    np.testing.assert_allclose(GW[0], X.T @ residuals / len(X), atol=1e-14)
    # Three columns take longer than four.
    assert seen == [columns]


@pytest.mark.parametrize("case", SQUARED, ids=str)
def test_moments_answer_as_the_rows_do(case):
    X, Y, W, b = case.draw()
    sums, answer = Moments.of(X, Y), Rows(X, Y, case.loss)
    assert_same_answers(sums, answer, W, b)
    assert sums.n == answer.n
    assert sums.curvature() == pytest.approx(answer.curvature(), rel=1e-13)


@pytest.mark.parametrize("case", SQUARED, ids=str)
def test_moments_of_parts_add_up_and_come_apart(case):
    X, Y, W, b = case.draw()
    whole = Moments.of(X, Y)
    first, rest = Moments.of(X[:7], Y[:7]), Moments.of(X[7:], Y[7:])
    assert_same_answers(first + rest, whole, W, b)
    assert_same_answers(whole - first, rest, W, b, rtol=1e-11)


@every_oracle
def test_a_block_of_epochs_is_answered_like_each_state_alone(kind, case):
    X, Y, W, b = case.draw(m=6)
    answer = answer_for(kind, case, X, Y)
    epochs = answer.loss(W.reshape(2, 3, *W.shape[1:]), b.reshape(2, 3, *b.shape[1:]))
    alone = [answer.loss(W[i], b[i]) for i in range(6)]
    np.testing.assert_allclose(epochs, np.reshape(alone, (2, 3)), rtol=1e-13)


@every_oracle
@pytest.mark.parametrize(("block", "numbers"), [(1, 1), (7, 32_768), (2048, 64)])
def test_the_size_of_a_block_of_rows_changes_no_answer(
    kind, case, block, numbers, monkeypatch
):
    X, Y, W, b = case.draw(n=300)
    whole = answer_for(kind, case, X, Y)
    before = whole.loss_and_gradient(W, b)
    monkeypatch.setattr(sums, "BLOCK", block)
    monkeypatch.setattr(sums, "ROWS", block)
    for module in (blocks, rows):
        monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr(blocks, "READ", block)
    for module in (blocks, bends):
        monkeypatch.setattr(module, "BLOCK_NUMBERS", numbers)
    after = answer_for(kind, case, X, Y).loss_and_gradient(W, b)
    for ours, theirs in zip(after, before, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@every_oracle
@pytest.mark.parametrize("p", [3, 40, 60])
def test_the_curvature_is_the_largest_eigenvalue_of_the_rows_with_a_one(kind, case, p):
    X, Y, _, _ = case.draw(p=p)
    with_one = np.column_stack([X, np.ones(len(X))])
    expected = case.loss.curvature * np.linalg.norm(with_one, 2) ** 2 / len(X)
    assert answer_for(kind, case, X, Y).curvature() == pytest.approx(expected)


@every_oracle
def test_no_gradient_changes_faster_than_the_curvature(kind, case):
    X, Y, W, b = case.draw(m=200)
    answer = answer_for(kind, case, X, Y)
    _, GW, Gb = answer.loss_and_gradient(W, b)
    step = np.diff(np.concatenate([W, b], axis=1), axis=0)
    change = np.diff(np.concatenate([GW, Gb], axis=1), axis=0)
    ratio = np.linalg.norm(change, axis=(1, 2)) / np.linalg.norm(step, axis=(1, 2))
    assert ratio.max() <= answer.curvature()


@every_oracle
def test_power_iteration_finds_the_same_curvature(kind, case, monkeypatch):
    X, Y, _, _ = case.draw(n=60, p=8)
    answer = answer_for(kind, case, X, Y)
    exact = answer.curvature()
    monkeypatch.setattr(blocks, "DENSE_EIGENVALUES", 2)
    assert answer.curvature() == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("size", [40, 41, 10_000])
@every_case
def test_the_curvature_of_one_full_batch_is_that_of_all_rows(case, size):
    X, Y, _, _ = case.draw(n=40)
    answer = Rows(X, Y, case.loss)
    assert answer.batch_curvature(size) == answer.curvature()


@every_case
def test_the_curvature_of_single_rows_is_the_largest_rows(case):
    X, Y, _, _ = case.draw()
    largest = case.loss.curvature * ((X**2).sum(axis=1).max() + 1.0)
    assert Rows(X, Y, case.loss).batch_curvature(1) == pytest.approx(largest)


def test_the_curvature_of_batches_falls_as_they_grow():
    X, Y, _, _ = CASES[0].draw()
    answer = Rows(X, Y, CASES[0].loss)
    curvatures = [answer.batch_curvature(size) for size in range(1, 41)]
    assert (np.diff(curvatures) < 0).all()


def test_a_single_row_has_the_same_curvature_in_every_batch():
    answer = Rows(np.array([[2.0]]), np.array([[1.0]]), HALF_SQUARED_ERROR)
    assert answer.batch_curvature(1) == answer.batch_curvature(9) == 5.0


@pytest.mark.parametrize(
    "case", [Case(LOG_LOSS, 1), Case(CROSS_ENTROPY, 3), *SQUARED], ids=str
)
def test_no_mean_loss_is_negative_where_the_fit_is_perfect(case):
    X, Y, W, b = case.draw(m=1)
    if case in SQUARED:
        Y = X @ W[0] + b[0]
        assert Moments.of(X, Y).loss(W, b)[0] >= 0.0
    else:
        X, W, b = 2.0 * Y - 1.0, 1e3 * np.eye(case.k)[None], np.zeros((1, 1, case.k))
    assert 0.0 <= Rows(X, Y, case.loss).loss(W, b)[0] < 1e-12


@every_oracle
def test_a_heartbeat_that_raises_ends_the_answer(kind, case):
    X, Y, W, b = case.draw()
    answer = answer_for(kind, case, X, Y)

    def cancel():
        raise KeyboardInterrupt

    for question in (answer.loss, answer.loss_and_gradient):
        with pytest.raises(KeyboardInterrupt):
            question(W, b, cancel)


@every_case
def test_rows_in_single_precision_answer_the_same_to_six_digits(case):
    X, Y, W, b = case.draw(n=5000)
    double = Rows(X, Y, case.loss).loss_and_gradient(W, b)
    single = Rows(X.astype(np.float32), Y, case.loss).loss_and_gradient(W, b)
    for ours, theirs in zip(single, double, strict=True):
        assert ours.dtype == np.float64
        np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("loss", [HALF_SQUARED_ERROR, LOG_LOSS, CROSS_ENTROPY])
def test_a_look_with_few_weights_is_told_from_the_columns_that_have_them(loss):
    posed = drawn(loss, n=50, p=rows.ONCE, seed=3)
    whole, again = posed.rows, posed.rows
    W = np.zeros_like(posed.start[0])
    some, others = np.array([3, 17, 40]), np.array([4, 5])
    whole.restrict(some)
    for changed in (some, others, some):
        W[changed] = 0.1 * (1 + np.arange(W[changed].size)).reshape(W[changed].shape)
        told = whole.loss_and_gradient(W[np.newaxis], posed.start[1][np.newaxis])
        read = again.loss_and_gradient(W[np.newaxis], posed.start[1][np.newaxis])
        for one, other in zip(told, read, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)


def test_columns_without_a_weight_are_not_read_for_the_loss():
    posed = drawn(LOG_LOSS, n=50, p=rows.ONCE, seed=3)
    X, (W, b) = posed.X.copy(), posed.start
    W[:5] = 0.5
    whole = Rows(X, posed.Y, LOG_LOSS)
    before = whole.loss(W[np.newaxis], b[np.newaxis])
    whole.restrict(np.arange(5))
    X[:, 10:] = np.nan
    after = whole.loss(W[np.newaxis], b[np.newaxis])
    np.testing.assert_allclose(after, before, rtol=1e-12)
