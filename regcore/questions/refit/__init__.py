"""Shrunken or refitted, and why there are no p-values."""

from collections.abc import Iterator
from functools import partial

from regcore.drawing import FIRST
from regcore.questions.question import (
    Computation,
    Part,
    Question,
    Reader,
    charted,
    choose_class,
    not_drawn,
    the_class,
)
from regcore.questions.refit.answer import refit
from regcore.questions.refit.chart import refitted_weights
from regcore.questions.refit.words import NO_P_VALUES, in_words

REFIT = Computation(
    "refit",
    doing="Refitting what L1 keeps",
    again="Refit what L1 keeps",
    decided_by=lambda settings: (settings.preparation(), settings.lam),
    compute=lambda result, progress: refit(result, partial(progress, 0.5)),
)


def _parts(reader: Reader) -> Iterator[Part]:
    found = reader.obtain(REFIT)
    yield Part(words=(in_words(found),))
    if found.kept and found.exists:
        output = the_class(reader.result, choose_class(reader))
        drawn = charted(
            refitted_weights(found, output),
            "Weights of the kept features under L1 and refitted without a penalty",
        )
        yield Part(
            panels=(drawn,),
            how_to_read=(
                "The line is how far L1 holds a kept weight from where it would go "
                "alone, mostly towards 0: the price of choosing and estimating in one "
                "step.",
                "Refitted weights read as effects given the other kept features; "
                "they vary more from sample to sample than the shrunken ones.",
            ),
            notes=not_drawn(found.kept - FIRST, "kept feature"),
        )
    yield Part(words=(NO_P_VALUES,))


QUESTION = Question(
    "refit", "Shrunken or refitted?", "Relaxed lasso", _parts, judges=("L1",)
)
