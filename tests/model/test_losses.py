import numpy as np
import pytest
from sklearn import metrics

from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from tests.tables import CASES, central_difference

every_case = pytest.mark.parametrize("case", CASES, ids=str)

WRONG_BY_A_THOUSAND = [
    # loss, Z, Y, value, mean
    (HALF_SQUARED_ERROR, [1e3], [0.0], 5e5, [1e3]),
    (LOG_LOSS, [1e3], [0.0], 1e3, [1.0]),
    (LOG_LOSS, [-1e3], [1.0], 1e3, [0.0]),
    (CROSS_ENTROPY, [1e3, 0.0, -1e3], [0.0, 0.0, 1.0], 2e3, [1.0, 0.0, 0.0]),
]

RIGHT_BY_A_THOUSAND = [
    (HALF_SQUARED_ERROR, [1e3], [1e3]),
    (LOG_LOSS, [1e3], [1.0]),
    (LOG_LOSS, [-1e3], [0.0]),
    (CROSS_ENTROPY, [0.0, 1e3, -1e3], [0.0, 1.0, 0.0]),
]


@every_case
def test_the_mean_is_the_derivative_of_the_cumulant(case):
    Z = 3.0 * case.draw(n=1)[2][0, :, :]
    _, mean = case.loss.cumulant(Z)
    for z, expected in zip(Z, mean, strict=True):
        slope = central_difference(lambda v: case.loss.cumulant(v[None])[0][0], z)
        np.testing.assert_allclose(expected, slope, atol=1e-8)


@every_case
def test_the_weight_is_the_derivative_of_the_mean(case):
    if case.loss.quadratic and case.k > 1:
        # Its outputs are fitted one by one.
        return
    Z = 2.0 * case.draw(n=1)[2]
    weight = case.loss.weight(case.loss.mean(Z))
    assert weight.shape == (*Z.shape, case.k)
    for index in np.ndindex(*Z.shape[:-1]):
        for j in range(case.k):
            slope = central_difference(
                lambda v, j=j: case.loss.mean(v[np.newaxis])[0, j], Z[index]
            )
            np.testing.assert_allclose(weight[index][j], slope, atol=1e-9)


@every_case
@pytest.mark.parametrize("size", [1.0, 1e4])
def test_models_side_by_side_have_the_losses_of_each_alone(case, size):
    X, Y, W, b = case.draw(n=7, m=4)
    Z = size * (X @ W + b)
    assert Z.shape == (4, 7, case.k)
    values, means = case.loss.value(Z, Y), case.loss.mean(Z)
    for i in range(4):
        np.testing.assert_allclose(values[i], case.loss.value(Z[i], Y), rtol=1e-12)
        np.testing.assert_allclose(means[i], case.loss.mean(Z[i]), rtol=1e-12)


@every_case
def test_the_curvature_bounds_every_second_difference(case):
    rng = np.random.default_rng(1)
    Z = 2.0 * rng.standard_normal((2000, case.k))
    D = rng.standard_normal((2000, case.k))
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    step = 1e-4
    slopes = (case.loss.mean(Z + step * D) - case.loss.mean(Z - step * D)) / (2 * step)
    second = (slopes * D).sum(axis=1)
    assert second.min() >= -1e-9
    assert second.max() <= case.loss.curvature + 1e-9


@pytest.mark.parametrize(
    ("loss", "Z", "D"),
    [
        (HALF_SQUARED_ERROR, [7.0], [1.0]),
        (LOG_LOSS, [0.0], [1.0]),
        (CROSS_ENTROPY, [0.0, 0.0, -40.0], [0.5**0.5, -(0.5**0.5), 0.0]),
    ],
)
def test_the_curvature_is_reached(loss, Z, D):
    Z, D, step = np.array([Z]), np.array([D]), 1e-4
    second = ((loss.mean(Z + step * D) - loss.mean(Z - step * D)) * D).sum()
    assert second / (2 * step) == pytest.approx(loss.curvature, rel=1e-6)


@pytest.mark.parametrize(("loss", "Z", "Y", "value", "mean"), WRONG_BY_A_THOUSAND)
def test_a_prediction_wrong_by_a_thousand_has_a_finite_loss(loss, Z, Y, value, mean):
    Z, Y = np.array([Z]), np.array([Y])
    assert loss.value(Z, Y)[0] == value
    np.testing.assert_array_equal(loss.mean(Z)[0], mean)


@pytest.mark.parametrize(("loss", "Z", "Y"), RIGHT_BY_A_THOUSAND)
def test_a_prediction_right_by_a_thousand_costs_nothing(loss, Z, Y):
    assert loss.value(np.array([Z]), np.array([Y]))[0] == 0.0


@every_case
def test_no_loss_is_negative(case):
    X, Y, W, b = case.draw(n=200)
    assert case.loss.value(5.0 * X @ W + b, Y).min() >= 0.0


@every_case
def test_the_link_gives_the_constant_with_that_mean(case):
    _, Y, _, _ = case.draw(n=30)
    mean = Y.mean(axis=0, keepdims=True)
    np.testing.assert_allclose(case.loss.mean(case.loss.link(mean)), mean, rtol=1e-14)


