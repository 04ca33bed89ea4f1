"""What L1 determines: where it has many optima, all of them only predict the same."""

import numpy as np

from regcore.model.moments import Moments
from regcore.model.penalties import Penalty
from regcore.problem import Problem
from regcore.regularization_path import RegularizationPath
from regcore.solve.cut import Cut
from regcore.solve.descent import no_progress
from regcore.solve.fold_moments import FoldMoments
from regcore.solve.fold_newton import Way
from regcore.solve.optimum import Optimum, Status, solve
from regcore.solve.uniqueness import l1_has_many_optima
from tests.sources.tables import CLOSE, furthest


def l1_apart(
    problems: tuple[Problem, Problem],
    paths: tuple[RegularizationPath, RegularizationPath],
    *,
    divide: bool,
) -> tuple[dict[str, float], int, int]:
    """How far apart two paths of L1 are in what is determined.

    The objectives of all models; the weights of all rows, and the losses held out,
    where the optimum is unique or they agree anyhow.

    Parameters
    ----------
    problems, paths : of an engine, and of the same rows in memory

    Returns
    -------
    that, the optima that were found not to be unique, and all of them
    """
    one, other = (path.l1 for path in paths)
    l1s = other.lams / problems[1].n
    cuts = [
        problem.cut(path.fold, divide=divide)
        for problem, path in zip(problems, paths, strict=True)
    ]
    found = [
        Way(FoldMoments(cut), cut.n, 1.0, 1e-11, lambda: None).down(
            other.lams, no_progress
        )
        for cut in cuts
    ]
    sizes = l1s[:, np.newaxis]
    objectives = [
        a.loss + sizes * np.abs(V[:, :, :-1, 0]).sum(axis=2) for V, a in found
    ]
    weights = np.abs(one.W - other.W).max(axis=(1, 2)) / np.abs(other.W).max()
    losses = np.abs(one.fold_loss - other.fold_loss) / other.fold_loss.max()
    apart = np.vstack([losses, weights]).T
    V, many = found[1][0], np.zeros(apart.shape, dtype=bool)
    for f in np.flatnonzero((apart > CLOSE).any(axis=0)):
        far = np.flatnonzero(apart[:, f] > CLOSE)
        many[far, f] = _many(cuts[1], f, l1s[far], V[far, f])
    apart[many] = 0.0
    named = {
        "objective along L1": furthest(*objectives),
        "W along L1": float(apart[:, -1].max()),
        "folds of L1": float(apart[:, :-1].max()),
    }
    return named, int(many.sum()), many.size


def _many(cut: Cut, f: int, l1s: np.ndarray, V: np.ndarray) -> list[bool]:
    """Whether model f has many optima at these strengths, of which V are some."""
    a, b = cut.edges[f : f + 2]
    trains = np.r_[:a, b : cut.n] if f < cut.m - 1 else np.arange(cut.n)
    rows = np.hstack([cut.X[trains], np.ones((len(trains), 1))])
    X, Y = (rows @ cut.maps[f])[:, :-1], cut.Y[trains]
    sums = Moments.of(X, Y).sharpened(X, Y)
    start = np.zeros((X.shape[1], 1)), Y.mean(axis=0, keepdims=True)
    none = solve(sums, Penalty(), start)
    return [
        l1_has_many_optima(
            sums, X, l1, Optimum(v[:-1], v[-1:], 0.0, 0.0, Status.OPTIMAL), none
        )
        for l1, v in zip(l1s.tolist(), V, strict=True)
    ]
