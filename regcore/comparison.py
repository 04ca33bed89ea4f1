"""What the three models came to: runs, exact optima, scores."""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from regcore.coefficients import (
    intercepts_table,
    original_units_table,
    predictions_table,
    weights_table,
)
from regcore.export import FittedModel, methods
from regcore.model.losses import Array
from regcore.model.metrics import R_SQUARED, Measured
from regcore.model.penalties import Penalty
from regcore.model.scores import Scores
from regcore.problem import Problem
from regcore.settings import DesignError, Settings
from regcore.shown import Drawn, report
from regcore.solve.descent import Schedule
from regcore.solve.optimum import Optimum, Status
from regcore.solve.runs import Run
from regcore.solve.uniqueness import l1_has_many_optima
from regcore.trained import PENALTIES, PERFECT_FIT, Model
from regcore.words import listed, named

__all__ = ["PENALTIES", "PERFECT_FIT", "Comparison", "Model"]


@dataclass(frozen=True, repr=False)
class Comparison(Drawn):
    """Three runs that differ in their penalty alone, and what they came to.

    ``comparison["L1"]`` is one of the three models; `compare` makes one.

    Attributes
    ----------
    problem : the design matrix and the loss
    penalties, runs, optima : one each, in the order of `PENALTIES`; where each run
        would end, exactly
    schedule : how all three descend
    rate_limit : 2/(L + λ/n); at a higher rate a run may diverge

    Examples
    --------
    >>> import regcore, pandas as pd
    >>> table = pd.DataFrame({"size": range(1, 13), "price": range(5, 41, 3)})
    >>> settings = regcore.Settings(target="price", lam=100, validation_share=0)
    >>> result = regcore.compare(table, settings)
    >>> result["L1"].run.W.tolist()
    [[0.0]]
    """

    settings: Settings
    problem: Problem
    penalties: tuple[Penalty, ...]
    runs: tuple[Run, ...]
    optima: tuple[Optimum, ...]
    schedule: Schedule
    rate_limit: float

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """The three, in the order of `PENALTIES`."""
        parts = zip(PENALTIES, self.penalties, self.runs, self.optima, strict=True)
        return tuple(
            Model(name, penalty, penalty.step(self.rate), run, optimum)
            for name, penalty, run, optimum in parts
        )

    def __getitem__(self, name: str) -> Model:
        """The model of that name."""
        return self.models[PENALTIES.index(name)]

    @property
    def rate(self) -> float:
        """The learning rate η of all three."""
        return self.schedule.rate

    @cached_property
    def W(self) -> Array:
        """Final weights, (3, p, k), per standard deviation."""
        return np.array([run.W for run in self.runs])

    @cached_property
    def b(self) -> Array:
        """Final biases, (3, 1, k)."""
        return np.array([run.b for run in self.runs])

    @cached_property
    def train_scores(self) -> Scores:
        """Losses and scores on the training rows, from the weights anew."""
        return self.problem.score_training(self.W, self.b)

    @cached_property
    def validation_scores(self) -> Scores:
        """Losses and scores on the rows held out, from the weights anew."""
        return self.problem.score_held_out(self.W, self.b)

    @cached_property
    def test_scores(self) -> Scores:
        """Losses and scores on the rows locked away.

        Nothing else looks at them. What is chosen after this was read is chosen by it
        too, and can no longer be judged by these rows.
        """
        return self.problem.score_locked(self.W, self.b)

    @cached_property
    def measured(self) -> tuple[Measured, ...]:
        """Every metric that applies, on the rows held out, errors in target units."""
        return self.problem.measure_held_out(self.W, self.b)

    @cached_property
    def test_measured(self) -> tuple[Measured, ...]:
        """The same on the rows locked away; see `test_scores`."""
        return self.problem.measure_locked(self.W, self.b)

    @cached_property
    def curves_off(self) -> float:
        """How far the ends of the curves are from the losses of all training rows.

        A share of the first loss; rounding, where the curves are of all rows.
        """
        ends = np.array([run.train_loss[-1] for run in self.runs])
        off = np.abs(ends - self.train_scores.loss).max()
        return float(off / self.runs[0].train_loss[0])

    @property
    def separable(self) -> bool:
        """Whether the classes can be separated, so that "none" has no optimum."""
        status = self["none"].optimum.status
        return status in (Status.SEPARABLE, Status.PARTLY_SEPARABLE)

    @cached_property
    def l1_has_many_optima(self) -> bool:
        """Whether other weights of L1 are as good as those of its optimum."""
        l1, (none, best, _) = self.settings.lam / self.problem.n, self.optima
        rows = self.problem.like_rows
        return l1_has_many_optima(self.problem.oracle, rows, l1, best, none)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a penalty.

        `nonzero` of the `coefficients` are not 0; they are of `columns` of the table,
        of `all_columns` that are used, and of copies the first counts. `score` is R² or
        the share classed rightly, on the rows held out; the losses are means, without
        the penalty; `gap` is the most that the objective can be above the smallest
        possible, as a share of that, NaN where there is no smallest; `optimum` tells if
        it is certain. The metrics after it are of the rows held out; some may be NaN.
        """
        return pd.DataFrame(
            {
                "nonzero": [int(np.count_nonzero(run.W)) for run in self.runs],
                "coefficients": [run.W.size for run in self.runs],
                "columns": [self._columns_with(run.W) for run in self.runs],
                "all_columns": len(self.problem.design.encodings),
                "train_loss": self.train_scores.loss,
                "validation_loss": self.validation_scores.loss,
                "score": self.validation_scores.score,
                "outcome": [str(run.outcome) for run in self.runs],
                "gap": list(self.gaps.values()),
                "optimum": [str(optimum.status) for optimum in self.optima],
                **{
                    one.metric.key: one.values
                    for one in self.measured
                    if one.metric is not R_SQUARED
                },
            },
            index=self._names,
        )

    def _columns_with(self, W: Array) -> int:
        """Count the columns of the table of which a weight is not 0."""
        sources = self.problem.design.sources
        return len({sources[j] for j in np.flatnonzero(W.any(axis=1))})

    @cached_property
    def gaps(self) -> dict[str, float]:
        """Certified distance of each run from its optimum.

        A share of the certified bound on the optimum; of a millionth of the first loss
        where that is less, for a perfect fit has the optimum 0.
        """
        least = PERFECT_FIT * self["none"].run.train_loss[0]
        gaps = {}
        for model, loss in zip(self.models, self.train_scores.loss, strict=True):
            bound = model.optimum.bound
            above = loss + float(model.penalty.value(model.run.W)) - bound
            gap = max(above, 0.0) / max(bound, least)
            gaps[model.name] = gap if model.optimum.exists else np.nan
        return gaps

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row a penalty and epoch; epoch 0 is the constant model."""
        parts = [model.history for model in self.models]
        return pd.concat(parts, ignore_index=True)

    @property
    def outcomes(self) -> dict[str, str]:
        """How each run ended, one sentence a penalty."""
        return {
            model.name: model.outcome_in_words(
                self.settings, self.rate, self.rate_limit
            )
            for model in self.models
        }

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """Weights per standard deviation; rows as in the design matrix."""
        return weights_table(self.problem.design, self.W, self._names)

    @cached_property
    def coefficients_original_units(self) -> pd.DataFrame:
        """Weights per unit of the feature, in units of the target (or of log-odds)."""
        return original_units_table(self.problem.design, self.W, self._names)

    @cached_property
    def optimum(self) -> pd.DataFrame:
        """Weights at the optimum, per standard deviation; NaN without one.

        `summary` says of which it is certain.
        """
        return weights_table(self.problem.design, self._optimum_W, self._names)

    @cached_property
    def optimum_original_units(self) -> pd.DataFrame:
        """The same per unit of the feature."""
        return original_units_table(self.problem.design, self._optimum_W, self._names)

    @cached_property
    def intercepts(self) -> pd.DataFrame:
        """Biases that go with the weights in original units."""
        return intercepts_table(self.problem.design, self.W, self.b, self._names)

    def predict(self, table: pd.DataFrame) -> pd.DataFrame:
        """Predictions for a table, columns the penalties.

        Numbers in units of the target; for two classes the probability of the second;
        for more, columns (penalty, class) with the probability of each. A level that no
        training row has is taken as the average of its column, with a warning that says
        in how many rows.

        Raises
        ------
        DesignError
            if the table lacks a column
        """
        design = self.problem.design
        rows = design.recipe.rows(table)
        for sentence in design.recipe.unseen_in_words(rows):
            warnings.warn(sentence, stacklevel=2)
        X, mean_at = rows.matrix(), self.problem.loss.mean
        # One by one, so that no model's last digits depend on the others.
        mean = np.array([mean_at(X @ run.W + run.b) for run in self.runs])
        return predictions_table(design, mean, table.index, self._names)

    def fitted(self, model: str = "L1", origin: str = "") -> FittedModel:
        """One of the three models, whole, without the comparison.

        Parameters
        ----------
        model : one of `PENALTIES`, in capitals or not
        origin : what the table was, such as the name of its file; it stands in all that
            is made of the model

        Raises
        ------
        DesignError
            if there is no such model
        """
        names = {name.casefold(): name for name in PENALTIES}
        name = names.get(model.casefold())
        if name is None:
            raise DesignError(
                f"There is no model {named(model)}; choose one of {listed(PENALTIES)}."
            )
        lam = {"none": 0.0, "L1": self.settings.lam, "L2": self.settings.l2_lam}[name]
        design, run = self.problem.design, self[name].run
        # Which rows of a sample trained is told by their hash, and not by these few.
        rows = design.rows[:0] if self.problem.sampled else design.rows
        return FittedModel(
            penalty=name,
            lam=lam,
            gap=self.gaps[name],
            target=design.target,
            task=design.task,
            classes=design.classes,
            columns=tuple(entry.column for entry in design.ledger),
            target_read=tuple(h for h in design.chosen if h.column == design.target),
            recipe=design.recipe,
            standardised=self.settings.standardise,
            y_scale=design.y_scale,
            W=np.ascontiguousarray(run.W),
            b=np.ascontiguousarray(run.b),
            rows=rows,
            origin=origin,
        )

    to_json = methods.to_json
    to_python = methods.to_python
    to_r = methods.to_r
    to_spreadsheet = methods.to_spreadsheet
    to_sql = methods.to_sql
    to_statsmodels = methods.to_statsmodels

    def report(self, title: str = "", path: object = None) -> str:
        """Return a report as HTML: a title of your own, and a `RegularizationPath`."""
        return report(self, title, path)

    @property
    def _optimum_W(self) -> Array:
        return np.array([optimum.W for optimum in self.optima])

    @property
    def _names(self) -> pd.Index:
        return pd.Index(PENALTIES, name="penalty")
