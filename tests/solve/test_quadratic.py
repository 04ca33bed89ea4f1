import numpy as np
import pytest
from sklearn.linear_model import Lasso

from regcore.solve.quadratic import minimise


def drawn(kind, seed):
    """Problems side by side: H, q, l1 and a start, with or without one free weight."""
    rng = np.random.default_rng(seed)
    p, m, n = rng.integers(2, 40), rng.integers(1, 12), rng.integers(3, 80)
    X = rng.standard_normal((m, n, p))
    if kind == "twin columns":
        X[..., p // 2 :] = X[..., : p - p // 2]
    if kind == "few levels":
        X = np.round(X)
    H = X.swapaxes(1, 2) @ X / n
    q = (X.swapaxes(1, 2) @ rng.standard_normal((m, n, 1)))[..., 0] / n
    l1 = np.full((m, p), np.abs(q).max() * 10.0 ** rng.uniform(-4, 0))
    if seed % 2:
        l1[:, -1] = 0.0
    start = rng.standard_normal((m, p)) * (rng.random((m, p)) < 0.5 * (seed % 3))
    return H, q, l1, start


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["any columns", "twin columns", "few levels"])
def test_every_optimality_condition_holds_and_zeros_are_exact(kind, seed):
    H, q, l1, start = drawn(kind, seed)
    w = minimise(H, q, l1, start)
    g = (H @ w[..., np.newaxis])[..., 0] - q
    off = np.where(w == 0, np.maximum(np.abs(g) - l1, 0), np.abs(g + l1 * np.sign(w)))
    assert off.max() <= 1e-11 * np.abs(q).max()


@pytest.mark.parametrize("seed", range(5))
def test_side_by_side_each_problem_ends_where_it_would_alone(seed):
    H, q, l1, start = drawn("any columns", seed)
    together = minimise(H, q, l1, start)
    for i in range(len(q)):
        alone = minimise(H[i : i + 1], q[i : i + 1], l1[i : i + 1], start[i : i + 1])
        np.testing.assert_allclose(together[i], alone[0], rtol=1e-9, atol=1e-9)


def test_a_strong_penalty_leaves_only_the_free_weight():
    H, q = np.array([[[2.0, 0.5], [0.5, 1.0]]]), np.array([[1.0, 3.0]])
    w = minimise(H, q, np.array([[10.0, 0.0]]), np.array([[5.0, 5.0]]))
    np.testing.assert_allclose(w, [[0.0, 3.0]], atol=1e-11)


def test_with_nothing_to_move_nothing_moves():
    w = minimise(np.eye(2)[None], np.zeros((1, 2)), np.ones((1, 2)), np.zeros((1, 2)))
    assert not w.any()


