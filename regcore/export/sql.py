"""A fitted model as SQL: predictions for every row of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from regcore.export.fitted import FittedModel
from regcore.export.formula import Choice, Formula, Slope, formulas
from regcore.export.rendering import render
from regcore.settings import DesignError
from regcore.words import listed

TERMS = 50
"""Terms between parentheses: SQLite takes no expression deeper than 1,000."""


@dataclass(frozen=True)
class Dialect:
    """What differs between databases.

    Attributes
    ----------
    name : as it is called
    measures : how each measure of a cell is written, by `Slope.measure`
    sign : the function that makes a character of its code
    date, clock : the type of column that dates and times of day are read from
    """

    name: str
    measures: Mapping[str, str]
    sign: str
    date: str
    clock: str


_STAMP = "TRY_CAST({cell} AS TIMESTAMP)"

DIALECTS = {
    "sqlite": Dialect(
        "SQLite",
        {
            "days": "(strftime('%s', {cell}) - strftime('%s', {origin})) / 86400e0",
            "hours": "strftime('%s', '1970-01-01 ' || {cell}) / 3600e0",
            "year": "CAST(strftime('%Y', {cell}) AS REAL)",
            "month": "CAST(strftime('%m', {cell}) AS REAL)",
            "day": "CAST(strftime('%d', {cell}) AS REAL)",
            "weekday": "((strftime('%w', {cell}) + 6) % 7 + 1e0)",
            "hour": "CAST(strftime('%H', {cell}) AS REAL)",
        },
        sign="char",
        date="TEXT such as 2024-03-31 14:05:00",
        clock="TEXT such as 14:05:00",
    ),
    "duckdb": Dialect(
        "DuckDB",
        {
            "days": f"(epoch({_STAMP}) - epoch(TIMESTAMP {{origin}})) / 86400e0",
            "hours": "epoch(TRY_CAST({cell} AS TIME)) / 3600e0",
            "year": f"year({_STAMP})",
            "month": f"month({_STAMP})",
            "day": f"day({_STAMP})",
            "weekday": f"isodow({_STAMP})",
            "hour": f"hour({_STAMP})",
        },
        sign="chr",
        date="TIMESTAMP, DATE, or TEXT such as 2024-03-31 14:05:00",
        clock="TIME, or TEXT such as 14:05:00",
    ),
}
"""By their names in `to_sql`."""


def to_sql(model: FittedModel, dialect: str = "sqlite", table: str = "t") -> str:
    """Return one SELECT that predicts every row of a table, to 1e-9.

    For a number it has one expression; for classes z of each (the log-odds), the
    probabilities, and the class of the largest. It reads the columns that
    `FittedModel.cleaned` gives, typed, with NULL for gaps, or the file itself where
    its numbers and dates need no reading; names that differ in case only, which SQL
    cannot tell apart, as `column_names` gives them.

    Parameters
    ----------
    dialect : "sqlite" or "duckdb"
    table : name of the table to predict

    Raises
    ------
    DesignError
        if there is no such dialect, or a column without a name that SQL can say

    Examples
    --------
    >>> query = to_sql(result.fitted("L1"), "duckdb", table="houses")
    >>> query.splitlines()[-1]
    'FROM "houses"'
    """
    known = DIALECTS.get(dialect)
    if known is None:
        raise DesignError(
            f"There is no dialect «{dialect}»; choose one of {listed([*DIALECTS])}."
        )
    names = column_names(model)
    made = formulas(model)
    titles = _titles(model, taken=[*names.values(), table])
    return render(
        "select.sql.j2",
        model,
        {
            "real": real,
            "name": identifier,
            "text": partial(literal, known),
            "level": partial(_level, known),
            "cell": partial(_cell, known, names),
        },
        dialect=known,
        table=table,
        columns=[(name, names[name]) for name in _used(made)],
        types=_types(model, known),
        formulas=made,
        terms=TERMS,
        titles=titles,
    )


def column_names(model: FittedModel) -> dict[str, str]:
    """Return the name in SQL of each column of the table.

    Quoted names keep every letter, but a second one that differs from another in case
    only is numbered, as DuckDB does when it reads the file: "Price" and "price_1".
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for column in model.columns:
        name, number = str(column), 0
        while name.casefold() in taken:
            number += 1
            name = f"{column}_{number}"
        taken.add(name.casefold())
        names[column] = name
    return names


def real(value: float) -> str:
    """Write a number so that DuckDB too takes it for one of double precision."""
    written = repr(float(value))
    return written if "e" in written else f"{written}e0"


def identifier(name: object) -> str:
    """Quote a name.

    Raises
    ------
    DesignError
        if it is empty or has a character that no name in SQL has
    """
    text = str(name)
    if not text or "\0" in text:
        raise DesignError(
            f"SQL cannot name a column {text!r}; rename it and train again."
        )
    return '"' + text.replace('"', '""') + '"'


def literal(dialect: Dialect, text: object) -> str:
    """Quote a text."""
    parts = [part.replace("'", "''") for part in str(text).split("\0")]
    return f"' || {dialect.sign}(0) || '".join(parts).join("''")


def _level(dialect: Dialect, level: str, measure: str) -> str:
    """Write a level as its column holds it."""
    if measure == "number":
        return level if level.lstrip("-").isdigit() else real(float(level))
    return level.upper() if measure == "truth" else literal(dialect, level)


def _cell(dialect: Dialect, names: Mapping[str, str], term: Slope | Choice) -> str:
    """Write what is measured of a cell; NULL in a gap."""
    cell = identifier(names[term.column])
    written = dialect.measures.get(term.measure, "{cell}")
    return written.format(cell=cell, origin=literal(dialect, term.origin))


def _used(made: tuple[Formula, ...]) -> list[str]:
    """Columns that a formula reads, once each."""
    slopes = [term.column for formula in made for term in formula.slopes]
    choices = [term.column for formula in made for term in formula.choices]
    return list(dict.fromkeys([*slopes, *choices]))


def _types(model: FittedModel, dialect: Dialect) -> dict[str, str]:
    """Say what each column holds."""
    types = {
        "number": "numbers",
        "text": "TEXT",
        "truth": "truth values",
        "date": dialect.date,
    }
    return {
        e.column: dialect.clock if "hours" in dict(e.measures) else types[e.cells]
        for e in model.recipe.encodings
    }


def _titles(model: FittedModel, taken: list[str]) -> dict[str, str]:
    """Names that the query adds, different from all that it reads."""
    wanted = [
        "scored",
        "prediction",
        "class",
        *(f"z of {name}" for name in model.outputs),
    ]
    wanted += [f"probability of {name}" for name in model.classes]
    known = {name.casefold() for name in taken}
    titles = {}
    for title in wanted:
        free, number = title.replace("\0", " "), 1
        while free.casefold() in known:
            number += 1
            free = f"{title} ({number})"
        known.add(free.casefold())
        titles[title] = free
    return titles
