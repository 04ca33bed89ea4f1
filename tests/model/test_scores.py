import numpy as np
import pytest
from sklearn import linear_model, metrics

from regcore.model import scores
from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.scores import score
from tests.tables import CASES, Case

SQUARED, LOGISTIC, SOFTMAX = (
    Case(HALF_SQUARED_ERROR, 1),
    Case(LOG_LOSS, 1),
    Case(CROSS_ENTROPY, 3),
)
EACH_TASK = pytest.mark.parametrize("case", [SQUARED, LOGISTIC, SOFTMAX], ids=str)


def scikit_learns(case, Z, Y):
    """Loss and score of one model, as scikit-learn has them."""
    if case is SQUARED:
        return metrics.mean_squared_error(Y, Z) / 2.0, metrics.r2_score(Y, Z)
    mean = case.loss.mean(Z)
    if case is LOGISTIC:
        return metrics.log_loss(Y, mean), metrics.accuracy_score(Y, mean > 0.5)
    classes = Y.argmax(axis=1)
    right = metrics.accuracy_score(classes, mean.argmax(axis=1))
    return metrics.log_loss(classes, mean), right


@EACH_TASK
def test_losses_and_scores_are_scikit_learns(case):
    X, Y, W, b = case.draw(n=80)
    ours = score(case.loss, X, Y, W, b)
    for i in range(len(W)):
        loss, theirs = scikit_learns(case, X @ W[i] + b[i], Y)
        assert ours.loss[i] == pytest.approx(loss, rel=1e-12)
        assert ours.score[i] == pytest.approx(theirs, rel=1e-12)


@EACH_TASK
def test_the_difference_to_the_first_model_has_the_standard_error_of_its_rows(case):
    X, Y, W, b = case.draw(n=30)
    ours = score(case.loss, X, Y, W, b)
    by_row = case.loss.value(X @ W + b, Y)
    for i in range(len(W)):
        apart = by_row[i] - by_row[0]
        assert ours.difference[i] == pytest.approx(apart.mean(), rel=1e-10)
        error = np.sqrt(apart.var(ddof=1) / 30.0)
        assert ours.standard_error[i] == pytest.approx(error, rel=1e-10)
    assert ours.difference[0] == ours.standard_error[0] == 0.0


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_r_squared_is_the_same_in_any_unit(unit):
    X, Y, W, b = SQUARED.draw(n=30)
    ours = score(HALF_SQUARED_ERROR, X, unit * Y, unit * W, unit * b)
    same = score(HALF_SQUARED_ERROR, X, Y, W, b)
    np.testing.assert_allclose(ours.score, same.score, rtol=1e-9)


def test_ten_rows_are_enough_for_a_standard_error():
    X, Y, W, b = SQUARED.draw(n=10)
    error = score(HALF_SQUARED_ERROR, X, Y, W, b).standard_error
    assert (error[1:] > 0.0).all()


@pytest.mark.parametrize("n", [1, 9])
def test_few_rows_have_a_difference_without_a_standard_error(n):
    X, Y, W, b = SQUARED.draw(n=n)
    ours = score(HALF_SQUARED_ERROR, X, Y, W, b)
    assert np.isfinite(ours.difference).all()
    assert np.isnan(ours.standard_error).all()


def fields(scores):
    return scores.loss, scores.score, scores.difference, scores.standard_error


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_size_of_a_block_changes_no_score(case, monkeypatch):
    X, Y, W, b = case.draw(n=50)
    before = score(case.loss, X, Y, W, b)
    monkeypatch.setattr(scores, "BLOCK", 7)
    after = score(case.loss, X, Y, W, b)
    for ours, whole in zip(fields(after), fields(before), strict=True):
        np.testing.assert_allclose(ours, whole, rtol=1e-12)


@EACH_TASK
def test_no_row_has_no_score(case):
    X, Y, W, b = case.draw()
    ours = score(case.loss, X[:0], Y[:0], W, b)
    for field in fields(ours):
        np.testing.assert_array_equal(field, np.full(3, np.nan))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 / 3.0])
def test_equal_targets_have_no_r_squared(value):
    X, _, W, b = SQUARED.draw(n=15)
    ours = score(HALF_SQUARED_ERROR, X, np.full((15, 1), value), W, b)
    assert np.isnan(ours.score).all()
    assert np.isfinite(ours.loss).all()


def test_the_mean_has_an_r_squared_of_nought_and_a_perfect_fit_of_one():
    X, _, W, b = SQUARED.draw(n=30, m=1)
    Y = X @ W[0] + b[0]
    constant = score(HALF_SQUARED_ERROR, X, Y, 0.0 * W, np.full((1, 1, 1), Y.mean()))
    assert constant.score[0] == pytest.approx(0.0, abs=1e-14)
    assert score(HALF_SQUARED_ERROR, X, Y, W, b).score[0] == 1.0


def test_a_row_on_the_fence_is_classed_as_the_first_class():
    """An emptied model of balanced classes predicts z = 0 for every row."""
    X, W, b = np.zeros((4, 2)), np.zeros((1, 2, 1)), np.zeros((1, 1, 1))
    ours = score(LOG_LOSS, X, np.array([[0.0], [0.0], [0.0], [1.0]]), W, b)
    model = linear_model.LogisticRegression().fit([[-1.0], [1.0]], [0, 1])
    assert model.predict([[0.0]]) == [0]
    assert ours.score[0] == 0.75
    ours = score(CROSS_ENTROPY, X, np.eye(4)[:, :3], np.zeros((1, 2, 3)), b)
    assert ours.score[0] == 0.5
