"""What rows that nothing was chosen by say of the three models."""

from dataclasses import dataclass

from regcore.comparison import Comparison
from regcore.model.metrics import Measured
from regcore.questions.cards.scores import ScoreShown, scores_shown, telling
from regcore.questions.judgement import Judgement, on_rows
from regcore.questions.question import Looks
from regcore.settings import Settings


@dataclass(frozen=True)
class LastWord:
    """The three models on the rows locked away, when these were opened.

    Attributes
    ----------
    settings : of the three models
    looks : at their scores and at those of other settings, before
    rows, held_out : how many rows were opened, and how many were held out
    judgements : L1 and L2 by no penalty, on the rows opened
    measured, measured_before : on the rows opened and on those held out, the metrics
        that tell the models apart on the latter
    scores, scores_before : the same as text
    """

    settings: Settings
    looks: Looks
    rows: int
    held_out: int
    judgements: tuple[Judgement, ...]
    measured: tuple[Measured, ...]
    measured_before: tuple[Measured, ...]
    scores: tuple[ScoreShown, ...]
    scores_before: tuple[ScoreShown, ...]

    @property
    def written(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The name of each metric, and its values, a line a model."""
        pairs = zip(self.scores, self.scores_before, strict=True)
        return tuple(
            (f"{new.name} on the {self.rows:,} test rows", self._lines(new, old))
            for new, old in pairs
        )

    def _lines(self, new: ScoreShown, old: ScoreShown) -> tuple[str, ...]:
        if not self.held_out:
            return new.values
        pairs = zip(new.values, old.values, strict=True)
        return tuple(f"{now} (held out {before})" for now, before in pairs)


def last_word(result: Comparison, looks: Looks) -> LastWord:
    """Open the rows that are locked away."""
    problem = result.problem
    metrics = telling(result).metrics
    test, before = (
        tuple(one for metric in metrics for one in every if one.metric is metric)
        for every in (result.test_measured, result.measured)
    )
    return LastWord(
        result.settings,
        looks,
        problem.n_locked,
        problem.n_held_out,
        tuple(
            on_rows(problem, result.test_scores, i, problem.n_locked) for i in (1, 2)
        ),
        test,
        before,
        scores_shown(result, metrics, test),
        scores_shown(result, metrics, before),
    )


def diverged(result: Comparison) -> tuple[str, ...]:
    """The models whose training diverged; nothing can be said of these."""
    return tuple(model.name for model in result.models if model.diverged)
