"""Guesses on the columns of a file, each with the reading that does without it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from regcore.intake.column import Column
from regcore.intake.plan import Reading
from regcore.intake.points import OTHER
from regcore.words import counted, named, one_or_many

_PARTS = "parts thousands", "be a decimal sign"
_SIGNS = {".": "point", ",": "comma"}


@dataclass(frozen=True)
class Repair:
    """A guess on a column.

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
    """Return what was guessed of the columns and may be otherwise.

    Parameters
    ----------
    reading : what was asked for
    """
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
