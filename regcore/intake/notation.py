"""One cell that is a number in some notation: sign, digits, power and unit."""

import re
from dataclasses import dataclass

ASCII = str.maketrans(
    "０１２３４５６７８９．，－＋％＄￥（）٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹−’\u00a0\u202f\u2009",
    "0123456789.,-+%$¥()01234567890123456789-'   ",
)
CURRENCY = "[$£€¥₹₽₩₺₫฿]|(?:R|A|C|US|NZ|HK|S)\\$|Rs\\.?|R\\$|kr|zł|Fr\\."
MONEY_CODE = "USD|EUR|GBP|CNY|RMB|JPY|CHF|INR|RUB|CAD|AUD|KRW|BRL|SEK|NOK|DKK|PLN"
MONEY = re.compile(f"{CURRENCY}|{MONEY_CODE}")
_CELL = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+])?\s?"
    rf"(?P<before>(?:{CURRENCY}|{MONEY_CODE})(?=[\s\d.,+-]))?\s?(?P<sign2>[-+])?"
    rf"(?P<digits>\d[\d.,' ]*|[.,]\d+)(?P<power>[eE][+-]?\d+)?"
    rf"(?P<minus>-)?(?P<gap>\s)?(?P<after>[^\s\d.,'()+-][^\s\d()]{{0,9}})?"
    rf"(?P<close>\))?"
)
_UNIT = re.compile(rf"{CURRENCY}|{MONEY_CODE}|[%‰°µ].*")
_DIGITS = {
    ".": re.compile(
        r"\d+\.?\d*|\.\d+|\d{1,3}(?:([, '])\d{2,3})(?:\1\d{2,3})*(?<=\1\d{3})(?:\.\d*)?"
    ),
    ",": re.compile(r"\d+,?\d*|,\d+|\d{1,3}(?:([. '])\d{3})(?:\1\d{3})*(?:,\d*)?"),
}


@dataclass(frozen=True)
class Parts:
    """One cell taken apart: sign, digits with their separators, unit.

    Attributes
    ----------
    start, stop : where the digits and the power stand in the cell
    """

    negative: bool
    digits: str
    power: str
    unit: str
    start: int
    stop: int

    @property
    def whole(self) -> bool:
        """Whether it is digits alone."""
        return self.digits.isdecimal() and not self.power

    def fits(self, decimal: str) -> bool:
        """Whether its separators fit the decimal sign."""
        return _DIGITS[decimal].fullmatch(self.digits) is not None

    def has_groups(self, decimal: str) -> bool:
        """Whether its digits stand in groups."""
        return any(mark in self.digits for mark in groups(decimal))


def groups(decimal: str) -> str:
    """Marks that may stand between groups of digits."""
    return " '" + ("," if decimal == "." else ".")


def take_apart(cell: str) -> Parts | None:
    """Return the parts of a cell that is a number in some notation, or None."""
    match = _CELL.fullmatch(cell if cell.isascii() else cell.translate(ASCII))
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [match[name] for name in ("open", "sign", "sign2", "minus") if match[name]]
    if len(signs) > 1 or not _fair_unit(match):
        return None
    power = match["power"] or ""
    return Parts(
        negative=bool(signs) and signs[0] != "+",
        digits=match["digits"].strip(),
        power=power,
        unit=(match["before"] or match["after"] or "").strip(),
        start=match.start("digits"),
        stop=match.end("digits") + len(power),
    )


def _fair_unit(match: re.Match[str]) -> bool:
    """Whether what follows the digits is a unit rather than part of a code."""
    after = match["after"]
    if after is None:
        return True
    if match["before"] or after[0] in "/:_#&@;|=<>":
        return False
    known = _UNIT.fullmatch(after) is not None
    return known or bool(match["gap"]) or any(char.islower() for char in after)
