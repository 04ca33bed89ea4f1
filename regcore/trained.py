"""One of the three models: its penalty, where descent has come to, its optimum."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.model.penalties import Penalty
from regcore.model.steps import Step
from regcore.settings import Settings
from regcore.solve.optimum import Optimum
from regcore.solve.runs import Outcome, Run
from regcore.words import counted

PERFECT_FIT = 1e-6
"""Share of the first loss below which a fit is called perfect."""

FAR = 1e-2
"""Share of the smallest objective by which a run is far above it."""

PENALTIES = ("none", "L1", "L2")
"""The three models, always in this order."""

CALLED = {"none": "no penalty", "L1": "L1", "L2": "L2"}
WITH = {"none": "without a penalty", "L1": "with L1", "L2": "with L2"}
"""What they are called in a sentence."""


@dataclass(frozen=True)
class Model:
    """One of the three.

    Attributes
    ----------
    name : one of `PENALTIES`
    penalty, step : what was added to the loss, and what a step does with it
    run, optimum : where descent has come to, and the exact answer
    """

    name: str
    penalty: Penalty
    step: Step
    run: Run
    optimum: Optimum

    @property
    def diverged(self) -> bool:
        """Whether the run is good for nothing."""
        return self.run.outcome is Outcome.DIVERGED

    @property
    def stands_off(self) -> bool:
        """Whether the run is far above its optimum, however little still moves it."""
        if not self.optimum.exists:
            return False
        above = self.run.objective[-1] - self.optimum.objective
        least = PERFECT_FIT * self.run.objective[0]
        return bool(above > max(FAR * self.optimum.objective, least))

    @property
    def optimum_loss(self) -> float:
        """Training loss at the exact optimum, without the penalty; NaN without one."""
        if not self.optimum.exists:
            return float("nan")
        return self.optimum.objective - float(self.penalty.value(self.optimum.W))

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch; epoch 0 is the constant model."""
        run = self.run
        return pd.DataFrame(
            {
                "penalty": self.name,
                "epoch": np.arange(run.epochs + 1),
                "objective": run.objective,
                "train_loss": run.train_loss,
                "validation_loss": run.validation_loss,
                "nonzero": run.nonzero,
            }
        )

    def outcome_in_words(
        self, settings: Settings, rate: float, rate_limit: float
    ) -> str:
        """How the run ended, in one sentence.

        Parameters
        ----------
        rate, rate_limit : the learning rate of the run, and above which it may diverge
        """
        run, after = self.run, counted(self.run.epochs, "epoch")
        if run.outcome is Outcome.CONVERGED and self.stands_off:
            return (
                f"Stopped after {after}, far above the optimum: no slope that is left "
                "is as large as the tolerance."
            )
        if run.outcome is Outcome.CONVERGED:
            return f"Converged after {after}."
        if run.outcome is Outcome.TIME_LIMIT:
            seconds = settings.seconds
            return (
                f"Stopped after {seconds:g} s at epoch {run.epochs:,}, before settling."
            )
        if run.outcome is Outcome.EPOCH_LIMIT and run.epochs < settings.epochs:
            return f"Stopped after {after}: it would settle nowhere."
        if run.outcome is Outcome.EPOCH_LIMIT:
            return f"Stopped after {after}, before settling."
        if self.penalty.textbook and rate < rate_limit:
            constant = float(self.step.constant)
            return (
                f"Diverged after {after}: the textbook step moves every "
                f"weight by ηλ/n = {constant:.3g}, too much at this λ; "
                "the clipped step would have been safe."
            )
        return (
            f"Diverged after {after}: the learning rate {rate:.3g} "
            f"is too high; {rate_limit / 2:.3g} would have been safe."
        )
