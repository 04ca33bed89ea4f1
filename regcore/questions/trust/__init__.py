"""Can the choice be trusted? Half-samples, and a verdict over many splits."""

from collections.abc import Iterator

from regcore.comparison import PENALTIES
from regcore.drawing import FIRST
from regcore.questions.question import (
    Computation,
    Figure,
    Panel,
    Part,
    Question,
    Reader,
    choose_class,
    the_class,
)
from regcore.questions.trust.answer import resampled
from regcore.questions.trust.chart import (
    kept_bars,
    split_differences,
    split_losses,
    weight_spread,
)
from regcore.questions.trust.half_samples import Stability
from regcore.questions.trust.repeated_splits import Splits
from regcore.questions.trust.words import (
    halves_to_read,
    splits_to_read,
    steadiness,
    verdicts,
)
from regcore.words import counted

RESAMPLED = Computation(
    "stability",
    doing="Drawing other rows many times",
    again="Draw other rows many times",
    decided_by=lambda settings: (
        settings.preparation(),
        settings.lam,
        settings.lam_l2,
    ),
    compute=resampled,
)


def _parts(reader: Reader) -> Iterator[Part]:
    found = reader.obtain(RESAMPLED)
    yield _verdict(found.splits)
    yield Part(heading="How steady are the weights?")
    yield _steadiness(found.halves, the_class(reader.result, choose_class(reader)))


def _verdict(splits: Splits) -> Part:
    base = "none" if splits.paired("none", "none") else "L2"
    losses = Figure(
        split_losses(splits),
        "Held-out loss of the constant and the three models in every split",
    )
    differences = Figure(
        split_differences(splits, base), "Difference in held-out loss in every split"
    )
    return Part(
        heading="Is the difference real?",
        words=verdicts(splits),
        panels=(Panel((losses,)), Panel((differences,))),
        how_to_read=splits_to_read(splits),
    )


def _steadiness(found: Stability, output: str) -> Part:
    words = steadiness(found, output)
    if not found.halved:
        return Part(words=words)
    kept = Figure(
        kept_bars(found, output),
        "Share of the half-samples in which L1 keeps each feature",
    )
    spread = Figure(
        weight_spread(found, output),
        "Spread of each weight over the half-samples under the three penalties",
    )
    more = len(found.features) - FIRST
    below = f"{counted(more, 'feature')} below these are not drawn."
    return Part(
        words=words,
        panels=(Panel((kept,)), Panel((spread,))),
        widths=(2, 3),
        how_to_read=halves_to_read(found),
        notes=(below,) if more > 0 else (),
    )


QUESTION = Question(
    "trust", "Can I trust the choice?", "Stability selection", _parts, judges=PENALTIES
)