def test_log_loss_is_the_cross_entropy_of_two_classes():
    rng = np.random.default_rng(2)
    z, y = 4.0 * rng.standard_normal((50, 1)), rng.integers(0, 2, (50, 1)).astype(float)
    pair = CROSS_ENTROPY.value(np.hstack([0.0 * z, z]), np.hstack([1.0 - y, y]))
    np.testing.assert_allclose(LOG_LOSS.value(z, y), pair, rtol=1e-12)


@pytest.mark.parametrize("k", [2, 3, 6])
@pytest.mark.parametrize("size", [1.0, 30.0, 2e3])
def test_outputs_beside_the_last_have_the_same_cumulant_and_means(k, size):
    Z = size * np.random.default_rng(4).standard_normal((40, 2, k))
    A, mean = CROSS_ENTROPY.cumulant(Z)
    less, most = CROSS_ENTROPY.beside(Z[..., :-1] - Z[..., -1:])
    np.testing.assert_allclose(less + Z[..., -1], A, rtol=1e-13, atol=1e-13 * size)
    np.testing.assert_allclose(most, mean[..., :-1], rtol=1e-11, atol=1e-15)


def test_one_overflowing_row_leaves_the_others_as_they_were():
    rng = np.random.default_rng(3)
    Z, Y = rng.standard_normal((20, 1)), rng.integers(0, 2, (20, 1)).astype(float)
    with_overflow = np.vstack([Z, [[1e4]]]), np.vstack([Y, [[0.0]]])
    values = LOG_LOSS.value(*with_overflow)
    np.testing.assert_allclose(values[:-1], LOG_LOSS.value(Z, Y), rtol=1e-13)
    np.testing.assert_allclose(
        LOG_LOSS.mean(with_overflow[0])[:-1], LOG_LOSS.mean(Z), rtol=1e-13
    )


@every_case
def test_the_mean_loss_is_scikit_learns(case):
    X, Y, W, b = case.draw(n=50)
    Z = X @ W[0] + b[0]
    ours = case.loss.value(Z, Y).mean()
    if case.loss is HALF_SQUARED_ERROR:
        theirs = case.k * metrics.mean_squared_error(Y, Z) / 2.0
    else:
        labels = Y[:, 0] if case.k == 1 else Y.argmax(axis=1)
        mean = case.loss.mean(Z)
        theirs = metrics.log_loss(labels, mean[:, 0] if case.k == 1 else mean)
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_each_loss_has_the_name_that_the_page_calls_it():
    names = [loss.name for loss in (HALF_SQUARED_ERROR, LOG_LOSS, CROSS_ENTROPY)]
    assert names == ["half squared error", "log loss", "log loss"]


# Facts of a loss, in the record by name


@every_case
def test_a_quadratic_loss_and_no_other_has_one_curvature_everywhere(case):
    Z = np.random.default_rng(4).standard_normal((200, case.k))
    mean = case.loss.mean(3.0 * Z)
    same = np.ptp(case.loss.weight(mean), axis=0).max() == 0.0
    assert case.loss.quadratic == same
    # A quadratic function has no third difference.
    D = np.random.default_rng(5).standard_normal((200, case.k))
    A = [case.loss.cumulant(Z + step * D)[0] for step in range(4)]
    third = np.abs(A[3] - 3.0 * A[2] + 3.0 * A[1] - A[0]).max()
    assert case.loss.quadratic == (third < 1e-10)


@every_case
def test_a_separable_loss_and_no_other_falls_for_ever(case):
    X, Y = np.eye(4), case.draw(n=4)[1]
    # Every row has a weight of its own, so that its prediction can go where it likes.
    away = case.loss.mean(np.zeros_like(Y)) - Y
    losses = [case.loss.value(X @ (-step * away), Y).mean() for step in (1, 10, 100)]
    falls = losses[2] < 1e-6 and losses[2] < losses[1] < losses[0]
    assert case.loss.separable == falls


@every_case
def test_within_the_bound_a_step_of_the_mean_is_still_a_mean(case):
    rng = np.random.default_rng(6)
    mean = case.loss.mean(3.0 * rng.standard_normal((5000, case.k)))
    M = rng.standard_normal((5000, case.k))
    # With one output the other class is the output 0.
    M = M / (np.abs(M) if case.k == 1 else np.ptp(M, axis=1, keepdims=True))
    weight, bound = case.loss.weight(mean), case.loss.mean_bound
    if bound == np.inf:
        # Every number is a mean.
        assert case.loss.quadratic
        return
    step = (weight @ M[..., np.newaxis])[..., 0]
    for share in (1.0, -1.0):
        moved = mean - share * bound * step
        assert moved.min() >= -1e-15
        assert moved.max() <= 1.0 + 1e-15
    beyond = mean - 1.2 * bound * step
    assert beyond.min() < 0.0


@every_case
def test_the_mean_of_a_loss_on_classes_and_of_no_other_is_a_probability(case):
    Z = 5.0 * np.random.default_rng(7).standard_normal((500, case.k))
    mean = case.loss.mean(Z)
    total = mean.sum(axis=1)
    probable = mean.min() >= 0.0 and total.max() <= 1.0 + 1e-12
    assert case.loss.classes == probable
