"""The loss over two weights of a model, with all else held where it is."""

import numpy as np

from regcore.model.losses import LOG_LOSS, Array
from regcore.problem import Problem

NEWTON_STEPS = 8

MOST_ROWS = 50_000
"""Rows that the rings of a classification are drawn from; the rest are skipped."""


class _Quadratic:
    """Squared error: one gradient and one Hessian say all."""

    def __init__(
        self, problem: Problem, W: Array, b: Array, pair: list[int], output: int
    ) -> None:
        oracle = problem.oracle
        loss, GW, _ = oracle.loss_and_gradient(W[np.newaxis], b[np.newaxis])
        self._origin, self._loss = W[pair, output], float(loss[0])
        self._g = GW[0][pair, output]
        self._H = oracle.hessian(W, b)[np.ix_(pair, pair)]

    def loss(self, points: Array) -> Array:
        d = points - self._origin
        loss: Array = self._loss + d @ self._g + 0.5 * ((d @ self._H) * d).sum(axis=1)
        return loss

    def gradient(self, point: Array) -> Array:
        gradient: Array = self._g + self._H @ (point - self._origin)
        return gradient

    def hessian(self, point: Array) -> Array:
        return self._H


class _Classes:
    """Log loss and cross entropy: A(z) = log(e^R + e^z), where only z moves.

    R comes from the other outputs, and is 0 where there are two classes.
    """

    def __init__(
        self, problem: Problem, W: Array, b: Array, pair: list[int], output: int
    ) -> None:
        design = problem.design
        every = slice(None, None, -(-problem.n // MOST_ROWS))
        X, Y = design.X[every], design.Y[every]
        Z = X @ W + b
        others = np.delete(Z, output, axis=1)
        self._rest = np.zeros(len(Z))
        if others.shape[1]:
            self._rest = np.logaddexp.reduce(others, axis=1)
        self._X, self._y = X[:, pair], Y[:, output]
        self._z = Z[:, output] - self._X @ W[pair, output]
        self._fixed = float((np.delete(Y, output, axis=1) * others).sum() / len(Z))
        self._fixed += float(self._y @ self._z) / len(Z)
        self._pull = self._X.T @ self._y / len(Z)

    def loss(self, points: Array) -> Array:
        A = [LOG_LOSS.cumulant(self._apart(point))[0].mean() for point in points]
        A = np.array(A) + self._rest.mean()
        loss: Array = A - points @ self._pull - self._fixed
        return loss

    def gradient(self, point: Array) -> Array:
        return self._X.T @ self._mean(point) / len(self._X) - self._pull

    def hessian(self, point: Array) -> Array:
        mean = self._mean(point)
        return (self._X.T * (mean * (1.0 - mean))) @ self._X / len(self._X)

    def _apart(self, point: Array) -> Array:
        """How far this output is above the others, (n, 1)."""
        return (self._z + self._X @ point - self._rest)[:, np.newaxis]

    def _mean(self, point: Array) -> Array:
        return LOG_LOSS.mean(self._apart(point))[:, 0]


Plane = _Quadratic | _Classes
"""The loss over two weights of one output, all else held: `loss` (m,) at points (m, 2);
at a point (2,) its `gradient` (2,) and its second derivative, `hessian` (2, 2)."""


def cut_plane(
    problem: Problem, state: tuple[Array, Array], pair: list[int], output: int
) -> Plane:
    """The plane of two features' weights through a state W (p, k), b (1, k)."""
    kind = _Quadratic if problem.loss.quadratic else _Classes
    return kind(problem, *state, pair, output)


def lowest(plane: Plane, start: Array) -> Array:
    """A point near the lowest one, from Newton steps that all go down."""
    point, value = start, plane.loss(start[np.newaxis])[0]
    for _ in range(NEWTON_STEPS):
        H, g = plane.hessian(point), plane.gradient(point)
        step = -np.linalg.lstsq(H, g, rcond=1e-10)[0]
        tried = point + step * 0.5 ** np.arange(4)[:, np.newaxis]
        losses = plane.loss(tried)
        if not losses.min() < value:
            break
        point, value = tried[np.argmin(losses)], losses.min()
    return point
