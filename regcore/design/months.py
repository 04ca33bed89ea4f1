"""Names of months in the languages of CLDR, as Babel holds them."""

import unicodedata
from collections.abc import Collection
from functools import cache

from babel import Locale

LANGUAGES = (
    *("fr", "de", "es", "it", "pt", "nl", "sv", "da", "nb", "nn", "fi", "is", "et"),
    *("lv", "lt", "pl", "cs", "sk", "sl", "hr", "sr", "bs", "mk", "bg", "ru", "uk"),
    *("be", "ro", "hu", "tr", "el", "sq", "ca", "eu", "gl", "ga", "cy", "id", "ms"),
    *("sw", "af", "az", "kk", "uz", "ka", "hy", "he", "ar", "fa", "mn"),
)
"""Languages that are tried, in this order. All of Babel's would take 150 MB."""

KNOWN = 0.9
"""Share of the different names that a language must know."""

FEWEST_LETTERS = 3


def language_of(names: Collection[str]) -> str:
    """Return the first language in which words are names of months, or nothing."""
    for language in LANGUAGES if names else ():
        known = sum(month_in(language, name) is not None for name in names)
        if known >= KNOWN * len(names):
            return language
    return ""


def month_in(language: str, name: str) -> int | None:
    """Return the number of a month, given by its name or the first letters of one."""
    months, bare = _months(language), _bare(name)
    if bare in months or len(bare) < FEWEST_LETTERS:
        return months.get(bare)
    begun = {month for full, month in months.items() if full.startswith(bare)}
    return begun.pop() if len(begun) == 1 else None


def in_english(language: str) -> str:
    """Return what a language is called."""
    return str(Locale(language).english_name)


@cache
def _months(language: str) -> dict[str, int]:
    forms = Locale(language).months
    return {
        _bare(name): month
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for month, name in forms[context][width].items()
    }


def _bare(name: str) -> str:
    """Return a name in small letters, without accents and points."""
    # A capital of Turkish becomes the wrong small one: I is that of ı.
    apart = unicodedata.normalize("NFKD", name.casefold().replace("ı", "i"))
    return "".join(c for c in apart if not unicodedata.combining(c)).strip(" .")
