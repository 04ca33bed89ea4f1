"""How far the main kernels are from the machine, and how cost grows."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from unittest.mock import patch

import numpy as np

from regcore.model import bends
from regcore.model.blocks import block_rows
from regcore.model.losses import (
    CROSS_ENTROPY,
    HALF_SQUARED_ERROR,
    LOG_LOSS,
    Array,
    Loss,
)
from regcore.model.oracle import Moments, Rows
from regcore.model.penalties import Penalty
from regcore.solve.folds import draw_folds
from regcore.solve.path import lam_grid
from tests.benchmarks.curves import model_by_model, three_penalties, train
from tests.benchmarks.exact import SHARE, answer, penalty_of
from tests.benchmarks.paths import FALLS, FOLDS, walk
from tests.benchmarks.problems import Data, drawn, real


def _median(run: Callable[[], object], repeats: int = 5) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return float(np.median(seconds))


def machine() -> tuple[float, float]:
    """Bytes a second that one thread reads, and operations a second of a product."""
    long = np.ones(10_000_000)
    square = np.random.default_rng(0).standard_normal((1_000, 1_000))
    read = long.nbytes / _median(long.sum)
    return read, 2e9 / _median(lambda: square @ square)


def limits(read: float, product: float, n: int = 100_000, p: int = 100) -> list[str]:
    """Each kernel beside the speeds that `machine` returns, and beside its parts."""
    data = drawn(LOG_LOSS, n, p)
    rows = Rows(data.X, data.Y, data.loss)
    W, b = np.zeros((1, p, 1)), np.zeros((1, 1, 1))
    rows.loss_and_gradient(W, b)
    reading = data.X.nbytes / read
    block, z = data.X[: block_rows(p, 1)], np.zeros((block_rows(p, 1), 1))
    few, ones = data.X[: bends.ROWS], np.ones(bends.ROWS)
    moved = np.empty_like(few)
    parts = {"reading the rows": reading}
    weighing = _cached(lambda: np.einsum("s,sp->sp", ones, few, out=moved), few, n)
    square = {"the product from the cache": _cached(lambda: few.T @ few, few, n)}
    functions = {
        "exponentials and logarithms": _cached(lambda: LOG_LOSS.cumulant(z), z, n)
    }
    second = {"the second product": _cached(lambda: block.T @ z, block, n)}
    return [
        _roofline(
            "One pass of the log loss, one model",
            reading,
            lambda: rows.loss_and_gradient(W, b),
            parts | second | functions,
            0.8,
        ),
        _roofline(
            "Hessian of the log loss",
            n * (p + 1) ** 2 / product,
            lambda: rows.hessian(W[0], b[0]),
            parts | functions | {"weighing them": weighing} | square,
            0.5,
        ),
        _roofline(
            "Sums",
            n * (p + 2) ** 2 / product,
            lambda: Moments.of(data.X, data.Y),
            parts | {"moving them": weighing} | square,
            0.5,
        ),
        _epoch_of_classes(10_000, 50),
        _epoch_on_sums(),
        *(_few_rows(real(name)) for name in ("diabetes", "breast cancer", "wine")),
    ]


def _roofline(
    task: str,
    least: float,
    run: Callable[[], object],
    parts: dict[str, float],
    asked: float,
) -> str:
    """What a kernel has of the machine, and would if it took no more than its parts.

    Parameters
    ----------
    least : seconds at the machine's speed; of a symmetric product half is counted
    parts : seconds of what NumPy does one after the other, each by itself
    """
    seconds = _median(run, 15)
    told = ", ".join(f"{part} {1e3 * took:.1f}" for part, took in parts.items())
    return (
        f"{task}: {least / seconds:.0%} of the machine's speed, {1e3 * seconds:.1f} ms."
        f" {asked:.0%} are asked; its parts by themselves have "
        f"{least / sum(parts.values()):.0%}: {told}."
    )


def _cached(run: Callable[[], object], block: Array, n: int) -> float:
    """Seconds for n rows, if one block stands for all and stays in the cache."""
    times = n // len(block)
    return n / (times * len(block)) * _median(lambda: [run() for _ in range(times)], 15)


def _epoch_on_sums() -> str:
    pair = _pair(HALF_SQUARED_ERROR, 50)
    three = three_penalties(pair[0])
    epoch = _median(lambda: train(*pair, three, 1_000, None)) / 1_000
    return (
        f"An epoch on sums, three models, 50 features: {1e6 * epoch:.1f} µs, 8 calls "
        "of NumPy."
    )


def _few_rows(data: Data) -> str:
    """Where rows are few the calls take the time: how many, and what is no step."""
    penalty, empty = (penalty_of(data, "L1", share) for share in (SHARE, 1.01))
    calls = 0

    def count(frame: FrameType, event: str, about: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    answer(data, penalty, wide=False)
    sys.setprofile(None)
    seconds = _median(lambda: answer(data, penalty, wide=False), 100)
    outside = _median(lambda: answer(data, empty, wide=False), 100)
    return (
        f"L1, {data.name}: {1e6 * seconds:.0f} µs for {calls:,} calls, "
        f"{1e6 * seconds / calls:.2f} µs each; {1e6 * outside:.0f} µs where λ is above "
        f"λ_max and no step is taken. {_least(data, penalty)}"
    )


def _least(data: Data, penalty: Penalty) -> str:
    """What an answer's looks, curvatures and linear systems take by themselves."""
    oracle = type(data.oracle())
    with (
        _noted(oracle, "of_columns") as looks,
        _noted(oracle, "hessian") as bends,
        _noted(np.linalg, "solve") as systems,
    ):
        answer(data, penalty, wide=False)
    parts = {"looks": looks, "Hessians": bends, "linear systems": systems}
    told = (
        f"{len(calls)} {name} {1e6 * _median(partial(_again, calls), 100):.0f}"
        for name, calls in parts.items()
    )
    return f"By themselves took {', '.join(told)} µs."


