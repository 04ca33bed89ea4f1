"""Guesses on the lines of names and on the rows, each with the reading without it."""

from collections.abc import Iterator
from dataclasses import replace

from regcore.intake.layout import Layout
from regcore.intake.plan import Reading
from regcore.intake.repairs import Repair
from regcore.intake.several import Other


def head_repairs(lines: list[int], plan: Layout, reading: Reading) -> list[Repair]:
    """Return what was guessed of the lines and may be otherwise.

    Parameters
    ----------
    lines : where each row starts
    reading : what was asked for
    """
    return [*_names(lines, plan, reading)]


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


def _names(lines: list[int], plan: Layout, reading: Reading) -> Iterator[Repair]:
    if not plan.header:
        return
    names, under = plan.header, lines[plan.header.stop : plan.first]
    here = replace(reading, header_row=lines[names.start])
    if plan.unnamed_first and reading.unnamed_first is None:
        yield _repair(
            "The names were taken to be those of all columns but the first.",
            "Let the first name stand above the first column",
            replace(reading, unnamed_first=False),
        )
    if under and reading.first_row is None:
        count = plan.first - names.start
        yield _repair(
            f"{_lines(under)} under the names was taken to be no data.",
            f"Join {_lines(under).lower()} to the names",
            replace(here, header_rows=count, first_row=lines[plan.first]),
        )
        yield _repair(
            f"{_lines(under)} under the names was taken to be no data.",
            f"Read {_lines(under).lower()} as data",
            replace(here, header_rows=len(names), first_row=under[0]),
        )
    if len(names) > 1 and reading.header_rows is None:
        joined = lines[names.start + 1 : names.stop]
        yield _repair(
            f"The names were joined from {len(names)} lines.",
            f"Leave {_lines(joined).lower()} out of the names",
            replace(here, header_rows=1, first_row=lines[plan.first]),
        )


def _repair(note: str, label: str, reading: Reading) -> Repair:
    # The notes on the layout say as much.
    return Repair("", note, label, reading, said=False, doubtful=False)


def _lines(lines: list[int]) -> str:
    one = len(lines) == 1
    return f"Line {lines[0]}" if one else f"Lines {lines[0]} to {lines[-1]}"
