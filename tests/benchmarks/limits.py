"""How far the main kernels are from the machine, and how cost grows."""

import time
from collections.abc import Callable

import numpy as np

from regcore.folds import draw_folds
from regcore.losses import HALF_SQUARED_ERROR, LOG_LOSS
from regcore.oracle import Moments, Rows
from regcore.path import cross_validate, lam_grid
from tests.benchmarks.curves import three_penalties, train
from tests.benchmarks.exact import _ours as answer
from tests.benchmarks.exact import _penalty
from tests.benchmarks.problems import Data, drawn


def _median(run: Callable[[], object], repeats: int = 5) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return float(np.median(seconds))


def limits(n: int = 100_000, p: int = 100) -> list[str]:
    """Sums, a pass and a Hessian beside the memory's and the product's speed."""
    data = drawn(LOG_LOSS, n, p)
    square = np.random.default_rng(0).standard_normal((1_000, 1_000))
    product = 2e9 / _median(lambda: square @ square)
    read = data.X.nbytes / _median(lambda: data.X.sum())
    rows = Rows(data.X, data.Y, data.loss)
    W, b = np.zeros((1, p, 1)), np.zeros((1, 1, 1))
    rows.loss_and_gradient(W, b)
    sums = n * (p + 2) ** 2 / _median(lambda: Moments.of(data.X, data.Y))
    hessian = n * (p + 1) ** 2 / _median(lambda: rows.hessian(W[0], b[0]))
    one_pass = data.X.nbytes / _median(lambda: rows.loss_and_gradient(W, b))
    pair = _pair(50)
    three = three_penalties(pair[0])
    epoch = _median(lambda: train(*pair, three, 1_000, None)) / 1_000
    return [
        f"The machine: reads {read / 1e9:.1f} GB/s, multiplies {product / 1e9:.0f} "
        "GFLOP/s.",
        f"Sums (half of the symmetric product): {sums / product:.0%} of the product's "
        "speed.",
        f"Hessian of the log loss: {hessian / product:.0%} of the product's speed.",
        f"One pass of the log loss, one model: {one_pass / read:.0%} of the memory's "
        "speed; it also takes an exponential and a logarithm a row.",
        f"An epoch on sums, three models, 50 features: {1e6 * epoch:.1f} µs, 8 calls "
        "of NumPy.",
    ]


def _pair(p: int) -> tuple[Data, Data]:
    data = drawn(HALF_SQUARED_ERROR, 10_000, p)
    return data, data._replace(X=data.X[:2_000], Y=data.Y[:2_000])


def growth() -> list[str]:
    """How a task's time grows when n, p or the epochs are four times as many."""
    lines = []
    for task, run, sizes in [
        ("curves, half squared error, 1,000 epochs", _curves, (20_000, 50, 1_000)),
        ("curves, log loss, 20 epochs", _curves_of_classes, (20_000, 50, 20)),
        ("L1, half squared error", _lasso, (20_000, 50, None)),
        ("L1, log loss", _logistic, (20_000, 50, None)),
        ("path of L1 with 10 folds, half squared error", _path, (20_000, 25, None)),
    ]:
        n, p, epochs = sizes
        base = run(n, p, epochs)
        grown = [("n", run(4 * n, p, epochs)), ("p", run(n, 4 * p, epochs))]
        if epochs:
            grown.append(("epochs", run(n, p, 4 * epochs)))
        told = ", ".join(f"{name} × 4: time × {t / base:.1f}" for name, t in grown)
        lines.append(f"{task} (from {n:,} × {p}): {told}.")
    return lines


def _curves(n: int, p: int, epochs: int, loss=HALF_SQUARED_ERROR) -> float:
    data = drawn(loss, n, p)
    three = three_penalties(data)
    return _median(lambda: train(data, data, three, epochs, None), 3)


def _curves_of_classes(n: int, p: int, epochs: int) -> float:
    return _curves(n, p, epochs, LOG_LOSS)


def _lasso(n: int, p: int, _: None, loss=HALF_SQUARED_ERROR) -> float:
    data = drawn(loss, n, p)
    penalty = _penalty(data, "L1", 0.05)
    return _median(lambda: answer(data, penalty, wide=False), 3)


def _logistic(n: int, p: int, _: None) -> float:
    return _lasso(n, p, None, LOG_LOSS)


def _path(n: int, p: int, _: None) -> float:
    data = drawn(HALF_SQUARED_ERROR, n, p)
    fold, lams = draw_folds(np.zeros(n), 10, 0), lam_grid(data.lam_max)
    return _median(
        lambda: cross_validate(data.X, data.Y, data.loss, fold, [(1.0, lams)]), 3
    )
