"""Why a feature was dropped, which stands in for it, and correlated groups."""

from collections.abc import Iterator

from regcore.drawing import FIRST
from regcore.questions.dropped import groups
from regcore.questions.dropped.answer import dropped
from regcore.questions.dropped.chart import group_weights, slope_bars
from regcore.questions.dropped.words import group_in_words, in_words
from regcore.questions.question import (
    Number,
    Part,
    Question,
    Reader,
    charted,
    choose_class,
    not_drawn,
    the_class,
)

MOST_GROUPS = 5
"""Groups drawn; the rest is counted."""


def _parts(reader: Reader) -> Iterator[Part]:
    output = the_class(reader.result, choose_class(reader))
    found = dropped(reader.result, output)
    yield Part(words=(in_words(found, output),))
    if len(found.table):
        drawn = charted(
            slope_bars(found),
            "Correlation of every dropped feature with the residual, as a share of the "
            "threshold",
        )
        yield Part(
            panels=(drawn,),
            how_to_read=(
                "A bar is the correlation of a dropped feature with the residual, what "
                "the kept ones leave unexplained; it comes in when the bar reaches the "
                "dashed line, the entry threshold. Formula: |x·r|/n = λ/n.",
                "Below it: the kept feature that is most like it, if any is, or all "
                "together; R² is adjusted for their number. Dropped means not needed "
                "given the others, at this λ; not unrelated to the target.",
            ),
            notes=not_drawn(len(found.table) - FIRST, "dropped feature"),
        )
    yield Part(heading="Correlated groups")
    yield from _groups(reader, output)


def _groups(reader: Reader, output: str) -> Iterator[Part]:
    bound = reader.number(
        Number(
            "bound of groups",
            "Features belong together from |r| =",
            least=0.3,
            most=0.99,
            first=groups.BOUND,
            step=0.01,
            help="Linked step by step: the two ends of a large group may be less "
            "alike.",
        )
    )
    found = groups.groups(reader.result, bound, output)
    features = "features"
    if len(reader.result.problem.design.features) > groups.MOST_FEATURES:
        features = f"of the {groups.MOST_FEATURES:,} features with the largest weights"
        yield Part(notes=(f"Only pairs {features} are looked at.",))
    if not found:
        words = f"No two {features} are correlated by {bound:.2f} or more."
        yield Part(words=(words,))
        return
    for group in found[:MOST_GROUPS]:
        drawn = charted(
            group_weights(group),
            "Weights of a group of correlated features under the three penalties",
        )
        yield Part(
            words=(group_in_words(group),),
            panels=(drawn,),
            notes=not_drawn(len(group.features) - FIRST, "member"),
        )
    yield Part(
        how_to_read=(
            "Correlated features can trade weight without changing the predictions "
            "much: no penalty may use large opposite signs, L2 shares, L1 tends to "
            "pick one.",
            "Hollow is exactly 0; «flipped» has the other sign than without a penalty. "
            "The weights are those of the optima, of many the smallest.",
        ),
        notes=not_drawn(len(found) - MOST_GROUPS, "group"),
    )


QUESTION = Question(
    "dropped", "Why was it dropped?", "Correlated features", _parts, judges=("L1",)
)
