"""Metrics and curves against scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics as theirs

from regcore.model import metrics as ours
from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.model.metrics import FOR_CLASSES, FOR_NUMBERS, FOR_TWO_CLASSES, measure
from regcore.model.thresholds import thresholds
from tests.tables import Case

SQUARED, LOGISTIC, SOFTMAX = (
    Case(HALF_SQUARED_ERROR, 1),
    Case(LOG_LOSS, 1),
    Case(CROSS_ENTROPY, 3),
)
EACH_TASK = pytest.mark.parametrize("case", [SQUARED, LOGISTIC, SOFTMAX], ids=str)


def drawn(case, n=200, seed=0, tied=False):
    """Rows, three models, and the mean of the training rows."""
    X, Y, W, b = case.draw(n=n, seed=seed)
    if tied:
        X, W, b = np.round(X), np.round(W), np.round(b)
    return X, Y, W, b, np.random.default_rng(seed + 1).dirichlet(np.ones(3))[: case.k]


METRICS = {SQUARED: FOR_NUMBERS, LOGISTIC: FOR_TWO_CLASSES, SOFTMAX: FOR_CLASSES}


def measured(case, X, Y, W, b, guess, **options):
    found = measure(METRICS[case], case.loss, X, Y, W, b, guess, **options)
    return {one.metric.key: one for one in found}


def scikit_learns(case, Y, mean, guess):
    """Every metric of one model, as scikit-learn has it."""
    if case is SQUARED:
        return {
            "r_squared": theirs.r2_score(Y, mean),
            "rmse": theirs.root_mean_squared_error(Y, mean),
            "mae": theirs.mean_absolute_error(Y, mean),
        }
    if case is LOGISTIC:
        true, probability, chosen = Y[:, 0], mean[:, 0], mean[:, 0] > 0.5
        rare = int(guess[0] <= 0.5)
        area = theirs.roc_auc_score(true, probability)
        toward = probability if rare else -probability
        extra = {
            "average_precision": theirs.average_precision_score(true == rare, toward)
        }
    else:
        true, probability, chosen = Y.argmax(axis=1), mean, mean.argmax(axis=1)
        area = theirs.roc_auc_score(true, probability, multi_class="ovr")
        extra = {}
    return {
        "accuracy": theirs.accuracy_score(true, chosen),
        "balanced_accuracy": theirs.balanced_accuracy_score(true, chosen),
        "auc": area,
        "log_loss": theirs.log_loss(true, probability),
        **extra,
    }


@EACH_TASK
@pytest.mark.parametrize("tied", [False, True], ids=["all different", "many ties"])
@pytest.mark.parametrize("seed", range(4))
def test_every_metric_is_scikit_learns(case, tied, seed):
    X, Y, W, b, guess = drawn(case, seed=seed, tied=tied)
    found = measured(case, X, Y, W, b, guess)
    for i in range(len(W)):
        mean = case.loss.mean(X @ W[i] + b[i])
        expected = scikit_learns(case, Y, mean, guess)
        assert {key: one.values[i] for key, one in found.items()} == pytest.approx(
            expected, rel=1e-12, abs=1e-12
        )
    assert {one.reason for one in found.values()} == {""}


@pytest.mark.parametrize("guess", [0.3, 0.8])
def test_guessing_a_class_has_the_metrics_of_a_constant(guess):
    X, Y, W, b, _ = drawn(LOGISTIC)
    found = measured(LOGISTIC, X, Y, W, b, np.array([guess]))
    rare = Y.mean() if guess < 0.5 else 1 - Y.mean()
    assert found["accuracy"].guess == pytest.approx(1 - rare)
    assert found["balanced_accuracy"].guess == found["auc"].guess == 0.5
    assert found["average_precision"].guess == pytest.approx(rare)
    constant = np.full(len(Y), guess)
    assert found["log_loss"].guess == pytest.approx(
        theirs.log_loss(Y[:, 0], constant), rel=1e-12
    )


def test_guessing_a_number_is_guessing_the_mean_of_other_rows_in_their_units():
    X, Y, W, b, _ = drawn(SQUARED)
    found = measured(SQUARED, X, Y, W, b, np.array([0.7]), unit=100.0)
    constant = np.full(Y.shape, 0.7)
    assert found["rmse"].guess == pytest.approx(
        100 * theirs.root_mean_squared_error(Y, constant)
    )
    assert found["mae"].guess == pytest.approx(
        100 * theirs.mean_absolute_error(Y, constant)
    )
    assert found["r_squared"].guess == pytest.approx(theirs.r2_score(Y, constant))
    plain = measured(SQUARED, X, Y, W, b, np.array([0.7]))
    assert found["mae"].values == pytest.approx(100 * plain["mae"].values)
    assert found["r_squared"].values == pytest.approx(plain["r_squared"].values)


@EACH_TASK
def test_no_row_has_no_metric_and_says_so(case):
    X, Y, W, b, guess = drawn(case)
    for one in measured(case, X[:0], Y[:0], W, b, guess).values():
        assert np.isnan(one.values).all()
        assert np.isnan(one.guess)
        assert one.reason == "no rows are held out"


def undefined(found):
    assert all(
        np.isnan(one.values).all() == np.isnan(one.guess) == bool(one.reason)
        for one in found.values()
    )
    return {key: one.reason for key, one in found.items() if one.reason}


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 / 3.0])
def test_equal_targets_have_errors_and_no_r_squared(value):
    X, Y, W, b, guess = drawn(SQUARED, n=15)
    found = measured(SQUARED, X, np.full(Y.shape, value), W, b, guess)
    reason = "the target is the same in every row held out"
    assert undefined(found) == {"r_squared": reason}


@pytest.mark.parametrize("only", [0.0, 1.0])
def test_one_class_alone_has_accuracy_and_log_loss(only):
    X, Y, W, b, guess = drawn(LOGISTIC)
    found = measured(LOGISTIC, X, np.full(Y.shape, only), W, b, guess)
    reason = "all rows held out are of one class"
    keys = ("auc", "average_precision", "balanced_accuracy")
    assert undefined(found) == dict.fromkeys(keys, reason)


def test_a_class_without_a_row_leaves_no_mean_of_areas():
    X, Y, W, b, guess = drawn(SOFTMAX)
    rows = Y[:, 1] == 0
    found = measured(SOFTMAX, X[rows], Y[rows], W, b, guess)
    assert undefined(found) == {"auc": "not every class is among the rows held out"}
    true, chosen = Y[rows].argmax(axis=1), (X[rows] @ W[0] + b[0]).argmax(axis=1)
    recall = theirs.recall_score(true, chosen, labels=[0, 2], average=None)
    assert found["balanced_accuracy"].values[0] == pytest.approx(recall.mean())
    reason = "all rows held out are of one class"
    for rows in (Y[:, 1] == 1, slice(1)):
        found = measured(SOFTMAX, X[rows], Y[rows], W, b, guess)
        assert undefined(found) == {"auc": reason, "balanced_accuracy": reason}


@EACH_TASK
def test_each_metric_says_which_way_is_better(case):
    _, Y, _, _, guess = drawn(case)
    size, middle = (1.0, 0.0) if case is SQUARED else (20.0, -10.0)
    W, b = size * np.eye(case.k)[np.newaxis], np.full((1, 1, case.k), middle)
    for one in measured(case, Y, Y, W, b, guess).values():
        assert (one.values[0] > one.guess) == one.metric.larger


def test_metrics_have_the_names_of_the_field():
    names = [one.name for one in dict.fromkeys(FOR_NUMBERS + FOR_TWO_CLASSES)]
    assert names == [
        "R²",
        "RMSE",
        "mean absolute error",
        "accuracy",
        "ROC-AUC",
        "average precision",
        "balanced accuracy",
        "log loss",
    ]


def test_certain_and_wrong_is_finite():
    X, Y = np.array([[1.0], [-1.0]]), np.array([[0.0], [1.0]])
    W, b = np.full((1, 1, 1), 1e4), np.zeros((1, 1, 1))
    found = measured(LOGISTIC, X, Y, W, b, np.array([0.5]))
    assert found["log_loss"].values[0] == pytest.approx(1e4)
    assert found["auc"].values[0] == 0.0


@pytest.mark.parametrize("case", [SQUARED, LOGISTIC, SOFTMAX], ids=str)
def test_the_size_of_a_block_changes_no_mean(case, monkeypatch):
    X, _, W, b, _ = drawn(case)
    whole = ours.means(case.loss, X, W[0], b[0])
    monkeypatch.setattr(ours, "BLOCK", 7)
    np.testing.assert_allclose(
        ours.means(case.loss, X, W[0], b[0]), whole, rtol=1e-12, atol=1e-14
    )


def two_kinds(seed, tied):
    rng = np.random.default_rng(seed)
    numbers, of_the_class = rng.standard_normal(90), rng.random(90) < 0.3
    return (np.round(numbers) if tied else numbers), of_the_class


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_every_threshold_is_scikit_learns(seed, tied):
    numbers, of_the_class = two_kinds(seed, tied)
    counted = thresholds(numbers, of_the_class)
    alarms, recall, at = theirs.roc_curve(
        of_the_class, numbers, drop_intermediate=False
    )
    np.testing.assert_array_equal(counted.at, at)
    np.testing.assert_allclose(counted.false_alarms, alarms, rtol=1e-12)
    np.testing.assert_allclose(counted.recall, recall, rtol=1e-12)
    precision, recall, at = theirs.precision_recall_curve(of_the_class, numbers)
    np.testing.assert_allclose(counted.precision[::-1], precision, rtol=1e-12)
    np.testing.assert_allclose(counted.recall[::-1], recall, rtol=1e-12)
    np.testing.assert_array_equal(counted.at[:0:-1], at)


@pytest.mark.parametrize("tied", [False, True])
def test_turned_tells_the_other_rows_by_the_other_sign(tied):
    numbers, of_the_class = two_kinds(1, tied)
    turned = thresholds(numbers, of_the_class).turned
    anew = thresholds(-numbers, ~of_the_class)
    for name in ("at", "hits", "alarms"):
        np.testing.assert_array_equal(getattr(turned, name), getattr(anew, name))
