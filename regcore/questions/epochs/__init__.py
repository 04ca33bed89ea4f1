"""Weights over the epochs, and the textbook L1 step beside the clipped one."""

from collections.abc import Iterator

from regcore.comparison import PENALTIES, Comparison
from regcore.questions.cards.headline import diverged
from regcore.questions.epochs.answer import (
    TAIL,
    flicker,
    other_penalty,
    silences,
    step_of,
    train_other_step,
    weights_over_epochs,
)
from regcore.questions.epochs.chart import epoch_axes, flicker_curves, weight_curves
from regcore.questions.epochs.words import (
    compare_steps,
    ends_told,
    flicker_told,
    in_words,
)
from regcore.questions.question import (
    Computation,
    Panel,
    Part,
    Question,
    Reader,
    Switch,
    charted,
    choose_class,
)
from regcore.settings import L1Step

OTHER_STEP = Computation(
    "other step",
    doing="Training the other step",
    again="Train the other step",
    decided_by=lambda settings: settings,
    compute=train_other_step,
    kept=5,
)


def _parts(reader: Reader) -> Iterator[Part]:
    result = reader.result
    if all(model.diverged for model in result.models):
        yield Part(reason=diverged(result))
        return
    yield Part(words=(in_words(result),))
    output = choose_class(reader)
    yield Part(
        panels=_panels(result, output),
        how_to_read=(
            "Every line is one weight, per SD of its feature, from the start at zero "
            "to where training ended; the epochs are on a log axis.",
            "A circle on the zero line marks the epoch from which a weight stays "
            "zero; point at it for the feature.",
        ),
    )
    l1 = result["L1"]
    other = Switch(
        "other step",
        f"Train L1 with the {step_of(other_penalty(result)).words} step too",
        help="The textbook step takes ηλ/n·sgn(w) off and never stops at zero; the "
        "clipped step does.",
    )
    if l1.step.constant > 0 and reader.switch(other):
        yield from _steps(reader, output)


def _panels(result: Comparison, output: int) -> tuple[Panel, ...]:
    frame, silent = weights_over_epochs(result, output), silences(result, output)
    axes = epoch_axes(frame, result)
    return tuple(
        charted(
            weight_curves(frame, silent, penalty, axes),
            f"Weights over the epochs, {penalty}",
            penalty,
            ends_told(result[penalty].run, frame[frame["penalty"] == penalty]),
        )
        for penalty in PENALTIES
        if not result[penalty].diverged
    )


def _steps(reader: Reader, output: int) -> Iterator[Part]:
    result, other = reader.result, reader.obtain(OTHER_STEP)
    words = (compare_steps(result, other),)
    found = flicker(result, other, output)
    if found.empty:
        none = "The exact solution has no weight at zero, so there is no flicker."
        yield Part(words=words, notes=(none,))
        return
    yield Part(
        words=words,
        panels=tuple(
            charted(
                flicker_curves(found, step),
                f"Weights around zero, {step} step",
                told=flicker_told(found, step),
            )
            for step in L1Step
        ),
        notes=(
            f"Both run on for {TAIL} epochs from where they ended; drawn are weights "
            "that are zero in the exact solution.",
        ),
    )


QUESTION = Question(
    "epochs", "Weights over the epochs", "Proximal gradient descent", _parts
)
