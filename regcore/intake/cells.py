"""What one cell is: missing, a number, a date, or text."""

import re
from collections import Counter
from collections.abc import Iterable

# Words that pandas, R and spreadsheets write for «no value».
MISSING_WORDS = frozenset(
    re.findall(
        r"\S+",
        r"NA N/A n/a n.a. N.A. #N/A #NA <NA> NaN nan -nan -NaN NAN null NULL Null \N "
        "(null) None NONE none #DIV/0! #VALUE! #REF! #NAME? #NUM! #NULL! 1.#QNAN "
        "-1.#QNAN 1.#IND -1.#IND",
    )
)
# Marks that mean «no value» only among numbers; in a text column they may be a level
# like any other.
MISSING_MARKS = frozenset(
    re.findall(r"\S+", "- -- --- — – . .. ... ? * / x X nil Nil NIL")
)

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NINES = str.maketrans("012345678", "9" * 9)
_DIGIT = re.compile(r"\d")
_LOOSE = re.compile(
    r"\(?[-+−]?\s?(?:[$£€¥₹₽₩]|[A-Z]{3}\s)?\s?[-+−]?"
    r"(?:\d+|\d{1,3}(?:[,.\s'’]\d{2,3})+)?(?:[.,]\d*)?(?:[eE][+-]?\d+)?"
    r"\s?(?:[$£€¥₹₽₩%]|[A-Z]{3})?\s?[-−]?\)?"
)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"|\d{1,2}[- /][A-Za-z]{3,9}[- /,]*\d{2,4}|\d{4}年\d{1,2}月(?:\d{1,2}日)?"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4}"
)


def shape(cell: str) -> str:
    """Return a cell with a 9 for every digit."""
    return cell.translate(_NINES)


def shapes_of(cells: Iterable[str]) -> Counter[str]:
    """Count the shapes of many cells, which hold no zero byte, at once.

    Whether a cell is a number or a date depends on its shape alone.
    """
    joined = "\0".join(cells)
    return Counter(joined.translate(_NINES).split("\0") if joined else ())


def is_missing(cell: str) -> bool:
    """Whether a cell is blank or one of the usual words for «no value»."""
    bare = cell.strip()
    return not bare or bare in MISSING_WORDS


def says_something(text: str) -> bool:
    """Whether a cell is neither blank nor one of the usual words for «no value»."""
    return bool(text) and text not in MISSING_WORDS and text not in MISSING_MARKS


def is_plain_number(cell: str) -> bool:
    """Whether a cell is a number as every program writes it."""
    return _PLAIN.fullmatch(cell.strip()) is not None


def is_number(cell: str) -> bool:
    """Whether a cell is a number, perhaps with a currency, percent or thousands."""
    bare = cell.strip()
    if _PLAIN.fullmatch(bare) is not None:
        return True
    return (
        not bare.startswith("/")
        and _LOOSE.fullmatch(bare) is not None
        and _DIGIT.search(bare) is not None
    )


def is_date(cell: str) -> bool:
    """Whether a cell is a date or a time in one of the common forms."""
    return _DATE.fullmatch(cell.strip()) is not None
