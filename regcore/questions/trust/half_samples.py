"""How far the weights depend on which rows were drawn: many half-samples."""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison
from regcore.model.losses import Array, Integers
from regcore.questions.trust.pool import solved, training
from regcore.questions.trust.resample import affordable, unknown
from regcore.settings import Split, Task
from regcore.solve.descent import Progress, no_progress

HALF_SAMPLES = 100

TRUSTED = 0.9
"""Share of the half-samples in which a weight must stay to be called steady; the upper
end of the thresholds that Meinshausen and Bühlmann find sensible."""

LOW, HIGH = 0.1, 0.9
"""Quantiles that the spread of a weight is drawn between."""


@dataclass(frozen=True)
class Stability:
    """Exact weights on many different random halves of the training rows.

    A half-sample of n/2 rows is given half of λ: what a weight's slope must pass to get
    in is λ/n, and it stays the same. Every half-sample is standardised on itself.

    Attributes
    ----------
    weights : (3, r, p, k), in the order of `PENALTIES`, per standard deviation; NaN
        where there is no optimum
    reference : (3, p, k), the exact weights on all training rows
    sizes : (r,), training rows of each half-sample; kept whole, groups make them differ
    training_rows : of all
    features, classes : names; classes only where there are three or more
    whole_groups : whether groups are kept whole
    stopped : whether solving without a penalty has stopped somewhere, so that it is not
        known whether there is an optimum

    References
    ----------
    Meinshausen & Bühlmann (2010), Stability selection, sections 2.2 and 3.1.
    """

    weights: Array
    reference: Array
    sizes: Array
    training_rows: int
    features: tuple[str, ...]
    classes: tuple[str, ...]
    whole_groups: bool = False
    stopped: bool = False

    @property
    def count(self) -> int:
        """Number of half-samples."""
        count: int = self.weights.shape[1]
        return count

    @property
    def rows(self) -> int:
        """Rows of the middle half-sample."""
        return int(np.median(self.sizes))

    @property
    def halved(self) -> bool:
        """Whether most draws have between a quarter and three quarters of the rows."""
        return bool(np.median(np.abs(self.sizes / self.training_rows - 0.5)) <= 0.25)

    @property
    def solved(self) -> Integers:
        """For each penalty, the half-samples that have an optimum, (3,)."""
        solved: Integers = np.isfinite(self.weights).all(axis=(2, 3)).sum(axis=1)
        return solved

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a penalty, feature and class.

        `kept` is the share of the half-samples in which the weight is not exactly 0,
        `same_sign` the share of those with the commoner sign, `one_sign` the share of
        all with it; `low`, `median` and `high` are the 10, 50 and 90 % points of the
        weight; `all_rows` is the weight on all training rows. NaN where a penalty has
        no optimum.
        """
        parts = [self._of(i, name) for i, name in enumerate(PENALTIES)]
        return pd.concat(parts, ignore_index=True)

    def _of(self, i: int, name: str) -> pd.DataFrame:
        p, k = self.reference.shape[1:]
        W = self.weights[i].reshape(self.count, -1)
        W = W[np.isfinite(W).all(axis=1)]
        nothing = np.full(p * k, np.nan)
        quantiles = [nothing] * 3
        kept = same_sign = one_sign = nothing
        if len(W):
            quantiles = list(np.quantile(W, [LOW, 0.5, HIGH], axis=0))
            positive, negative = (W > 0).sum(axis=0), (W < 0).sum(axis=0)
            nonzero = positive + negative
            kept = nonzero / len(W)
            commoner = np.maximum(positive, negative)
            # Of whole numbers: the product of the two shares rounds 90 of 100 down.
            one_sign = commoner / len(W)
            same_sign = np.where(nonzero > 0, commoner / np.maximum(nonzero, 1), np.nan)
        return pd.DataFrame(
            {
                "penalty": name,
                "feature": np.repeat(self.features, k),
                "class": np.tile(self.classes or ("",), p),
                "kept": kept,
                "same_sign": same_sign,
                "one_sign": one_sign,
                "low": quantiles[0],
                "median": quantiles[1],
                "high": quantiles[2],
                "all_rows": self.reference[i].ravel(),
            }
        )

    def ranked(self, output: str = "") -> pd.DataFrame:
        """Rows of `table` for one class, the features that L1 keeps most often first.

        Features kept equally often are in the order of their largest weight.
        """
        table = self.table[self.table["class"] == output]
        l1 = table[table["penalty"] == "L1"]
        sizes = table["all_rows"].abs()
        largest = sizes.groupby(table["feature"], sort=False).max()
        order = l1.assign(size=largest.reindex(l1["feature"]).to_numpy()).sort_values(
            ["kept", "size"], ascending=False, kind="stable"
        )
        place = {feature: i for i, feature in enumerate(order["feature"])}
        return table.iloc[np.argsort(table["feature"].map(place), kind="stable")]


def half_samples(
    result: Comparison, count: int | None = None, progress: Progress = no_progress
) -> Stability:
    """Solve the three models exactly on random halves of the training rows.

    Split by groups, a half is made of whole groups.

    Parameters
    ----------
    count : half-samples to draw, of which only different ones count; None takes 100, or
        as many fewer as take seconds
    progress : told the share done every few milliseconds; what it raises ends it
    """
    problem, design, pool = result.problem, result.problem.design, training(result)
    if count is None:
        count = affordable(HALF_SAMPLES, problem.loss, pool.shape, problem.outputs)
    reference = np.array([model.optimum.W for model in result.models])
    halves = pool.draw(0.5, result.settings.seed, count)
    weights = np.full((3, len(halves), *reference.shape[1:]), np.nan)
    stopped = unknown(result["none"].optimum)
    for r, (rows, _) in enumerate(halves):
        tick = partial(progress, r / len(halves))
        tick()
        _, optima = solved(result, pool, rows, ("half", count, r), tick)
        weights[:, r] = [optimum.W for optimum in optima]
        stopped |= unknown(optima[0])
    return Stability(
        weights=weights,
        reference=reference,
        sizes=np.array([pool.rows(rows) for rows, _ in halves]),
        training_rows=problem.n,
        features=design.features,
        classes=design.classes if design.task is Task.MULTICLASS else (),
        whole_groups=design.groups is not None
        and result.settings.split is not Split.HASH,
        stopped=stopped,
    )
