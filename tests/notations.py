"""Known tables in random notations, written, read back and compared.

Run `python -m tests.notations [tables] [first seed]`: it prints what came back
otherwise without a note that names its column, and how often a note said so.
"""

import csv
import io
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.design.dates import read_dates
from regcore.design.guesses import Guess, guess_types
from regcore.intake import read

LOCALES = (
    (".", ("", "", ",", " ", "'", "\u00a0", "\u2009", "’")),
    (",", ("", "", ".", " ", "\u00a0", "'")),
)
"""Decimal signs, and what stands between thousands beside each."""

SEPARATORS = {".": ",;\t|", ",": ";\t|"}
CURRENCIES = ("$", "€", "£", "₦", "₹", "CHF ", "USD ", "AED ")
UNITS = (" kg", " km", "℃", " m²", "%", " %")
GAPS = ("", "", "NA", "N/A", "n/a", "null", "NaN", "#N/A", "None", "-", ".", "?")
FOOTNOTES = ("*", "†", "¹", " (a)", " [u]", " b")
DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%b-%Y"),
    *("%d %B %Y", "%B %d, %Y", "%d%b%Y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"),
    *("%d/%m/%y", "%m/%d/%y", "%d %b %y", "%Y年%m月%d日"),
)
LEVELS = (
    ("red", "green", "blue"),
    ("None", "Insomnia", "Apnea"),
    ("NA", "EU", "AS", "SA"),
    ("yes", "no"),
    ("A1", "B2", "C3", "D4"),
    ("1. low", "2. mid", "3. high"),
    ("<=50K", ">50K"),
    ("0-9", "10-19", "20-29", "85+"),
)


@dataclass(frozen=True)
class Written:
    """One column as it is known, and its cells as they stand in the file."""

    name: str
    kind: str
    known: list[object]
    cells: list[str]


