"""Text from the user's file, as text."""

import re

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")

_REPLACED = re.compile(
    r"https?:(?=//)|www(?=\.)|(?<=[-+.\w])@(?=[-\w]+\.)"  # made a link
    r"|:(?=[-+\w]+:)"  # made a picture or an icon
    r"|(?<!\S)[-<>~](?=(?:->|[->=])(?!\S))",  # made an arrow, a dash, a sign
    re.IGNORECASE,
)

_JOINER = "\u2060"
"""Has no width and is no blank: what stands around it is not one word of markup."""

_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Signs that turn the direction of all text after them."""

_RIGHT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
"""Letters of scripts that run from right to left."""

_RIGHTWARD = re.compile(rf"«[^»]*{_RIGHT}[^»]*»|{_RIGHT}(?:[^A-Za-z«]*{_RIGHT})?")
"""A name in one, and what lies between its letters."""

_APART = "\u2068{}\u2069"
"""Text whose direction is its own: a number after it stays after it."""


def literal(text: object) -> str:
    """Escape everything that Markdown could take as markup; line breaks become blanks.

    Column names and cells are data. Labels, captions, metrics and messages of the page
    are Markdown, so each of them passes here.

    Addresses, icons and arrows are looked for after the escapes have been undone, so
    that a backslash does not keep them as they are; a character in their midst does.
    """
    flat = re.sub(r"\s+", " ", str(text)).translate(_DIRECTIONS)
    if not _RIGHTWARD.fullmatch(flat):
        flat = _RIGHTWARD.sub(_APART.format(r"\g<0>"), flat)
    apart = _REPLACED.sub(rf"\g<0>{_JOINER}", flat)
    return _MARKUP.sub(r"\\\1", apart)


def bold(text: object) -> str:
    """Return it literally and bold, which it is not with blanks at its ends."""
    name = literal(text).strip()
    return f"**{_APART.format(name) if _RIGHTWARD.fullmatch(name) else name}**"
