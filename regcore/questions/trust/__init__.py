"""Can the choice be trusted? Half-samples, and a verdict over many splits."""

from collections.abc import Iterator

from regcore.comparison import PENALTIES
from regcore.drawing import FIRST
from regcore.questions.question import (
    Computation,
    Part,
    Question,
    Reader,
    charted,
    choose_class,
    the_class,
)
from regcore.questions.trust import chart, words
from regcore.questions.trust.answer import resampled
from regcore.questions.trust.half_samples import Stability
from regcore.questions.trust.repeated_splits import Splits
from regcore.words import counted

RESAMPLED = Computation(
    "stability",
    doing="Drawing other rows many times",
    again="Draw other rows many times",
    decided_by=lambda settings: (settings.preparation(), settings.lam, settings.lam_l2),
    compute=resampled,
)


def _parts(reader: Reader) -> Iterator[Part]:
    found = reader.obtain(RESAMPLED)
    yield _verdict(found.splits)
    yield Part(heading="How steady are the weights?")
    yield _steadiness(found.halves, the_class(reader.result, choose_class(reader)))


def _verdict(splits: Splits) -> Part:
    base = "none" if splits.paired("none", "none") else "L2"
    losses = charted(
        chart.split_losses(splits),
        "Held-out loss of the constant and the three models in every split",
        told=words.medians(splits),
    )
    differences = charted(
        chart.split_differences(splits, base),
        "Difference in held-out loss in every split",
    )
    return Part(
        heading="Is the difference real?",
        words=words.verdicts(splits),
        panels=(losses, differences),
        how_to_read=words.splits_to_read(splits),
    )


def _steadiness(found: Stability, output: str) -> Part:
    said = words.steadiness(found, output)
    if not found.halved:
        return Part(words=said)
    kept = charted(
        chart.kept_bars(found, output),
        "Share of the half-samples in which L1 keeps each feature",
    )
    spread = charted(
        chart.weight_spread(found, output),
        "Spread of each weight over the half-samples under the three penalties",
        told=words.middles(found, output),
    )
    more = len(found.features) - FIRST
    below = f"{counted(more, 'feature')} below these are not drawn."
    return Part(
        words=said,
        panels=(kept, spread),
        widths=(2, 3),
        how_to_read=words.halves_to_read(found),
        notes=(below,) if more > 0 else (),
    )


QUESTION = Question(
    "trust", "Can I trust the choice?", "Stability selection", _parts, judges=PENALTIES
)
