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
    for unit in dict.fromkeys(column.unit for column in columns if column.unit):
        sign = "Percent signs were" if unit == "%" else f"The unit «{unit}» was"
        notes += _left_out(sign, [(n, "") for n, c in pairs if c.unit == unit])
    for mark in (".", ","):
        found = [(n, c.grouped) for n, c in pairs if c.grouped and c.decimal == mark]
        notes += _left_out("Thousands separators were", found)
    commas = [(name, "") for name, column in pairs if column.decimal == ","]
    notes += _of("The comma was read as decimal sign", commas)
    zeros = [(name, "") for name, column in pairs if column.zeros]
    notes += _left_out("Zeros in front of a few numbers were", zeros)
    notes += _bounds(pairs)
    notes += _left_out(
        "Marks beside numbers were", [(n, c.footnote) for n, c in pairs if c.footnote]
    )
    notes += _of(
        "Letters after numbers were taken as thousands or millions or signs",
        [(name, column.factor) for name, column in pairs if column.factor],
    )
    notes += _of(
        "Cells written as formulas were taken as what is in their quotes",
        [(name, column.formula) for name, column in pairs if column.formula],
    )
    return notes + _kept_as_text(pairs) + _looks(pairs)


def _left_out(what: str, found: list[tuple[str, str]]) -> list[str]:
    return _of(f"{what} left out", found)


def _of(what: str, found: list[tuple[str, str]]) -> list[str]:
    """Say something of some columns, with the example of the first."""
    if not found:
        return []
    names, example = _listed([name for name, _ in found]), found[0][1]
    return [f"{what} in {names}{f' (such as {named(example)})' if example else ''}."]


def _bounds(columns: list[tuple[str, Column]]) -> list[str]:
    return [
        f"{counted(column.bounds, 'cell')} of column {named(name)} "
        f"{one_or_many(column.bounds, 'is a bound', 'are bounds')} such as "
        f"{named(column.bound)} and became the number in "
        f"{one_or_many(column.bounds, 'it', 'them')}."
        for name, column in columns
        if column.bounds
    ]


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
