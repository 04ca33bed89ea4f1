"""How a file was read, as controls that are filled with the guesses."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from regcore.intake import Reading
from regcore.page.memory import set_to

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, little end first",
    "utf-16-be": "UTF-16, big end first",
    "cp1252": "Western (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "gb18030": "Chinese (GB18030)",
    "big5": "Chinese (Big5)",
    "shift_jis": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC-JP)",
    "euc_kr": "Korean (EUC-KR)",
}

SEPARATORS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "pipe",
    " ": "white space",
}

LINES_SHOWN = 8
ROWS_BELOW = 2
"""How many of the lines that are shown follow the first row of data."""

DECIMALS = {".": "point (1.5)", ",": "comma (1,5)"}


TEXT = (
    ("Encoding", "encoding", ENCODINGS),
    ("Separator", "delimiter", SEPARATORS),
    ("Decimal sign", "decimal", DECIMALS),
)

LINES = (
    (
        "Header line",
        "header_row",
        "Where the column names are; 0 if the file has none.",
    ),
    ("First line of data", "first_row", None),
    ("Last line of data", "last_row", None),
)


def chosen_reading(digest: str) -> Reading:
    """Return what the user has said of how to read a file; the rest is guessed."""
    chosen: Reading = st.session_state.get(_place(digest), Reading())
    return chosen


def take_reading(digest: str, reading: Reading) -> None:
    """Read a file in another way from the next run on."""
    st.session_state[_place(digest)] = reading


def choose_reading(
    digest: str,
    used: Reading,
    missing: Sequence[str],
    opening: Sequence[str],
    sheets: Sequence[str] | None,
) -> None:
    """Draw the controls, each showing what was used; a change reads the file anew.

    Parameters
    ----------
    missing : the words and the numbers that were found to stand for no value
    opening : the first lines of the file
    sheets : what the table was chosen from; None if the file could not be read
    """
    if sheets:
        names = {name: name for name in sheets}
        _choose("Sheet or file inside", digest, used, "sheet", names)
    if opening:
        choose_lines(digest, used, opening)
    # What a file says itself needs no control; of one not read all may be wrong.
    refused = sheets is None
    for label, field, names in TEXT:
        if refused or getattr(used, field) is not None:
            _choose(label, digest, used, field, names)
    for label, field, help in LINES:
        if refused or getattr(used, field) is not None:
            _number(label, digest, used, field, help=help)
    _choose_missing(digest, missing)
    if chosen_reading(digest) != Reading():
        st.button(
            "Guess again",
            key="guess again",
            on_click=st.session_state.pop,
            args=(_place(digest), None),
        )


def describe(reading: Reading) -> str:
    """Sheet, encoding and separator in a few words."""
    words = [
        reading.sheet,
        ENCODINGS.get(reading.encoding or "", reading.encoding),
        SEPARATORS.get(reading.delimiter or "", reading.delimiter),
    ]
    if reading.decimal == ",":
        words.append("decimal comma")
    return ", ".join(str(word) for word in words if word)


def choose_lines(digest: str, used: Reading, opening: Sequence[str]) -> None:
    """Draw the first lines as they are, and which hold the names and the first row."""
    first = used.first_row or 1
    start = max(0, min(first + ROWS_BELOW, len(opening)) - LINES_SHOWN)
    shown = opening[start : start + LINES_SHOWN]
    numbers = range(start + 1, start + 1 + len(shown))
    lines = (
        f"{_mark(number, used):5} {number:>{len(str(numbers[-1]))}}  {line}"
        for number, line in zip(numbers, shown, strict=True)
    )
    st.code("\n".join(lines), language=None)
    _line("Line of names", digest, used.header_row, "header_row", numbers)
    _line("Line of the first row", digest, used.first_row, "first_row", numbers)


def _mark(number: int, used: Reading) -> str:
    header = used.header_row or 0
    if header and header <= number < header + (used.header_rows or 1):
        return "names"
    return "data" if number == used.first_row else ""


def _line(
    label: str, digest: str, value: int | None, field: str, numbers: range
) -> None:
    key = f"move {field} of {digest[:16]}"
    set_to(key, value if value in numbers else None)
    st.pills(
        label,
        numbers,
        key=key,
        help="A click on the marked line takes the mark away.",
        on_change=_override,
        args=(digest, field, key),
    )


def _choose(
    label: str, digest: str, used: Reading, field: str, names: dict[str, str]
) -> None:
    value = getattr(used, field)
    options: Sequence[str] = list(names)
    if value is not None and value not in names:
        options = [value, *options]
    key = _fill(digest, field, value)
    st.selectbox(
        label,
        options,
        key=key,
        format_func=lambda option: names.get(option, option),
        on_change=_override,
        args=(digest, field, key),
    )


def _number(
    label: str, digest: str, used: Reading, field: str, help: str | None
) -> None:
    key = _fill(digest, field, getattr(used, field))
    st.number_input(
        label,
        min_value=0 if field == "header_row" else 1,
        step=1,
        key=key,
        help=help,
        on_change=_override,
        args=(digest, field, key),
    )


def _choose_missing(digest: str, found: Sequence[str]) -> None:
    chosen = chosen_reading(digest)
    key = f"missing of {digest[:16]}"
    set_to(key, [*found])
    st.multiselect(
        "Words for no value",
        [*dict.fromkeys([*found, *chosen.missing, *chosen.values])],
        key=key,
        accept_new_options=True,
        placeholder="None found; type one",
        help="What was found to stand for no value. Take one away where it is a value, "
        "or type another, such as unknown or −1.",
        on_change=_override_missing,
        args=(digest, key, found),
    )


def _override_missing(digest: str, key: str, found: Sequence[str]) -> None:
    shown = [text.replace("−", "-") for text in st.session_state[key]]
    added = [text for text in shown if text not in found]
    gone = [text for text in found if text not in shown]
    chosen = chosen_reading(digest)
    missing = [text for text in (*chosen.missing, *added) if text not in gone]
    values = [text for text in (*chosen.values, *gone) if text not in shown]
    take_reading(
        digest,
        replace(
            chosen,
            missing=tuple(dict.fromkeys(missing)),
            values=tuple(dict.fromkeys(values)),
        ),
    )


def _fill(digest: str, field: str, value: str | int | None) -> str:
    """Show in the control what was used; a change elsewhere may have moved it."""
    key = f"{field} of {digest[:16]}"
    set_to(key, value)
    return key


def _override(digest: str, field: str, key: str) -> None:
    chosen = replace(chosen_reading(digest), **{field: st.session_state[key]})
    if field == "sheet":
        # Lines are those of the sheet before.
        take_reading(digest, Reading(sheet=chosen.sheet))
        return
    if field == "header_row":
        # Where the rows begin follows from the header, unless it is said afterwards.
        header = chosen.header_row or 0
        chosen = replace(chosen, header_row=header, first_row=None, header_rows=None)
    take_reading(digest, chosen)


def _place(digest: str) -> str:
    return f"reading of {digest[:16]}"
