"""Along λ: what every λ would have given, and a click away from having it."""

from collections.abc import Iterator, Mapping

from regcore.comparison import PENALTIES
from regcore.drawing import FIRST
from regcore.nested_validation import nested_of
from regcore.questions.path.answer import expected, trace, with_elastic_net
from regcore.questions.path.picture import path_picture
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
    not_drawn,
)
from regcore.regularization_path import RegularizationPath
from regcore.settings import Settings
from regcore.solve.nested import Nested
from regcore.words import duration, listed

SOON = 1.0
"""Seconds up to which nobody is asked whether something is to be computed."""

PATHS = Computation(
    "paths",
    doing="Cross-validating",
    again="Cross-validate",
    decided_by=Settings.preparation,
    compute=lambda result, progress: trace(result.problem, result.settings, progress),
    kept=2,
    expected=lambda result: expected(result.problem),
)


def _parts(reader: Reader) -> Iterator[Part]:
    paths, result = reader.obtain(PATHS), reader.result
    yield Part(words=(in_words(paths, result),))
    output = choose_class(reader)
    drawn = reader.obtain(_mixed(paths)) if reader.switch(MIXED) else paths
    figure = Figure(
        path_picture(drawn, result, output),
        "Weights, held-out loss and non-zero weights along λ, and the weights at one "
        f"λ: {listed(list(drawn.curves))}",
        clicks="paths",
    )
    yield Part(
        panels=(Panel(figure),),
        how_to_read=(
            "Drag λ across the curves, or move it by the arrow keys below: everything "
            "follows; on the page letting go trains everything above with that λ.",
            "Every line is one feature at the exact optimum, left out where it lies on "
            "zero; strong penalties are on the right. Upright lines: λ (thick), with "
            "the smallest loss (dashes), within one standard error of it (dots). The "
            "band is one standard error of the folds.",
        ),
        notes=not_drawn(len(result.problem.design.features) - FIRST, "bar"),
    )
    yield Part(heading="How optimistic is the smallest loss?")
    yield _honest(reader, paths)


MIXED = Switch(
    "mixed", "Elastic net", help="A third path: the penalty is half L1 and half L2."
)


def _mixed(paths: RegularizationPath) -> Computation[RegularizationPath]:
    return Computation(
        "paths with the elastic net",
        doing="Cross-validating the elastic net",
        again="Cross-validate the elastic net",
        decided_by=Settings.preparation,
        compute=lambda result, progress: with_elastic_net(
            paths, result.problem, result.settings, progress
        ),
        kept=2,
        expected=lambda result: paths.seconds / 2,
    )


def _honest(reader: Reader, paths: RegularizationPath) -> Part:
    """Say how optimistic the smallest loss is; asked for where that takes long."""
    seconds = paths.folds * paths.seconds
    if seconds > SOON and not reader.switch(anew(seconds)):
        return Part(words=(WHY_OPTIMISTIC,))
    return Part(words=optimism(reader.obtain(_nested(paths))))


def _nested(paths: RegularizationPath) -> Computation[Mapping[str, Nested]]:
    return Computation(
        "nested validation",
        doing="Choosing λ anew in every fold",
        again="Choose λ anew in every fold",
        decided_by=Settings.preparation,
        compute=lambda result, progress: nested_of(
            paths, result.problem, result.settings, progress
        ),
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


QUESTION = Question(
    "path",
    "Along λ: which weights, at which loss?",
    "Regularization path",
    _parts,
    judges=PENALTIES,
)