def of_classes(seed, levels=30, k=6):
    """Of k classes and categories of five levels, which have flat directions.

    All weights of a level together change no prediction, nor do all of a category.
    """
    rng = np.random.default_rng(seed)
    groups = [np.eye(5)[rng.integers(0, 5, 200)] for _ in range(levels // 5)]
    X = np.concatenate(groups, axis=1)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    H = np.kron(np.eye(k) - 1.0 / k, X.T @ X / (200 * k))
    slopes = rng.standard_normal((k, 200)) @ X / 200
    q = (slopes - slopes.mean(axis=0)).ravel()
    l1 = np.full((1, q.size), 1e-3)
    return H[None], q[None], l1, 0.1 * rng.standard_normal((1, q.size))


@pytest.mark.parametrize("seed", range(4))
def test_flat_directions_are_left_by_many_sign_changes_at_once(seed):
    H, q, l1, start = of_classes(seed)
    rounds = []
    w = minimise(H, q, l1, start, lambda: rounds.append(1))
    g = (H @ w[..., np.newaxis])[..., 0] - q
    off = np.where(w == 0, np.maximum(np.abs(g) - l1, 0), np.abs(g + l1 * np.sign(w)))
    assert off.max() <= 1e-11 * np.abs(q).max()
    assert len(rounds) < q.size / 5


@pytest.mark.parametrize("loose", [0.5, 0.1, 1e-3])
def test_loose_conditions_are_off_by_no_more_than_asked_and_take_fewer_rounds(loose):
    exact, rough = [], []
    H, q, l1, start = of_classes(0)
    minimise(H, q, l1, start, lambda: exact.append(1))
    w = minimise(H, q, l1, start, lambda: rough.append(1), loose=loose)
    g = (H @ np.array([start[0], w[0]])[..., np.newaxis])[..., 0] - q
    before = np.abs(g[0] + l1 * np.sign(start)).max()
    after = np.where(w == 0, np.abs(g[1]) - l1, np.abs(g[1] + l1 * np.sign(w))).max()
    assert after <= loose * before
    assert len(rough) < len(exact)


def nearly_twins(seed):
    """Pairs of columns that hardly differ; sums of theirs are rounded beyond that."""
    rng = np.random.default_rng(seed)
    p = int(rng.integers(4, 20))
    half, n = p // 2, 3 * p
    X = rng.standard_normal((n, p))
    noise = rng.standard_normal((n, p - half))
    X[:, half:] = X[:, : p - half] + 10.0 ** -rng.integers(4, 10) * noise
    E = rng.standard_normal((p, p))
    H = X.T @ X / n + 2e-12 * (E + E.T)
    q = X.T @ rng.standard_normal(n) / n
    l1 = np.full(p, np.abs(q).max() * 10.0 ** rng.uniform(-8, -2))
    start = 10.0 ** rng.integers(0, 6) * rng.standard_normal(p) * (rng.random(p) < 0.5)
    return H[None], q[None], l1[None], start[None]


@pytest.mark.parametrize("seed", range(30))
def test_where_rounding_hides_which_way_a_zero_leaves_the_search_ends(seed):
    H, q, l1, start = nearly_twins(seed)
    rounds = []
    minimise(H, q, l1, start, lambda: rounds.append(1))
    assert len(rounds) <= 2 * q.size + 5


def alone(kind):
    """One problem on its own: H, q, l1, and its rows X, y."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((40, 10))
    if kind == "more columns than rows":
        X = rng.standard_normal((6, 10))
    if kind == "collinear columns":
        X[:, 5] = X[:, 0] - 2.0 * X[:, 1]
    if kind == "the same column twice":
        X[:, 5] = X[:, 0]
    if kind == "a column of nothing":
        X[:, 5] = 0.0
    y = X @ rng.standard_normal(10) + rng.standard_normal(len(X))
    if kind == "a tie":
        X = np.linalg.qr(X)[0] * np.sqrt(len(X))
        y = X @ np.r_[1.0, 1.0, -1.0, np.zeros(7)]
    return X.T @ X / len(X), X.T @ y / len(X), X, y


@pytest.mark.parametrize("share", [0.0, 1e-3, 0.1, 1.0, 2.0])
@pytest.mark.parametrize(
    "kind",
    [
        "any columns",
        "more columns than rows",
        "collinear columns",
        "the same column twice",
        "a column of nothing",
        "a tie",
    ],
)
def test_a_problem_on_its_own_ends_at_the_objective_of_scikit_learn(kind, share):
    H, q, X, y = alone(kind)
    l1 = share * np.abs(q).max()
    w = minimise(H[None], q[None], np.full((1, 10), l1), np.zeros((1, 10)))[0]
    if share:
        lasso = Lasso(alpha=l1, fit_intercept=False, tol=1e-12, max_iter=1_000_000)
        theirs = lasso.fit(X, y).coef_
    else:
        theirs = np.linalg.lstsq(X, y)[0]

    def objective(v):
        return 0.5 * ((y - X @ v) ** 2).mean() + l1 * np.abs(v).sum()

    assert objective(w) <= objective(theirs) + 1e-10 * objective(0.0 * w)
    assert w.any() == (share < 1.0)


@pytest.mark.parametrize("side_by_side", [1, 2])
@pytest.mark.parametrize("scale", [1e4, 1e8])
def test_a_column_in_a_large_unit_takes_no_rounds_more(scale, side_by_side):
    H, q, _, _ = alone("any columns")
    units = np.r_[scale, np.ones(8), 1.0 / scale]
    l1 = np.r_[np.full(5, 0.1), np.zeros(5)]
    results, rounds = [], []
    for unit in (np.ones(10), units):
        problem = H * np.outer(unit, unit), q * unit, l1 * unit, np.zeros(10)
        many = [np.repeat(one[np.newaxis], side_by_side, axis=0) for one in problem]
        count = []
        results.append(minimise(*many, lambda count=count: count.append(1)) * unit)
        rounds.append(len(count))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-9, atol=1e-9)
    assert rounds[1] <= rounds[0] + 2


@pytest.mark.parametrize("beyond", [np.inf, np.nan])
def test_a_curvature_beyond_all_numbers_ends_the_search(beyond):
    H, q, l1 = np.diag([1.0, beyond])[None], np.ones((1, 2)), np.array([[0.1, 0.0]])
    rounds = []

    def tick():
        rounds.append(1)
        assert len(rounds) < 100

    with np.errstate(invalid="ignore"):
        minimise(H, q, l1, np.zeros((1, 2)), tick)
