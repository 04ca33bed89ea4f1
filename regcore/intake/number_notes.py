"""Sentences on what was done to the columns of a table when numbers were read."""

from collections.abc import Callable

from regcore.intake.column import Column
from regcore.words import counted, listed, named, one_or_many


def describe(
    columns: list[Column], where: Callable[[int], str], names: list[str]
) -> list[str]:
    """Sentences on what was done to the columns, one for each kind of change."""
    pairs = list(zip(names, columns, strict=True))
    notes = _odd_cells(pairs, where) + _missing_words(pairs)
    for unit, found in _by_unit(pairs).items():
        sign = "Percent signs were" if unit == "%" else f"The unit «{unit}» was"
        notes.append(f"{sign} left out in {_listed(found)}.")
    for mark in (".", ","):
        found = [name for name, c in pairs if c.grouped and c.decimal == mark]
        example = next(
            (c.grouped for _, c in pairs if c.grouped and c.decimal == mark), ""
        )
        if found:
            notes.append(
                f"Thousands separators were left out in {_listed(found)} "
                f"(such as «{example}»)."
            )
    commas = [name for name, column in pairs if column.decimal == ","]
    if commas:
        notes.append(f"The comma was read as decimal sign in {_listed(commas)}.")
    zeros = [name for name, column in pairs if column.zeros]
    if zeros:
        notes.append(
            f"Zeros in front of a few numbers were left out in {_listed(zeros)}."
        )
    return notes + _left_out(pairs) + _kept_as_text(pairs) + _looks(pairs)


def _left_out(columns: list[tuple[str, Column]]) -> list[str]:
    """Sentences on what stood beside the numbers, and what was made of it."""
    notes = [
        f"{counted(column.bounds, 'cell')} of column {named(name)} "
        f"{one_or_many(column.bounds, 'is a bound', 'are bounds')} such as "
        f"{named(column.bound)} and became the number in "
        f"{one_or_many(column.bounds, 'it', 'them')}."
        for name, column in columns
        if column.bounds
    ]
    for field, what in (
        ("footnote", "Marks beside numbers were left out"),
        (
            "factor",
            "Letters after numbers were taken as thousands or millions or signs",
        ),
        ("formula", "Cells written as formulas were taken as what is in their quotes"),
    ):
        found = [(name, getattr(c, field)) for name, c in columns if getattr(c, field)]
        if found:
            names = _listed([name for name, _ in found])
            notes.append(f"{what} in {names} (such as {named(found[0][1])}).")
    return notes


def _looks(columns: list[tuple[str, Column]]) -> list[str]:
    return [c.looks.in_words(name) for name, c in columns if c.looks is not None]


def _odd_cells(
    columns: list[tuple[str, Column]], where: Callable[[int], str]
) -> list[str]:
    odd = [(name, column) for name, column in columns if column.odd]
    notes = [
        f"{counted(column.odd, 'cell')} of column {named(name)} "
        f"{one_or_many(column.odd, 'is', 'are')} no number (first: "
        f"{named(column.odd_cell)}, {where(column.odd_row)}) and became missing."
        for name, column in odd[:5]
    ]
    if len(odd) > 5:
        rest = sum(column.odd for _, column in odd[5:])
        notes.append(
            f"{counted(rest, 'cell')} of {len(odd) - 5} more number columns "
            "became missing likewise."
        )
    return notes


def _missing_words(columns: list[tuple[str, Column]]) -> list[str]:
    notes = []
    found = [name for name, column in columns if column.words]
    if found:
        total = sum(column.words for _, column in columns)
        word = next(column.word for _, column in columns if column.words)
        notes.append(
            f"{counted(total, 'cell')} such as «{word}» were taken as missing "
            f"in {_listed(found)}."
        )
    notes += [
        f"Column {named(name)} holds only {column.labels}, which stayed as words."
        for name, column in columns
        if column.labels
    ]
    return notes


def _by_unit(columns: list[tuple[str, Column]]) -> dict[str, list[str]]:
    units: dict[str, list[str]] = {}
    for name, column in columns:
        if column.unit:
            units.setdefault(column.unit, []).append(name)
    return units


def _kept_as_text(columns: list[tuple[str, Column]]) -> list[str]:
    reasons = {
        "codes": "numbers with zeros in front are codes",
        "phones": "the numbers look like phone numbers",
        "digits": "whole numbers with so many digits would lose some",
        "units": "the numbers have different units",
    }
    notes = []
    for reason, text in reasons.items():
        found = [name for name, column in columns if column.why_text == reason]
        if found:
            notes.append(f"{_listed(found, start=True)} stayed text: {text}.")
    return notes


def _listed(names: list[str], *, start: bool = False) -> str:
    word = one_or_many(len(names), "column", f"{len(names)} columns")
    text = f"{word} {listed([named(name) for name in names])}"
    return text[0].upper() + text[1:] if start else text
