"""One cell to the number in it, in whatever notation it is written.

The cell is made plain first: digits, dashes, spaces and marks of any script become
those of ASCII. Then one pattern takes it apart into what stands around the number and
the number. A cell with two numbers, such as a range or a date, is none.
"""

import re
import sys
import unicodedata
from dataclasses import dataclass

_MARKS = {"٫": ".", "٬": "'", "’": "'", "ʼ": "'", "٪": "%", "−": "-", "➖": "-"}
_SIGNS = "".join(
    re.escape(chr(code))
    for code in range(min(sys.maxunicode, 0xFFFF))
    if unicodedata.category(chr(code)) == "Sc"
)
# ISO 4217, as of 2024, with some older ones that are still met.
_CODES = (
    "AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|"
    "BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DEM|DJF|DKK|DOP|DZD|"
    "EGP|ERN|ETB|EUR|FJD|FKP|FRF|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HRK|HTG|HUF|"
    "IDR|ILS|INR|IQD|IRR|ISK|ITL|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|"
    "LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|"
    "NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RMB|RON|RSD|RUB|RWF|SAR|"
    "SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|"
    "TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|XOF|XPF|YER|ZAR|ZMW|ZWL"
)
CURRENCY = rf"[A-Z]{{0,3}}[{_SIGNS}]|{_CODES}|Rs\.?|kr|zł|Fr\."
"""A currency as a sign, perhaps with the letters of a country, or as a code."""

MONEY = re.compile(CURRENCY)
FACTORS = {
    "K": 1e3,
    "k": 1e3,
    "M": 1e6,
    "B": 1e9,
    "bn": 1e9,
    "DR": -1.0,
    "Dr": -1.0,
    "CR": 1.0,
    "Cr": 1.0,
}
"""What letters after a number make of it, where the cells of a column differ in them:
thousands, millions, billions, and amounts that a book of accounts has as debit or
credit."""

_FOOTNOTE = r"\s?[*†‡§¶¹²³⁰⁴-⁹ᵃ-ᶻ]+|\s?\[\w{1,3}\]|\s?\([A-Za-z]\)"
_CELL = re.compile(
    r"(?P<bound>[<>≤≥~≈]=?\s?)?(?P<open>\()?(?P<sign>[-+])?\s?"
    rf"(?P<before>(?:{CURRENCY})(?=[\s\d.,+-]))?\s?(?P<sign2>[-+])?"
    r"(?P<digits>\d(?:[\d.,' ]*[\d.,'])?|[.,]\d+)(?P<power>[eE][+-]?\d+)?"
    rf"(?P<minus>-)?(?P<note>{_FOOTNOTE})?(?P<more>\+)?(?P<gap>\s*)"
    r"(?P<after>[^\s\d.,'()+*\[\]-][^\s\d()+*†‡§¶\[\]]{0,11})?"
    rf"(?P<note2>{_FOOTNOTE})?(?P<more2>\+)?(?P<close>\))?"
)
_DIGITS = {
    ".": re.compile(
        r"\d+\.?\d*|\.\d+"
        r"|[1-9]\d{0,2}(?:([, '])\d{2,3})(?:\1\d{2,3})*(?<=\1\d{3})(?:\.\d*)?"
    ),
    ",": re.compile(r"\d+,?\d*|,\d+|[1-9]\d{0,2}(?:([. '])\d{3})(?:\1\d{3})*(?:,\d*)?"),
}


@dataclass(frozen=True)
class Parts:
    """One cell taken apart: sign, digits with their separators, what stands around.

    Attributes
    ----------
    unit : a currency or a unit
    start, stop : where the digits and the power stand in the cell
    factor : letters out of `FACTORS`
    bound : whether the number is a bound, as in <0.05 or 85+
    footnote : whether marks beside it point to a footnote
    """

    negative: bool
    digits: str
    power: str
    unit: str
    start: int
    stop: int
    factor: str = ""
    bound: bool = False
    footnote: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is digits alone."""
        return self.digits.isdecimal() and not self.power and not self.factor

    @property
    def adorned(self) -> bool:
        """Whether there is more than a number."""
        return bool(self.unit or self.factor or self.bound or self.footnote)

    def fits(self, decimal: str) -> bool:
        """Whether its separators fit the decimal sign."""
        return _DIGITS[decimal].fullmatch(self.digits) is not None

    def has_groups(self, decimal: str) -> bool:
        """Whether its digits stand in groups."""
        return any(mark in self.digits for mark in groups(decimal))


def groups(decimal: str) -> str:
    """Marks that may stand between groups of digits."""
    return " '" + ("," if decimal == "." else ".")


class _Plain(dict[int, str]):
    """What each character is in ASCII, looked up when first met."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = _plain(chr(code))
        return plain


def _plain(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if char.isascii() or digit is not None:
        return char if char.isascii() else str(digit)
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    kinds = {"Pd": "-", "Zs": " ", "Cf": ""}
    return _MARKS.get(char, kinds.get(unicodedata.category(char), char))


PLAIN = _Plain()
"""Each character as the one of ASCII that means the same in a number, if one does."""


def take_apart(cell: str) -> Parts | None:
    """Return the parts of a cell that is a number in some notation, or None."""
    plain = cell if cell.isascii() else cell.translate(PLAIN)
    match = _CELL.fullmatch(plain)
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [match[name] for name in ("open", "sign", "sign2", "minus") if match[name]]
    after = match["after"] or ""
    factor = after if after in FACTORS else ""
    if len(signs) > 1 or not (factor or _fair_unit(match)):
        return None
    power = match["power"] or ""
    return Parts(
        negative=bool(signs) and signs[0] != "+",
        digits=match["digits"],
        power=power,
        unit=match["before"] or ("" if factor else after),
        start=match.start("digits"),
        stop=match.end("digits") + len(power),
        factor=factor,
        bound=any(match[name] for name in ("bound", "more", "more2")),
        footnote=any(match[name] for name in ("note", "note2")),
    )


def _fair_unit(match: re.Match[str]) -> bool:
    """Whether what follows the digits is a unit rather than part of a code."""
    after = match["after"]
    if after is None:
        return True
    # A word after «1.» is a label that has a number.
    labelled = match["digits"][-1] in ".,"
    if match["before"] or labelled or after[0] in "/:_#&@;|=<>":
        return False
    known = after[0] in "%‰°µ" or MONEY.fullmatch(after) is not None
    worded = not after.isascii() or any(char.islower() for char in after)
    return known or bool(match["gap"]) or worded
