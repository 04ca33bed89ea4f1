"""Two weights, seen from above: the loss, the penalty's shape, and the way down."""

from collections.abc import Iterator

from regcore.drawing.names import ALONG, short_names
from regcore.questions.contours.answer import Square, View, from_above, proposed_pair
from regcore.questions.contours.chart import picture
from regcore.questions.contours.words import held, in_words, solution
from regcore.questions.question import (
    Choice,
    Computation,
    Figure,
    Panel,
    Part,
    Question,
    Reader,
    choose_class,
)


def _from_above(
    pair: tuple[int, int], output: int
) -> Computation[tuple[Square, tuple[View, ...]]]:
    return Computation(
        "contours",
        doing="Looking from above",
        again="Look from above",
        decided_by=lambda settings: (settings, pair, output),
        compute=lambda result, _: from_above(result, pair, output),
        kept=12,
    )


def _parts(reader: Reader) -> Iterator[Part]:
    result = reader.result
    names = result.problem.design.features
    if len(names) < 2:
        reason = "There is one feature only, and so nothing to be seen from above."
        yield Part(reason=reason)
        return
    output = choose_class(reader)
    pair = _choose_pair(reader, output)
    if pair[0] == pair[1]:
        yield Part(reason="Choose two different weights.")
        return
    square, views = reader.obtain(_from_above(pair, output))
    short = short_names((names[j] for j in pair), ALONG)
    across, up = (f"{short[names[j]]}, per SD" for j in pair)
    yield Part(
        words=(in_words(result, pair, views),),
        panels=tuple(
            _panel(view, square, (across, up), solution(result, pair, view))
            for view in views
        ),
        notes=(held(result, views),),
    )
    yield Part(
        how_to_read=(
            "Grey rings are equal loss, the thick one goes through the solution "
            "(diamond mark); the line with dots is the way that descent took from "
            "zero.",
            "The dashed diamond and circle hold all pairs with the same penalty: the "
            "solution is where ring and shape touch, and a diamond is touched at its "
            "corners, where a weight is zero.",
        )
    )


def _choose_pair(reader: Reader, output: int) -> tuple[int, int]:
    """Two features; at first one that stays and one that L1 drops."""
    names = reader.result.problem.design.features
    first = proposed_pair(reader.result, output)
    across, up = (
        reader.choose(Choice(f"{label} for output {output}", label, names, j))
        for label, j in zip(("Across", "Up"), first, strict=True)
    )
    return across, up


def _panel(view: View, square: Square, titles: tuple[str, str], told: str) -> Panel:
    alt = f"Contours of the loss over two weights, {view.penalty}"
    figure = Figure(picture(view, square, titles), alt, told, own_width=True)
    return Panel(figure, penalty=view.penalty)


QUESTION = Question(
    "contours",
    "Two weights, seen from above",
    "Contours",
    _parts,
    of_rows=lambda result: result.problem.passes is not None,
)