@contextmanager
def _noted(owner: object, name: str) -> Iterator[list[Callable[[], object]]]:
    """Yield a list of all calls of it from now on, each to be made again."""
    calls: list[Callable[[], object]] = []
    function = getattr(owner, name)

    def noted(*given: object) -> object:
        calls.append(partial(function, *given))
        return function(*given)

    with patch.object(owner, name, noted):
        yield calls


def _again(calls: list[Callable[[], object]]) -> None:
    for call in calls:
        call()


def _pair(loss: Loss, p: int) -> tuple[Data, Data]:
    data = drawn(loss, 10_000, p)
    return data, data._replace(X=data.X[:2_000], Y=data.Y[:2_000])


def _products(X: Array, k: int) -> None:
    """What any answer from rows takes: X·W and Xᵀ·R for k columns, in blocks."""
    W = np.ones((X.shape[1], k))
    size = block_rows(*W.shape)
    R = np.ones((size, k))
    for first in range(0, len(X), size):
        block = X[first : first + size]
        block @ W
        block.T @ R[: len(block)]


def _epoch_of_classes(n: int, p: int, epochs: int = 200) -> str:
    """An epoch of three models beside plain NumPy, and beside its parts."""
    data = drawn(LOG_LOSS, n, p)
    cut = n * 4 // 5
    training = data._replace(X=data.X[:cut], Y=data.Y[:cut])
    held_out = data._replace(X=data.X[cut:], Y=data.Y[cut:])
    three = three_penalties(training)
    epoch = _median(lambda: train(training, held_out, three, epochs, None)) / epochs
    plain = _median(lambda: model_by_model(training, held_out, three, 20)) / 20
    Z = np.zeros((n, 3))
    products = _median(partial(_products, training.X, 4), 15)
    functions = _median(lambda: np.log(np.exp(Z) + 1.0), 15)
    return (
        f"An epoch of the log loss, three models, {n:,} × {p}: {1e6 * epoch:.0f} µs, "
        f"plain NumPy {1e6 * plain:.0f}, {plain / epoch:.2f} times that. 5 times are "
        f"asked, {1e6 * plain / 5:.0f} µs; the products of the training rows take "
        f"{1e6 * products:.0f} by themselves, and an exponential and a logarithm a row "
        f"and model {1e6 * functions:.0f}."
    )


Sizes = tuple[int, int, int | None]
Timed = Callable[[int, int, int | None], float]


def growth() -> list[str]:
    """How a task's time grows when n, p or the epochs are four times as many."""
    lines = []
    for task, run, (n, p, epochs) in _tasks():
        base = run(n, p, epochs)
        grown = [("n", run(4 * n, p, epochs)), ("p", run(n, 4 * p, epochs))]
        if epochs:
            grown.append(("epochs", run(n, p, 4 * epochs)))
        told = ", ".join(f"{name} × 4: time × {t / base:.1f}" for name, t in grown)
        lines.append(f"{task} (from {n:,} × {p}): {told}.")
    return lines


def _tasks() -> Iterator[tuple[str, Timed, Sizes]]:
    curves = [
        (HALF_SQUARED_ERROR, None, (20_000, 50, 1_000)),
        (LOG_LOSS, None, (20_000, 50, 20)),
        (HALF_SQUARED_ERROR, 32, (5_000, 50, 2)),
    ]
    for loss, size, start in curves:
        batches = f", batches of {size}" if size else ""
        task = f"curves{batches}, {loss.name}, {start[2]:,} epochs"
        yield task, partial(_curves, loss, size), start
    for loss, n in [
        (HALF_SQUARED_ERROR, 20_000),
        (LOG_LOSS, 20_000),
        (CROSS_ENTROPY, 5_000),
    ]:
        for name in ("none", "L2", "L1"):
            yield f"{name}, {loss.name}", partial(_answer, loss, name), (n, 50, None)
    for loss, n in [
        (HALF_SQUARED_ERROR, 20_000),
        (LOG_LOSS, 2_500),
        (CROSS_ENTROPY, 1_250),
    ]:
        for name in ("L2", "L1"):
            task = f"path, {name}, 100 λ, 10 folds, {loss.name}"
            yield task, partial(_path, loss, name), (n, 20, None)


def _curves(
    loss: Loss, batch_size: int | None, n: int, p: int, epochs: int | None
) -> float:
    data = drawn(loss, n, p)
    three = three_penalties(data)
    return _median(lambda: train(data, data, three, epochs, batch_size), 3)


def _answer(loss: Loss, name: str, n: int, p: int, _: None) -> float:
    data = drawn(loss, n, p)
    penalty = penalty_of(data, name, SHARE)
    return _median(lambda: answer(data, penalty, wide=False), 3)


def _path(loss: Loss, name: str, n: int, p: int, _: None) -> float:
    data = drawn(loss, n, p)
    strata = np.zeros(n) if loss is HALF_SQUARED_ERROR else data.y
    fold, lams = draw_folds(strata, FOLDS, 0), lam_grid(data.lam_max)
    return _median(lambda: walk(data, fold, float(name == "L1"), lams, FALLS[-1]), 1)
