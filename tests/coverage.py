"""How often each sentence that judges is wrong, over many seeded tables.

``python -m tests.coverage [tables]`` prints it beside the nominal share. What is true
is the loss on many fresh rows of the same kind. A sentence is wrong where it says
better and the loss is larger, or worse and it is smaller; "neither" is never wrong. An
interval at 95 % misses what is true in 5 % of the tables, half of them on either side.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from regcore import Comparison, Settings
from regcore.compare import train
from regcore.model.losses import Array
from regcore.model.scores import score
from regcore.problem import pose
from regcore.questions.cards.headline import judged
from regcore.questions.frontier.answer import none_by_best
from regcore.questions.judgement import Answer, Judgement, judge
from regcore.questions.path.answer import trace
from regcore.questions.refit.answer import refit
from regcore.questions.strength.answer import Match, matches
from regcore.questions.trust.repeated_splits import repeated_splits

FRESH = 20_000
"""Rows that say what is true."""

NOMINAL = 0.025


@dataclass(frozen=True)
class Kind:
    """Tables of so many rows and features, of which a third count; λ as a share."""

    name: str
    rows: int
    features: int
    held_out: float
    share: float = 0.05
    classes: bool = False
    tails: bool = False

    def draw(self, rng: np.random.Generator, rows: int) -> pd.DataFrame:
        """Draw rows whose features go along with their neighbours."""
        shared = rng.standard_normal((rows, self.features + 1))
        X = shared[:, 1:] + 0.7 * shared[:, :-1]
        weights = np.where(np.arange(self.features) % 3 == 0, 0.5, 0.0)
        noise = rng.standard_t(3, rows) if self.tails else rng.standard_normal(rows)
        y: Array = X @ weights + 1.5 * noise
        table = pd.DataFrame(X).add_prefix("x")
        if self.classes:
            return table.assign(y=np.where(y > 0, "yes", "no"))
        return table.assign(y=y)


KINDS = (
    Kind("10 rows held out", 110, 8, 10 / 110),
    Kind("50 rows held out", 200, 10, 0.25),
    Kind("50 rows, heavy tails", 200, 10, 0.25, tails=True),
    Kind("50 rows, many features", 200, 40, 0.25),
    Kind("50 rows, large λ", 200, 10, 0.25, share=0.15),
    Kind("50 rows, two classes", 200, 8, 0.25, classes=True),
)


@dataclass
class Tally:
    """What one sentence said over the tables, and how it was."""

    answers: list[Answer] = field(default_factory=list)
    true: list[float] = field(default_factory=list)
    missed: list[bool] = field(default_factory=list)

    def wrong(self, *, of_method: bool) -> float:
        """Share of the tables on which it names the wrong side.

        Parameters
        ----------
        of_method : what is true is the mean over all tables
        """
        true = np.array(self.true)
        if of_method:
            true = np.full_like(true, true.mean())
        better, worse = (
            np.array([answer is side for answer in self.answers])
            for side in (Answer.BETTER, Answer.WORSE)
        )
        return float(((better & (true > 0)) | (worse & (true < 0))).mean())


def fresh_losses(result: Comparison, fresh: pd.DataFrame, W: Array, b: Array) -> Array:
    """Losses of m models on fresh rows, in units of the training."""
    design = result.problem.design
    if design.classes:
        Y = (fresh["y"] == design.classes[1]).to_numpy(dtype=float)
    else:
        Y = (fresh["y"].to_numpy() - design.y_scale.mean) / design.y_scale.deviation
    return score(result.problem.loss, design.encode(fresh), Y[:, np.newaxis], W, b).loss


Said = tuple[str, Answer, float, Judgement | None]


def sentences(result: Comparison, fresh: pd.DataFrame, *, slow: bool) -> Iterator[Said]:
    """Every judgement of one table, with what is true."""
    losses = partial(fresh_losses, result, fresh)
    loss = losses(result.W, result.b)
    for i, name in enumerate(("L1", "L2"), start=1):
        found = judged(result, name)
        yield f"cards, {name} by none", found.answer, loss[i] - loss[0], found
    if not result.problem.design.classes:
        yield _refitted(result, losses)
    if slow:
        yield from _over_folds(result, losses)
        yield from _over_splits(result, losses)


def _refitted(result: Comparison, losses: partial[Array]) -> Said:
    found, best = refit(result), result["L1"].optimum
    names = list(result.problem.design.features)
    W = np.array([best.W, np.zeros_like(best.W)])
    W[1, [names.index(str(name)) for name in found.table.index], 0] = found.table[
        "refitted"
    ]
    # Features and target have the mean 0 on the training rows.
    loss = losses(W, np.array([best.b, np.zeros_like(best.b)]))
    said = found.judgement
    return "refit by L1", said.answer, loss[1] - loss[0], said


def _over_folds(result: Comparison, losses: partial[Array]) -> Iterator[Said]:
    problem, none, l1 = result.problem, result["none"].optimum, result["L1"].optimum
    paths = trace(problem, result.settings)
    best = int(np.argmin(paths.l1.mean))
    found = none_by_best(paths, problem)
    W, b = np.array([paths.l1.W[best], none.W]), np.array([paths.l1.b[best], none.b])
    loss = losses(W, b)
    yield "frontier, none by the best L1", found.answer, loss[1] - loss[0], None
    row = matches(problem, paths, result.settings.lam).loc[Match.SAME_EFFECTIVE]
    matched = train(problem, replace(result.settings, lam_l2=row["λ", "L2"]))
    l2, by = matched["L2"].optimum, row["loss"]
    apart = by["L2"] - by["L1"]
    found = judge(problem, by["L2"], by["L1"], apart, by["error"], paths.folds)
    loss = losses(np.array([l1.W, l2.W]), np.array([l1.b, l2.b]))
    yield "strength, matched L2 by L1", found.answer, loss[1] - loss[0], None


def _over_splits(result: Comparison, losses: partial[Array]) -> Iterator[Said]:
    splits = repeated_splits(result)
    optima = [model.optimum for model in result.models]
    loss = losses(
        np.array([optimum.W for optimum in optima]),
        np.array([optimum.b for optimum in optima]),
    )
    for i, name in enumerate(("L1", "L2"), start=1):
        paired = splits.paired(name, "none")
        if paired is not None:
            yield f"{SPLITS} {name} by none", paired.answer, loss[i] - loss[0], None


SPLITS = "splits,"
"""These speak of the method: what is true is the mean over all tables."""


def missed(result: Comparison, said: Judgement, true: float) -> bool:
    """Whether the interval of a difference of losses leaves out what is true."""
    unit = 1.0
    if said.measure == "RMSE":
        # From a difference of root mean squares back to one of half the squares.
        deviation = float(result.problem.design.y_scale.deviation[0])
        unit = (said.value + said.base) / (2.0 * deviation**2)
    return abs(unit * said.difference - true) > unit * said.margin


def tallied(kind: Kind, tables: int, slow: int) -> dict[str, Tally]:
    """Go through the tables; the slow sentences are read on the first few alone."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for seed in range(tables):
        rng = np.random.default_rng(seed)
        table, fresh = kind.draw(rng, kind.rows), kind.draw(rng, FRESH)
        settings = Settings("y", validation_share=kind.held_out, epochs=3_000)
        problem = pose(table, settings)
        lam = kind.share * problem.lam_max
        result = train(problem, replace(settings, lam=lam))
        if not result["none"].optimum.exists:
            continue
        for name, answer, true, said in sentences(result, fresh, slow=seed < slow):
            tally = tallies[name]
            tally.answers.append(answer)
            tally.true.append(float(true))
            if said is not None and answer is not Answer.UNKNOWN:
                tally.missed.append(missed(result, said, float(true)))
    return tallies


def report(tables: int) -> None:
    """Print a line for each sentence and kind of table."""
    print(
        f"{'tables of':24s}{'sentence':32s}{'tables':>7s}{'better':>8s}{'worse':>7s}"
        f"{'wrong':>8s}{'nominal':>9s}{'missed':>8s}{'nominal':>9s}"
    )
    for kind in KINDS:
        for name, tally in tallied(kind, tables, tables // 5).items():
            count = len(tally.answers)
            sides = [tally.answers.count(a) for a in (Answer.BETTER, Answer.WORSE)]
            wrong = tally.wrong(of_method=name.startswith(SPLITS))
            line = (
                f"{kind.name:24s}{name:32s}{count:7d}{sides[0]:8d}{sides[1]:7d}"
                f"{100 * wrong:6.1f} %{100 * NOMINAL:7.1f} %"
            )
            if tally.missed:
                line += f"{100 * np.mean(tally.missed):6.1f} %{200 * NOMINAL:7.1f} %"
            print(line, flush=True)


if __name__ == "__main__":
    report(int(sys.argv[1]) if sys.argv[1:] else 300)
