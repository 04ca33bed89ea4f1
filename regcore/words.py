"""Every number, count, list and name in a sentence."""

from collections.abc import Sequence

LONGEST_NAME = 40


def number(value: float, form: str) -> str:
    """Write a number in a form of Python's, with a true minus."""
    return format(value, form).replace("-", "−")


def figures(value: float, digits: int = 4) -> str:
    """Round to so many figures: 43,520 and 0.01235, not 4.352e+04."""
    return number(float(f"{value:.{digits}g}"), f",.{digits + 6}g")


def signed(value: float, digits: int = 2) -> str:
    """Round to so many figures, with the sign of either side: +0.12, −3,400."""
    return number(float(f"{value:.{digits}g}"), f"+,.{digits + 6}g")


def percent(value: float) -> str:
    """Write a signed percentage: +1.2 %, −0.04 %."""
    digits = 0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2
    rounded = float(f"{value:.{digits}f}") + 0.0  # −0 is 0
    return number(rounded, f"{'+' if rounded else ''}.{digits}f") + " %"


def share(value: float, decimals: int = 0) -> str:
    """Write a share of 1 as "64 %", or as "63.7 %"; "100 %" only where it is all."""
    per_cent, least = 100 * value, 10.0**-decimals
    if 0 < per_cent < least / 2:
        return f"less than {least:.{decimals}f} %"
    if 100 - least / 2 <= per_cent < 100:
        return f"more than {100 - least:.{decimals}f} %"
    return f"{per_cent:,.{decimals}f} %"


def difference(part: float) -> str:
    """Write how much less or more of 1 it is: "8.2 %", and what is next to none or all.

    Parameters
    ----------
    part : negative for less; all of it is −1
    """
    if abs(part) <= 0.001:
        return "less than 0.1 %"
    if -1.0 < part < -0.995:
        return "more than 99 %"
    return f"{figures(100 * abs(part), 2)} %"


def correlation(r: float, sign: str = "") -> str:
    """Write r or R² with two decimals, and with more where that would be 1 but is not.

    Parameters
    ----------
    sign : "+" to write it before what is positive too
    """
    told = (digits for digits in (2, 3, 4) if round(abs(r), digits) < 1.0)
    return number(r, f"{sign}.{next(told, 2)}f")


def counted(count: int, noun: str) -> str:
    """Write "1 row", "2 rows", "20,640 rows"."""
    return f"{count:,} {one_or_many(count, noun, f'{noun}s')}"


def duration(seconds: float) -> str:
    """Write a time roughly: "9 s", "40 s", "2 minutes", "3 hours"."""
    if seconds < 55:
        return f"{figures(max(seconds, 1.0), 1)} s"
    if seconds < 3300:
        return counted(round(seconds / 60), "minute")
    return counted(round(seconds / 3600), "hour")


def one_or_many(count: int, one: str, many: str) -> str:
    """Return the word that agrees with a count, such as "is" or "are"."""
    return one if count == 1 else many


def named(feature: object) -> str:
    """Quote a name or a cell from the user's file, on one line and cut where long."""
    text = " ".join(str(feature).split())
    cut = text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"
    return f"«{cut}»"


def listed(words: Sequence[str], most: int = 4) -> str:
    """Join as "a, b and c", or as "a, b and 7 more"."""
    shown = list(words)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(words) - most + 1} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
