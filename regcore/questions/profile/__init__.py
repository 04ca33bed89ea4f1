"""In 30 seconds: one weight's cost under the three penalties, on this file."""

from collections.abc import Iterator

import numpy as np

from regcore.drawing.names import short_names
from regcore.questions.profile.answer import (
    CostCurves,
    cost_curves,
    expected,
    proposed_weights,
)
from regcore.questions.profile.chart import cost_chart
from regcore.questions.profile.words import in_words
from regcore.questions.question import (
    Choice,
    Computation,
    Part,
    Question,
    Reader,
    charted,
    choose_class,
)
from regcore.settings import Settings

PROPOSED = Computation(
    "weight to look at",
    doing="Looking for a weight that L1 drops",
    again="Look for a weight that L1 drops",
    decided_by=Settings.preparation,
    compute=lambda result, progress: proposed_weights(result.problem, progress),
)


def _curves(weight: tuple[int, int]) -> Computation[CostCurves]:
    return Computation(
        "cost curves",
        doing="Finding the cost of every value",
        again="Find the cost of every value",
        decided_by=lambda settings: (settings.preparation(), weight),
        compute=lambda result, told: cost_curves(result.problem, weight, told),
        kept=10,
        expected=lambda result: expected(result.problem),
    )


def _parts(reader: Reader) -> Iterator[Part]:
    result = reader.result
    names, problem = result.problem.design.features, result.problem
    output = choose_class(reader, "Weight of class")
    chosen = reader.choose(
        Choice(
            f"weight for output {output}",
            "Weight",
            names,
            reader.obtain(PROPOSED)[output],
        )
    )
    curves = reader.obtain(_curves((chosen, output)))
    share = result.settings.lam / problem.lam_max
    power = float(np.log10(max(share, 1e-12)))
    short = short_names(names)[names[chosen]]
    drawn = charted(
        cost_chart(curves, power, f"Weight of {short}, per SD"),
        "Cost of every value of one weight, without a penalty, with L1 and with L2, "
        "at a λ that can be moved",
    )
    yield Part(words=in_words(result, curves, names[chosen]), panels=(drawn,))


QUESTION = Question(
    "profile",
    "In 30 seconds: no penalty fits freely, L1 takes a constant off every weight until "
    "some are zero, L2 takes a percentage",
    "Profile of the objective",
    _parts,
)
