"""A fitted model as formulas of a spreadsheet, to be put beside the table's columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from regcore.export.fitted import FittedModel
from regcore.export.formula import Choice, Formula, Group, Slope, formulas
from regcore.export.rendering import render
from regcore.settings import DesignError
from regcore.words import named

MOST_SIGNS = 8_000
"""Signs of a formula; Excel takes 8,192."""

MOST_TEXT = 250
"""Signs of a text in a formula; Excel takes 255."""

ZERO = np.datetime64("1899-12-30", "s")
"""The day that a spreadsheet counts as 0."""

MEASURES: Mapping[str, str] = {
    "number": "{cell}",
    "days": "({cell}-{origin})",
    "hours": "24*MOD({cell},1)",
    "year": "YEAR({cell})",
    "month": "MONTH({cell})",
    "day": "DAY({cell})",
    "weekday": "WEEKDAY({cell},2)",
    "hour": "HOUR({cell})",
}
"""How each measure of a cell is written, by `Slope.measure`."""


@dataclass(frozen=True)
class Cell:
    """One column that is put beside the table: where, its title, and its formula."""

    letters: str
    title: str
    formula: str


def to_spreadsheet(model: FittedModel) -> str:
    """Return formulas that predict row 2 of a table, each with the cell for it.

    The table stands in the spreadsheet as in its file, from A1 on, with its names in
    row 1; numbers and dates are numbers and dates, and gaps are empty. The formulas
    have the decimal point and the comma between arguments.

    Raises
    ------
    DesignError
        if the levels of a column are too long for one formula

    Examples
    --------
    >>> "EXACT(" in to_spreadsheet(result.fitted("L1"))
    True
    """
    used = {
        column: letters(at)
        for at, column in enumerate(model.columns)
        if column in model.recipe.sources
    }
    return render(
        "spreadsheet.txt.j2", model, {}, columns=used, cells=list(_cells(model))
    )


def letters(at: int) -> str:
    """Name a column by its place from 0: A, B, …, Z, AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def text(value: object) -> str:
    """Quote a text; signs that are not seen are written by their code.

    So are quotes and backslashes, which not every spreadsheet reads the same.
    """
    pieces = []
    for plain, signs in groupby(str(value), _is_plain):
        run = "".join(signs)
        if plain:
            pieces += [
                f'"{run[i : i + MOST_TEXT]}"' for i in range(0, len(run), MOST_TEXT)
            ]
        else:
            pieces += [f"UNICHAR({ord(sign)})" for sign in run]
    return "&".join(pieces) or '""'


def _is_plain(sign: str) -> bool:
    return sign.isprintable() and sign not in '"\\'


def number(value: float) -> str:
    """Write a number; a negative one in parentheses."""
    written = repr(value).upper()
    return f"({written})" if value < 0 else written


def _cells(model: FittedModel) -> Iterator[Cell]:
    made = formulas(model)
    place = {column: f"{letters(at)}2" for at, column in enumerate(model.columns)}
    free = map(letters, range(len(model.columns), 16_384))
    sums = []
    for formula in made:
        parts = [
            Cell(next(free), f"part of {formula.output}", f"={part}")
            for part in _parts(formula, place)
        ]
        total = "+".join([number(formula.intercept), *(f"{p.letters}2" for p in parts)])
        title = f"z of {formula.output}" if model.classes else "prediction"
        sums.append(Cell(next(free), title, f"={total}"))
        yield from (*parts, sums[-1])
    if model.classes:
        write = _of_two if len(model.classes) == 2 else of_several
        yield from write(model.classes, [f"{z.letters}2" for z in sums], free)


def _parts(formula: Formula, place: Mapping[str, str]) -> Iterator[str]:
    """Yield the terms, as many together as one formula takes."""
    terms = [_slope(slope, place[slope.column]) for slope in formula.slopes]
    terms += [_choice(choice, place[choice.column]) for choice in formula.choices]
    some: list[str] = []
    size = 0
    for term in terms:
        if some and size + len(term) + 1 > MOST_SIGNS:
            yield "+".join(some)
            some, size = [], 0
        some.append(term)
        size += len(term) + 1
    if some:
        yield "+".join(some)


def _slope(term: Slope, cell: str) -> str:
    days = 0.0
    if term.origin:
        days = float((np.datetime64(term.origin, "s") - ZERO) / np.timedelta64(1, "D"))
    value = MEASURES[term.measure].format(cell=cell, origin=number(days))
    filled = f"IF(ISNUMBER({cell}),{value},{number(term.fill)})"
    return f"{number(term.weight)}*({filled}-{number(term.mean)})"


def _choice(term: Choice, cell: str) -> str:
    written = number(term.otherwise)
    for group in reversed(term.groups):
        written = (
            f"IF({_among(group, term.measure, cell)},{number(group.adds)},{written})"
        )
    if len(written) > MOST_SIGNS:
        raise DesignError(
            f"The levels of {named(term.column)} are too long for the formula of a "
            "spreadsheet; take SQL or a script instead."
        )
    return written


def _among(group: Group, measure: str, cell: str) -> str:
    """Say whether a cell is one of a group."""
    gap = f'{cell}=""' if measure == "text" else f"NOT(ISNUMBER({cell}))"
    # An empty cell is 0 and FALSE, too.
    tests = {
        "text": lambda level: f"EXACT({cell},{text(level)})",
        "number": lambda level: f"AND(ISNUMBER({cell}),{cell}={number(float(level))})",
        "truth": lambda level: f"EXACT({cell},{text(level.upper())})",
    }
    told = [tests[measure](level) for level in group.levels]
    told += [gap] if group.gaps else []
    return told[0] if len(told) == 1 else f"OR({','.join(told)})"


def _of_two(
    classes: Sequence[str], z: Sequence[str], free: Iterator[str]
) -> Iterator[Cell]:
    """Probability of the second class, and the likelier one; no EXP of a large z."""
    high, low = f"1/(1+EXP(-{z[0]}))", f"EXP({z[0]})/(1+EXP({z[0]}))"
    probability = f"=IF({z[0]}>=0,{high},{low})"
    yield Cell(next(free), f"probability of {classes[1]}", probability)
    likelier = f"=IF({z[0]}>0,{text(classes[1])},{text(classes[0])})"
    yield Cell(next(free), "class", likelier)


def of_several(
    classes: Sequence[str], z: Sequence[str], free: Iterator[str]
) -> Iterator[Cell]:
    """Probability of each class, and the likeliest; every EXP at most 1."""
    most, total = next(free), next(free)
    yield Cell(most, "largest z", f"=MAX({','.join(z)})")
    sums = "+".join(f"EXP({one}-{most}2)" for one in z)
    yield Cell(total, "sum of EXP(z - largest)", f"={sums}")
    for name, one in zip(classes, z, strict=True):
        share = f"=EXP({one}-{most}2)/{total}2"
        yield Cell(next(free), f"probability of {name}", share)
    likeliest = text(classes[-1])
    for name, one in reversed(list(zip(classes[:-1], z[:-1], strict=True))):
        likeliest = f"IF({one}={most}2,{text(name)},{likeliest})"
    yield Cell(next(free), "class", f"={likeliest}")