def table(seed: int) -> tuple[bytes, list[Written]]:
    """Return a file of a known table in a notation of its own."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(20, 90))
    decimal, marks = LOCALES[rng.integers(len(LOCALES))]
    mark = str(rng.choice(marks))
    gap = str(rng.choice(GAPS))
    columns = [
        _number(rng, f"num{i}", rows, decimal, mark, gap)
        for i in range(rng.integers(1, 5))
    ]
    columns += [_date(rng, f"day{i}", rows, gap) for i in range(rng.integers(0, 3))]
    columns += [_level(rng, f"kind{i}", rows) for i in range(rng.integers(0, 3))]
    # Two columns that no notation can spoil tell what is a header and a separator.
    columns.append(_plain("other", rng.integers(0, 50, rows)))
    columns.append(_plain("word", rng.choice(["ash", "birch", "cedar"], rows)))
    columns = [columns[i] for i in rng.permutation(len(columns))]
    out = io.StringIO()
    separator = str(rng.choice([*SEPARATORS[decimal]]))
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows(zip(*(column.cells for column in columns), strict=True))
    return out.getvalue().encode(), columns


def differing(raw: bytes, columns: list[Written]) -> tuple[list[str], list[str]]:
    """Return the columns that came back otherwise: in silence, and with a note."""
    intake = read(raw)
    guesses = guess_types(intake.table)
    silent, said = [], []
    for column in columns:
        if column.name not in intake.table:
            silent.append(column.name)
            continue
        found = intake.table[column.name]
        guess = guesses[column.name]
        if _same(column, found, guess):
            continue
        told = f"«{column.name}»" in " ".join(intake.notes)
        told |= guess.looks is not None or "as a guess" in guess.reason
        told |= guess.order is not None and guess.order.last is not None
        (said if told else silent).append(column.name)
    return silent, said


def _same(column: Written, found: pd.Series, guess: Guess) -> bool:
    if column.kind == "number":
        known = np.array(column.known, float)
        read_back = found.dtype.kind in "if" and len(found) == len(known)
        return read_back and np.allclose(found, known, rtol=1e-9, equal_nan=True)
    if column.kind == "date":
        if guess.order is None:
            return False
        times = read_dates(found, guess.order).astype("datetime64[D]")
        return np.datetime_as_string(times).tolist() == column.known
    cells = found.astype(object).where(found.notna(), None)
    return [str(cell) for cell in cells] == column.known


def _number(rng, name, rows, decimal, mark, gap) -> Written:
    places = int(rng.choice([0, 0, 1, 2, 3]))
    size = float(rng.choice([1, 30, 900, 40_000, 3e6]))
    values = (
        rng.normal(0, size, rows) if rng.random() < 0.5 else size * rng.random(rows)
    )
    known = np.round(values, places) + 0.0
    fixed = rng.random() < 0.7
    texts = [_text(value, places, decimal, mark, fixed=fixed) for value in known]
    how = rng.choice(["bare", "bare", "currency", "unit", "brackets", "behind"])
    if how == "currency":
        sign = str(rng.choice(CURRENCIES))
        before = rng.random() < 0.6
        texts = [
            f"{'-' * t.startswith('-')}{sign}{t.lstrip('-')}"
            if before
            else f"{t} {sign.strip()}"
            for t in texts
        ]
    elif how == "unit":
        unit = str(rng.choice(UNITS))
        texts = [text + unit for text in texts]
    elif how == "brackets":
        texts = [f"({t[1:]})" if t.startswith("-") else t for t in texts]
    elif how == "behind":
        texts = [f"{t[1:]}-" if t.startswith("-") else t for t in texts]
    elif rng.random() < 0.3:
        minus = str(rng.choice(["−", "–"]))
        texts = [text.replace("-", minus) for text in texts]
    if how == "bare" and rng.random() < 0.3:
        note = str(rng.choice(FOOTNOTES))
        texts = [t + note * (rng.random() < 0.1) for t in texts]
    gone = rng.random(rows) < rng.choice([0, 0, 0.1])
    known[gone] = np.nan
    cells = [gap if out else text for text, out in zip(texts, gone, strict=True)]
    return Written(name, "number", known.tolist(), cells)


def _text(value: float, places: int, decimal: str, mark: str, *, fixed: bool) -> str:
    text = f"{value:,.{places}f}"
    if not fixed and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", "\0").replace(".", decimal).replace("\0", mark)


def _date(rng, name, rows, gap) -> Written:
    first, last = sorted(rng.integers(1940, 2025, 2).tolist())
    days = pd.Timestamp(first, 1, 1) + pd.to_timedelta(
        rng.integers(0, 365 * (last - first + 1), rows), unit="D"
    )
    days = pd.Series(days)
    form = str(rng.choice(DATES))
    cells = days.dt.strftime(form).tolist()
    gone = rng.random(rows) < rng.choice([0, 0, 0.05])
    known = days.dt.strftime("%Y-%m-%d").where(~gone, "NaT")
    cells = [gap if out else cell for cell, out in zip(cells, gone, strict=True)]
    return Written(name, "date", known.tolist(), cells)


def _level(rng, name, rows) -> Written:
    levels = LEVELS[rng.integers(len(LEVELS))]
    chosen = [str(level) for level in rng.choice(levels, rows)]
    return Written(name, "level", chosen, chosen)


def _plain(name, values) -> Written:
    cells = [str(value) for value in values]
    if values.dtype.kind == "i":
        return Written(name, "number", values.tolist(), cells)
    return Written(name, "level", cells, cells)


def main(tables: int = 5_000, first: int = 0) -> None:
    counts: Counter[str] = Counter()
    for seed in range(first, first + tables):
        raw, columns = table(seed)
        silent, said = differing(raw, columns)
        counts.update(tables=1, columns=len(columns), said=len(said))
        counts["silent"] += len(silent)
        for column in columns:
            if column.name in silent:
                print(seed, column.name, column.cells[:6], column.known[:6])
    print(dict(counts))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
