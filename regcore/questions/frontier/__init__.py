"""How many features a percent of loss buys."""

from collections.abc import Iterator

from regcore.comparison import PENALTIES
from regcore.questions.frontier.answer import frontier, landmarks
from regcore.questions.frontier.chart import frontier_curve
from regcore.questions.frontier.words import in_words
from regcore.questions.path import PATHS
from regcore.questions.question import Part, Question, Reader, charted


def _parts(reader: Reader) -> Iterator[Part]:
    paths, result = reader.obtain(PATHS), reader.result
    drawn = charted(
        frontier_curve(frontier(paths), landmarks(paths, result)),
        "Cross-validated loss against the number of weights, along the L1 path",
    )
    yield Part(
        words=(in_words(paths, result),),
        panels=(drawn,),
        how_to_read=(
            "Going left, L1 gives up weights; where the line stays low they were not "
            "needed, where it climbs they were.",
            "Every dot is the best λ for that many weights, at the exact optimum; the "
            "axis is logarithmic above half a percent.",
        ),
    )


QUESTION = Question(
    "frontier",
    "How many features does a percent of loss buy?",
    "Sparsity against loss",
    _parts,
    judges=PENALTIES,
)
