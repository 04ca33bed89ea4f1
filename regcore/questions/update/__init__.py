"""One update of one weight, in the numbers of this file."""

from collections.abc import Iterator

from regcore.questions.cards.headline import diverged
from regcore.questions.cards.ranking import ranked_weights
from regcore.questions.question import (
    Choice,
    Number,
    Panel,
    Paragraph,
    Part,
    Question,
    Reader,
    charted,
    choose_class,
    the_class,
)
from regcore.questions.update import words
from regcore.questions.update.answer import penalty_curves, reach, take_apart
from regcore.questions.update.chart import penalty_parts

FIRST_EPOCH = 10
"""Epoch shown first: the weights have left zero, and still move."""


def _parts(reader: Reader) -> Iterator[Part]:
    result = reader.result
    if diverged(result):
        yield Part(reason=diverged(result))
        return
    output = choose_class(reader)
    feature = _choose_feature(reader, the_class(result, output))
    names = result.problem.design.features
    updates = take_apart(
        result, names.index(feature), output, epoch=_choose_epoch(reader)
    )
    numbers = Panel(
        table=words.in_numbers(updates),
        paragraphs=tuple(
            Paragraph(
                (
                    (step.penalty, words.FORMULAS[step.penalty]),
                    ("", words.formula(step, result)),
                )
            )
            for step in updates
        ),
        notes=(" ".join(words.remarks(result, updates)),),
    )
    drawn = charted(
        penalty_parts(penalty_curves(result, reach(result, updates)), updates),
        "What each penalty takes off, against the weight",
    )
    yield Part(
        words=(words.in_words(result, feature, updates),),
        panels=(numbers, drawn),
        widths=(3, 2),
        how_to_read=(
            "The gradient's part lowers the loss and the penalty's part shrinks the "
            "weight; the two add up to the step.",
            "In the chart L1 is a constant, so it can reach zero; L2 is a share of the "
            "weight, so it fades as the weight does. Marks: this weight now.",
        ),
    )


def _choose_feature(reader: Reader, output: str) -> str:
    """The feature whose weight is looked at; at first the one with the largest."""
    ranked = ranked_weights(reader.result, output or None, original_units=False)
    names = tuple(str(name) for name in ranked.index)
    chosen = Choice(f"feature for {output}", "Weight of", names)
    return names[reader.choose(chosen)]


def _choose_epoch(reader: Reader) -> int:
    longest = max(model.run.epochs for model in reader.result.models)
    epoch = Number(
        f"epoch up to {longest}",
        "Step after epoch",
        least=0,
        most=longest,
        first=min(FIRST_EPOCH, longest),
        help="Epoch 0 is the start, where all weights are zero.",
    )
    return int(reader.number(epoch))


QUESTION = Question(
    "update", "One update, taken apart", "Soft thresholding and weight decay", _parts
)
