"""Small problems with known answers, shared by the tests of the exact answers."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from sklearn import datasets

from regcore.model.losses import (
    CROSS_ENTROPY,
    HALF_SQUARED_ERROR,
    LOG_LOSS,
    Array,
    Loss,
)
from regcore.model.oracle import Moments, Oracle, Rows
from regcore.model.penalties import Penalty

REFERENCE = json.loads(
    (Path(__file__).parent / "data" / "reference_optima.json").read_text()
)
CASES = REFERENCE["cases"]


class Posed(NamedTuple):
    X: Array
    Y: Array
    loss: Loss

    @property
    def rows(self) -> Rows:
        return Rows(self.X, self.Y, self.loss)

    @property
    def oracles(self) -> tuple[Oracle, ...]:
        """Everything that can answer for this loss."""
        if self.loss is HALF_SQUARED_ERROR:
            return Moments.of(self.X, self.Y), self.rows
        return (self.rows,)

    @property
    def start(self) -> tuple[Array, Array]:
        W = np.zeros((self.X.shape[1], self.Y.shape[1]))
        return W, self.loss.link(self.Y.mean(axis=0, keepdims=True))

    @property
    def lam_max(self) -> float:
        return len(self.X) * float(np.abs(self.rows.covariance).max())


def standardised(X: Array) -> Array:
    return np.ascontiguousarray((X - X.mean(axis=0)) / X.std(axis=0))


@cache
def reference(name: str) -> Posed:
    """Diabetes, breast cancer or wine as the reference has them: y is not scaled."""
    if name == "diabetes":
        data = datasets.load_diabetes(scaled=False)
        return Posed(
            standardised(data.data),
            data.target[:, np.newaxis].astype(float),
            HALF_SQUARED_ERROR,
        )
    if name == "breast_cancer":
        data = datasets.load_breast_cancer()
        Y = data.target[:, np.newaxis].astype(float)
        return Posed(standardised(data.data), Y, LOG_LOSS)
    data = datasets.load_wine()
    return Posed(standardised(data.data), np.eye(3)[data.target], CROSS_ENTROPY)


def drawn(loss: Loss, n: int, p: int, seed: int, signal: float = 1.0) -> Posed:
    """Random rows with a few features that count; classes overlap."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + 0.7 * rng.standard_normal((n, 1))
    X = standardised(X)
    outputs = 3 if loss is CROSS_ENTROPY else 1
    truth = rng.standard_normal((p, outputs)) * (rng.random((p, 1)) < 0.5) * signal
    Z = X @ truth + 0.3
    if loss is HALF_SQUARED_ERROR:
        return Posed(X, Z + rng.standard_normal((n, 1)), loss)
    if loss is LOG_LOSS:
        return Posed(X, (rng.random((n, 1)) < 1 / (1 + np.exp(-Z))).astype(float), loss)
    noisy = Z + rng.gumbel(size=Z.shape)
    return Posed(X, np.eye(3)[noisy.argmax(axis=1)], loss)


def separated(X: Array, y: Array) -> bool:
    """Whether a plane has no row strictly on the wrong side, and some on the right."""
    A = np.where(y > 0, 1.0, -1.0)[:, None] * np.column_stack([X, np.ones(len(X))])
    plane = linprog(-A.sum(axis=0), A_ub=-A, b_ub=np.zeros(len(A)), bounds=(-1, 1))
    return -plane.fun > 1e-7


def penalty_of(name: str, lam: float, n: int) -> Penalty:
    """The penalty of that name at λ = lam with n training rows."""
    return {
        "none": Penalty(),
        "l1": Penalty(l1=lam / n),
        "l2": Penalty(l2=lam / n),
        "elastic net": Penalty(l1=0.5 * lam / n, l2=0.5 * lam / n),
    }[name]
