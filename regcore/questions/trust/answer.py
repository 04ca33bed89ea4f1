"""What drawing the rows again and again says: of the weights, and of the losses."""

from dataclasses import dataclass

from regcore.comparison import Comparison
from regcore.questions.trust.half_samples import Stability, half_samples
from regcore.questions.trust.repeated_splits import Splits, repeated_splits
from regcore.solve.descent import Progress

HALVES_SHARE = 0.6
"""Share of the work that the half-samples take."""


@dataclass(frozen=True)
class Resampled:
    """How steady the weights are on half-samples, and the losses over many splits."""

    halves: Stability
    splits: Splits


def resampled(result: Comparison, progress: Progress) -> Resampled:
    """Draw half-samples and splits, and solve the three models on each."""
    halves = half_samples(result, progress=lambda share: progress(HALVES_SHARE * share))
    rest = 1.0 - HALVES_SHARE
    splits = repeated_splits(
        result, progress=lambda share: progress(HALVES_SHARE + rest * share)
    )
    return Resampled(halves, splits)
