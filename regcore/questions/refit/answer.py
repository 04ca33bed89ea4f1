"""The features that L1 keeps, refitted without a penalty."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.model.blocks import Tick, no_tick
from regcore.model.losses import Array
from regcore.model.penalties import Penalty
from regcore.questions.judgement import Judgement, on_rows
from regcore.settings import Task
from regcore.solve.optimum import Status, solve


@dataclass(frozen=True)
class Refit:
    """L1's exact weights beside those of its features without a penalty.

    Attributes
    ----------
    table : index feature (and class), columns "L1" and "refitted", per standard
        deviation; the largest refitted first; NaN where there is no optimum
    status : the kind of answer that the refit is
    features : number of features to choose from
    kept : number of features that L1 keeps, with several classes for any of them
    judgement : the refit by L1, on the rows held out

    References
    ----------
    Belloni & Chernozhukov (2013), Least squares after model selection in
    high-dimensional sparse models.
    """

    table: pd.DataFrame
    status: Status
    features: int
    kept: int
    judgement: Judgement

    @property
    def exists(self) -> bool:
        """Whether there are refitted weights to show."""
        return bool(np.isfinite(self.table["refitted"]).all())

    @property
    def length_ratio(self) -> float:
        """Length of L1's weights as a share of the refitted ones'."""
        length = float(np.linalg.norm(self.table["refitted"]))
        return float(np.linalg.norm(self.table["L1"])) / length if length else np.nan


def refit(result: Comparison, tick: Tick = no_tick) -> Refit:
    """Refit the features of L1's exact optimum on the training rows, without a penalty.

    With three or more classes a feature that any of them keeps is refitted for all.
    """
    problem, best = result.problem, result["L1"].optimum
    kept = np.flatnonzero((best.W != 0).any(axis=1))
    # With nothing kept L1 is the constant already.
    free = replace(best, W=best.W[kept])
    if len(kept):
        start = np.zeros_like(free.W), problem.start[1]
        free = solve(problem.oracle.restrict(kept), Penalty(), start, tick=tick)
    W, b = np.array([best.W, best.W]), np.array([best.b, free.b])
    W[1, kept] = free.W
    return Refit(
        table=_table(result, kept, W[:, kept]),
        status=free.status,
        features=problem.shape[1],
        kept=len(kept),
        judgement=on_rows(problem, problem.score_held_out(W, b), 1, problem.n_held_out),
    )


def _table(result: Comparison, kept: np.ndarray, W: Array) -> pd.DataFrame:
    """Both weights of the kept features, the largest first."""
    design = result.problem.design
    names = [design.features[j] for j in kept]
    index = pd.Index(names, name="feature")
    if design.task is Task.MULTICLASS:
        index = pd.MultiIndex.from_product(
            [names, design.classes], names=["feature", "class"]
        )
    size = np.abs(np.where(np.isfinite(W), W, 0.0)).max(axis=(0, 2))
    order = np.argsort(-size, kind="stable")
    positions = np.arange(W[0].size).reshape(W.shape[1:])[order].ravel()
    table = pd.DataFrame(
        W.reshape(2, -1).T, index=index, columns=pd.Index(["L1", "refitted"])
    )
    return table.iloc[positions]
