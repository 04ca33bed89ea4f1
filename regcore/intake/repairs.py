"""Guesses on the lines and columns of a file, each with the reading without it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from regcore.intake.column import Column
from regcore.intake.layout import Layout
from regcore.intake.plan import Reading
from regcore.intake.points import OTHER
from regcore.intake.several import Other
from regcore.words import counted, named, one_or_many

_PARTS = "parts thousands", "be a decimal sign"
_SIGNS = {".": "point", ",": "comma"}


@dataclass(frozen=True)
class Repair:
    """A guess on a column, or on the lines where that has no name.

    Attributes
    ----------
    note : what was guessed, in a sentence
    label : what a button says that undoes it
    reading : how to read the file without it
    said : whether the note is one of the table's; if not, another says as much
    doubtful : whether it may well be wrong
    """

    column: str
    note: str
    label: str
    reading: Reading
    said: bool = True
    doubtful: bool = True


def find_repairs(
    columns: Sequence[Column], names: Sequence[str], reading: Reading
) -> tuple[Repair, ...]:
    """Return what was guessed of the columns and may be otherwise."""
    pairs = zip(names, columns, strict=True)
    return tuple(repair for pair in pairs for repair in _of(*pair, reading))


def _of(name: str, column: Column, reading: Reading) -> Iterator[Repair]:
    yield from _numbers(name, column, reading)
    for word, count in column.levels:
        yield Repair(
            name,
            f"{named(word)} in {counted(count, 'cell')} of column {named(name)} was "
            "taken as a level beside the others, not as a gap.",
            f"Take {named(word)} as missing",
            replace(reading, missing=(*reading.missing, word)),
            doubtful=False,
        )
    for word, count in column.absent:
        if word not in reading.missing:
            yield Repair(
                name,
                f"{named(word)} in {counted(count, 'cell')} of column {named(name)} "
                "was taken as missing.",
                f"Take {named(word)} as a value",
                replace(reading, values=(*reading.values, word)),
                said=False,
                doubtful=False,
            )


def _numbers(name: str, column: Column, reading: Reading) -> Iterator[Repair]:
    for text, count in column.stand_ins:
        if text not in reading.missing:
            yield Repair(
                name,
                f"{counted(count, 'cell')} of column {named(name)} "
                f"{one_or_many(count, 'is', 'are')} {named(text)}, apart from all "
                f"others, and {one_or_many(count, 'was', 'were')} taken as missing.",
                f"Take {named(text)} as a number",
                replace(reading, values=(*reading.values, text)),
            )
    if column.open_sign:
        used, other = column.open_sign, OTHER[column.open_sign]
        decimal = used in column.example
        mark = _SIGNS[used if decimal else other]
        does, may = ("is a decimal sign", "part thousands") if decimal else _PARTS
        yield Repair(
            name,
            f"The {mark} in column {named(name)}, such as in {named(column.example)}, "
            f"{does}, as a guess; it may {may}.",
            f"Let the {mark} in {named(name)} {may}",
            replace(reading, decimals=(*reading.decimals, (name, other))),
            # That thousands are parted is said of all columns together.
            said=decimal,
            doubtful=decimal,
        )


def other_tables(others: list[Other], reading: Reading) -> list[Repair]:
    """Return readings of the tables that were left out, the longest first."""
    anew = replace(reading, header_rows=None, first_row=None, last_row=None)
    return [
        Repair(
            "",
            other.note,
            f"Read the table at line {other.names}",
            replace(anew, header_row=other.names, unnamed_first=None),
            said=False,
        )
        for other in sorted(others, key=lambda other: -other.rows)
    ]


def head_repairs(lines: list[int], plan: Layout, reading: Reading) -> Iterator[Repair]:
    """Yield what was guessed of the lines of names, which start at `lines`."""
    if not plan.header:
        return
    names, under = plan.header, lines[plan.header.stop : plan.first]
    here = replace(reading, header_row=lines[names.start])
    if plan.unnamed_first and reading.unnamed_first is None:
        yield _of_head(
            "The names were taken to be those of all columns but the first.",
            "Let the first name stand above the first column",
            replace(reading, unnamed_first=False),
        )
    if under and reading.first_row is None:
        count = plan.first - names.start
        yield _of_head(
            f"{_lines(under)} under the names was taken to be no data.",
            f"Join {_lines(under).lower()} to the names",
            replace(here, header_rows=count, first_row=lines[plan.first]),
        )
        yield _of_head(
            f"{_lines(under)} under the names was taken to be no data.",
            f"Read {_lines(under).lower()} as data",
            replace(here, header_rows=len(names), first_row=under[0]),
        )
    if len(names) > 1 and reading.header_rows is None:
        joined = lines[names.start + 1 : names.stop]
        yield _of_head(
            f"The names were joined from {len(names)} lines.",
            f"Leave {_lines(joined).lower()} out of the names",
            replace(here, header_rows=1, first_row=lines[plan.first]),
        )


def _of_head(note: str, label: str, reading: Reading) -> Repair:
    # The notes on the layout say as much.
    return Repair("", note, label, reading, said=False, doubtful=False)


def _lines(lines: list[int]) -> str:
    one = len(lines) == 1
    return f"Line {lines[0]}" if one else f"Lines {lines[0]} to {lines[-1]}"
