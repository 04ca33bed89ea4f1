"""How good are the predictions? Errors, curves and the confusion table."""

from collections.abc import Iterator

from regcore.comparison import Comparison
from regcore.questions.predictions import answer, chart, words
from regcore.questions.question import (
    Choice,
    Number,
    Panel,
    Part,
    Question,
    Reader,
    charted,
    choose_class,
)

SET_BY = Choice(
    "set by",
    "Threshold",
    ("set as a probability", "from the cost of the two errors"),
    help="Above it a row is classed as one of the class.",
)

THRESHOLD = Number("threshold", "Probability", 0.0, 1.0, 0.5, step=0.01)

OF_A_MISS = Number("cost of a miss", "Cost of a miss", 1, 1_000_000, 5)

OF_AN_ALARM = Number("cost of an alarm", "Cost of a false alarm", 1, 1_000_000, 1)


CALIBRATION = (
    "Calibration: each dot is a group of rows of like probability, of about as many "
    "rows each. On the dashed line as many are of the class as the probability says; "
    "below it the probabilities are too high."
)


def _parts(reader: Reader) -> Iterator[Part]:
    result = reader.result
    if not len(result.problem.design.validation_rows):
        yield Part(reason=words.NOTHING_HELD_OUT)
    elif not answer.sound(result):
        yield Part(reason=words.NONE_SOUND)
    elif result.problem.design.classes:
        yield from _classes(reader)
    else:
        yield _numbers(result)


def _numbers(result: Comparison) -> Part:
    found = answer.numbers_held_out(result)
    return Part(
        words=words.of_numbers(result, found),
        panels=(
            charted(
                chart.predicted_and_actual(found),
                "Actual against predicted numbers of the rows held out",
            ),
            charted(
                chart.residuals(found),
                "Actual less predicted, against predicted, of the rows held out",
                told=words.of_residuals(found),
            ),
        ),
        how_to_read=(
            "A dot is a row held out. On the dashed line a prediction is right; above "
            "it the actual number is larger.",
            "On the right the same dots as residuals; each line goes through the means "
            "of groups of like prediction, and bends where a straight line in the "
            "features is not enough.",
            "Guessing is to say the mean of the training rows each time.",
        ),
        notes=(*words.missing_models(found.models), *words.sampled(len(found.actual))),
    )


def _classes(reader: Reader) -> Iterator[Part]:
    found = answer.chances_held_out(reader.result, choose_class(reader, "Class"))
    if found.one_kind:
        yield Part(
            words=words.few_rows(len(found.true)),
            reason=words.of_one_kind(found),
            notes=words.missing_models(found.models),
        )
    else:
        yield from _curves(found)
    yield Part(heading="Which errors at which threshold?")
    yield _errors(reader, found)


def _curves(found: answer.Chances) -> Iterator[Part]:
    said = words.of_ranking(found)
    yield Part(
        words=said,
        panels=(
            charted(chart.roc(found), "ROC curves of the rows held out", told=said[-2]),
            charted(
                chart.precision_recall(found),
                "Precision against recall of the rows held out",
                told=said[-1],
            ),
        ),
        how_to_read=(
            "Left, ROC: lowering the threshold goes right and up; the nearer to the "
            "upper left corner the better. Right, precision–recall: the nearer to the "
            "upper right the better, and the one to look at where the class is rare.",
            "Dashed grey is guessing.",
        ),
        notes=words.missing_models(found.models),
    )
    yield _calibration(found)


def _calibration(found: answer.Chances) -> Part:
    heading, said = "Are the probabilities right?", words.of_calibration(found)
    drawing = chart.calibration(found)
    if drawing is None:
        return Part(heading, said)
    drawn = charted(drawing, "Share of the class against its probability")
    # As wide as the curves above: a slope tells most where both axes are alike.
    return Part(heading, said, panels=(drawn, Panel(notes=(CALIBRATION,))))


def _errors(reader: Reader, found: answer.Chances) -> Part:
    costs = None
    if reader.choose(SET_BY):
        costs = reader.number(OF_A_MISS), reader.number(OF_AN_ALARM)
    threshold = answer.cheapest_threshold(*costs) if costs else reader.number(THRESHOLD)
    errors = answer.errors_at(found, threshold)
    said = words.of_errors(found, errors)
    if costs:
        said = (*said, words.of_costs(found, errors, *costs))
    return Part(
        words=said,
        panels=(Panel(table=words.confusion(found, errors, costs)),),
        how_to_read=(
            "Confusion table: positive is a row that is classed as one of the class. "
            "Recall is the share of the class that is found, precision the share of "
            "the class among the rows classed so.",
        ),
    )


QUESTION = Question(
    "predictions",
    "How good are the predictions?",
    "Residuals, ROC, calibration",
    _parts,
    of_rows=lambda result: True,
)
