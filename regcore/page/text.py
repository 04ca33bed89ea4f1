"""Text from the user's file, as text."""

import re


def literal(text: object) -> str:
    """Escape everything that Markdown could take as markup; line breaks become blanks.

    Column names and cells are data. Labels, captions, metrics and messages of the page
    are Markdown, so each of them passes here.
    """
    flat = re.sub(r"\s+", " ", str(text))
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", flat)


def plural(count: int, noun: str) -> str:
    """Return "1 row", "2 rows", "20,640 rows"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
