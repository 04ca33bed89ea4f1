"""Numbers and names in sentences."""

from collections.abc import Sequence

LONGEST_NAME = 40


def named(feature: object) -> str:
    """Quote a name from the user's file, cut where it is very long."""
    text = str(feature)
    cut = text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"
    return f"«{cut}»"


def listed(words: Sequence[str], most: int = 4) -> str:
    """Join as "a, b and c", or as "a, b and 7 more"."""
    shown = list(words)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(words) - most + 1} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)


def signed(number: float, digits: int = 2) -> str:
    """Write +0.12 or −3.4, with a true minus."""
    return f"{number:+.{digits}g}".replace("-", "−")


def percent(number: float) -> str:
    """Write a signed percentage: +1.2 %, −0.04 %."""
    digits = 0 if abs(number) >= 10 else 1 if abs(number) >= 1 else 2
    text = f"{number:+.{digits}f}"
    if not float(text):
        text = f"{0.0:.{digits}f}"
    return f"{text} %".replace("-", "−")


def share(number: float) -> str:
    """Write a share of 1 as "64 %"."""
    return f"{100 * number:.0f} %"


def counted(count: int, noun: str) -> str:
    """Write "1 row", "2 rows", "20,640 rows"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
