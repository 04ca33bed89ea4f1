"""Is "none" really none? The penalty that stopping early amounts to."""

from collections.abc import Iterator

from regcore.questions.early_stopping.answer import hidden_strength
from regcore.questions.early_stopping.chart import distances, hidden_lam
from regcore.questions.early_stopping.words import distances_told, in_words
from regcore.questions.question import Computation, Part, Question, Reader, charted
from regcore.solve.runs import Outcome

HIDDEN_STRENGTH = Computation(
    "early stopping",
    doing="Solving for one λ after another",
    again="Solve for one λ after another",
    decided_by=lambda settings: settings,
    compute=hidden_strength,
)


def _parts(reader: Reader) -> Iterator[Part]:
    found = reader.obtain(HIDDEN_STRENGTH)
    yield Part(words=(in_words(found),))
    if found.outcome is Outcome.DIVERGED or not len(found.table):
        return
    lam = charted(
        hidden_lam(found),
        "λ of the L2 penalty nearest to the run without a penalty, over epochs",
    )
    off = charted(
        distances(found),
        "Distance of the run to the nearest L2 optimum and to its own, over epochs",
        told=distances_told(found),
    )
    yield Part(
        panels=(lam, off),
        how_to_read=(
            "Weights that start at 0 and are stopped early are small, as under a "
            "penalty: for every epoch, the λ whose L2 optimum is nearest to them, on "
            "log axes.",
            "While the line falls, none is not none yet. The dashed line is the rule "
            "of thumb λ ≈ n/(η·steps); the other chart says how well the match holds.",
        ),
    )


QUESTION = Question(
    "early_stopping",
    "Is «no penalty» really none?",
    "Early stopping as a penalty",
    _parts,
)
