"""The seeded data of the benchmark, and the real ones."""

from typing import NamedTuple

import numpy as np
from sklearn import datasets

from regcore.model.losses import (
    CROSS_ENTROPY,
    HALF_SQUARED_ERROR,
    LOG_LOSS,
    Array,
    Loss,
)
from regcore.model.oracle import Moments, Oracle, Rows


class Data(NamedTuple):
    """Standardised rows; the target too if it is a number."""

    name: str
    X: Array
    Y: Array
    loss: Loss

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def y(self) -> Array:
        """Target as peers want it: numbers or class codes."""
        return self.Y[:, 0] if self.Y.shape[1] == 1 else self.Y.argmax(axis=1)

    @property
    def start(self) -> tuple[Array, Array]:
        W = np.zeros((self.X.shape[1], self.Y.shape[1]))
        return W, self.loss.link(self.Y.mean(axis=0, keepdims=True))

    @property
    def lam_max(self) -> float:
        return self.n * float(np.abs(self.rows.covariance).max())

    @property
    def rows(self) -> Rows:
        return Rows(self.X, self.Y, self.loss)

    def oracle(self) -> Oracle:
        """A new one, that has seen nothing yet."""
        if self.loss is HALF_SQUARED_ERROR:
            return Moments.of(self.X, self.Y)
        return self.rows


def _standardise(X: Array) -> Array:
    X = X - X.mean(axis=0)
    X /= X.std(axis=0)
    return np.ascontiguousarray(X)


def real(name: str) -> Data:
    """Diabetes, breast cancer or wine."""
    if name == "diabetes":
        data = datasets.load_diabetes(scaled=False)
        Y = _standardise(data.target[:, np.newaxis].astype(float))
        return Data(name, _standardise(data.data), Y, HALF_SQUARED_ERROR)
    if name == "breast cancer":
        data = datasets.load_breast_cancer()
        Y = data.target[:, np.newaxis].astype(float)
        return Data(name, _standardise(data.data), Y, LOG_LOSS)
    data = datasets.load_wine()
    return Data(name, _standardise(data.data), np.eye(3)[data.target], CROSS_ENTROPY)


def surveyed(n: int, questions: int = 32, k: int = 5, seed: int = 0) -> Data:
    """Answers in four categories each, all kept, and k classes that go with them."""
    rng = np.random.default_rng(seed)
    traits = rng.standard_normal((n, 4))
    columns = []
    for _ in range(questions):
        leaning = traits @ rng.standard_normal(4) + 1.5 * rng.standard_normal(n)
        answers = np.digitize(leaning, np.quantile(leaning, [0.25, 0.5, 0.75]))
        columns.append(np.eye(4)[answers])
    Z = traits @ rng.standard_normal((4, k)) + rng.gumbel(size=(n, k))
    X = _standardise(np.concatenate(columns, axis=1))
    name = f"survey, {n:,} × {X.shape[1]:,}, {k} classes"
    return Data(name, X, np.eye(k)[Z.argmax(axis=1)], CROSS_ENTROPY)


def drawn(loss: Loss, n: int, p: int, seed: int = 0) -> Data:
    """Correlated features of which some count; noise as large as the signal."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    X += 0.5 * rng.standard_normal((n, 1))
    X = _standardise(X)
    k = 3 if loss is CROSS_ENTROPY else 1
    truth = rng.standard_normal((p, k)) * (rng.random((p, 1)) < min(0.3, 20 / p))
    Z = X @ truth
    Z *= 2.0 / Z.std()
    if loss is HALF_SQUARED_ERROR:
        Y = _standardise(Z + 2.0 * rng.standard_normal((n, 1)))
    elif loss is LOG_LOSS:
        Y = (rng.random((n, 1)) < 1.0 / (1.0 + np.exp(-Z))).astype(float)
    else:
        Y = np.eye(k)[(Z + rng.gumbel(size=Z.shape)).argmax(axis=1)]
    classes = ", three classes" if k == 3 else ""
    return Data(f"{n:,} × {p:,}{classes}", X, Y, loss)
