"""Along λ: what every λ would have given, and a click away from having it."""

from collections.abc import Iterator, Mapping

from regcore.comparison import PENALTIES, Comparison
from regcore.nested_validation import nested_of
from regcore.questions.path.answer import (
    coefficients,
    expected,
    marked,
    trace,
    validation,
)
from regcore.questions.path.chart import count_path, loss_path, path_axes, weight_paths
from regcore.questions.path.words import WHY_OPTIMISTIC, in_words, optimism
from regcore.questions.question import (
    Computation,
    Figure,
    Panel,
    Part,
    Question,
    Reader,
    Switch,
    choose_class,
)
from regcore.regularization_path import RegularizationPath
from regcore.settings import Settings
from regcore.solve.descent import Progress
from regcore.solve.nested import Nested
from regcore.words import duration


def _compute(result: Comparison, progress: Progress) -> RegularizationPath:
    return trace(result.problem, result.settings, progress)


SOON = 1.0
"""Seconds up to which nobody is asked whether something is to be computed."""

PATHS = Computation(
    "paths",
    doing="Cross-validating",
    again="Cross-validate",
    decided_by=Settings.preparation,
    compute=_compute,
    kept=2,
    expected=lambda result: expected(result.problem),
)


def _parts(reader: Reader) -> Iterator[Part]:
    paths, result = reader.obtain(PATHS), reader.result
    yield Part(words=(in_words(paths, result),))
    yield Part(
        panels=_panels(paths, result, choose_class(reader)),
        how_to_read=(
            "Strong penalties are on the right, weak ones on the left; every line is "
            "one feature at the exact optimum, out where it lies on zero. Upright "
            "lines: λ now (thick), with the smallest loss (dashes), within one "
            "standard error of it (dots).",
            "The band is one standard error of the folds. Click on a path or on a loss "
            "curve to train everything above with that λ.",
        ),
    )
    yield _honest(reader, paths)


def _honest(reader: Reader, paths: RegularizationPath) -> Part:
    """Say how optimistic the smallest loss is; asked for where that takes long."""
    heading = "How optimistic is the smallest loss?"
    seconds = paths.folds * paths.seconds
    if seconds > SOON and not reader.switch(anew(seconds)):
        return Part(heading=heading, words=(WHY_OPTIMISTIC,))
    return Part(heading=heading, words=optimism(reader.obtain(_nested(paths))))


def _nested(paths: RegularizationPath) -> Computation[Mapping[str, Nested]]:
    def compute(result: Comparison, progress: Progress) -> Mapping[str, Nested]:
        return nested_of(paths, result.problem, result.settings, progress)

    return Computation(
        "nested validation",
        doing="Choosing λ anew in every fold",
        again="Choose λ anew in every fold",
        decided_by=Settings.preparation,
        compute=compute,
        expected=lambda result: paths.folds * paths.seconds,
    )


def anew(seconds: float) -> Switch:
    """What takes so many seconds is done when it is asked for."""
    return Switch(
        "anew",
        f"Choose λ anew in every fold (about {duration(seconds)})",
        help="As often as there are folds all paths are followed again, without the "
        "rows of one fold, which then judge the λ that the others choose.",
    )


def _panels(
    paths: RegularizationPath, result: Comparison, output: int
) -> tuple[Panel, ...]:
    """Weights, held-out loss and non-zeros along λ, for L1 and for L2."""
    design, loss = result.problem.design, result.problem.loss.name
    axes = path_axes(paths, design, output)
    weights, losses = coefficients(paths, output), validation(paths)
    marks = marked(paths, result)
    return tuple(
        Panel(
            figures=(
                Figure(
                    weight_paths(weights, marks, penalty, axes),
                    f"Weights along λ, {penalty}",
                    clicks=f"weight path {penalty}",
                ),
                Figure(
                    loss_path(losses, marks, penalty, axes, loss),
                    f"Held-out loss along λ with one standard error, {penalty}",
                    clicks=f"loss path {penalty}",
                ),
                Figure(
                    count_path(losses, marks, penalty, axes),
                    f"Non-zero weights along λ, {penalty}",
                ),
            ),
            penalty=penalty,
        )
        for penalty in ("L1", "L2")
    )


QUESTION = Question(
    "path",
    "Along λ: which weights, at which loss?",
    "Regularization path",
    _parts,
    judges=PENALTIES,
)
