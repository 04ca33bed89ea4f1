"""What is set, in the address of the page: a reload, a link and «Back» bring it again.

A control tells how its value stands there before it is drawn. Of a file of the user's
own nothing may: no name, no cell and no column; of a sample its columns stand there by
their positions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from math import isfinite
from typing import Any, Generic, ParamSpec, TypeVar
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from regcore.page.text import literal
from regcore.words import listed

MOST = 2048
"""Characters of an address, for there are proxies that take no more than a few kB."""

MOST_SAID = 40
"""Characters of an address that a message repeats."""

LARGEST = 2**53 - 1
"""Beyond it a browser cannot tell whole numbers apart."""

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class Written(Generic[T]):
    """How values stand in an address; `read` raises where a text is none of them."""

    write: Callable[[T], str]
    read: Callable[[str], T]


@dataclass(frozen=True)
class _Control:
    key: str
    written: Written[Any]
    first: object
    apart: bool

    def text(self) -> str:
        """What it is set to; empty where that is the first value."""
        # Streamlit copies options, and a copy need not be equal.
        value = st.session_state.get(self.key, self.first)
        values = [
            None if one is None else self.written.write(one)
            for one in (value, self.first)
        ]
        return "" if values[0] in (None, values[1]) else values[0]


@dataclass
class _Address:
    """The address in one session.

    Attributes
    ----------
    arrived : what has been asked for and not been taken up yet, by name
    back : whether this run follows a step in the browser's history
    running : whether the whole page is being drawn
    apart : whether a part of it is, which can be drawn without the rest
    controls : by name; those of a page that cannot be drawn stay as they are
    drawn : names of those that this run has drawn
    refused : what was asked for and is not possible
    """

    arrived: dict[str, str] = field(default_factory=dict)
    back: bool = False
    running: bool = True
    apart: bool = False
    controls: dict[str, _Control] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)


def among(options: Sequence[T], write: Callable[[T], str] = str) -> Written[T]:
    """One of several, each by a text."""
    return Written(write, lambda text: {write(one): one for one in options}[text])


def whole(least: int, most: int = LARGEST) -> Written[int]:
    """A whole number between two others."""
    return Written(str, lambda text: _within(int(text), least, most))


def number(least: float, most: float | None = None) -> Written[float]:
    """A number between two others."""
    return Written(repr, lambda text: _within(float(text), least, most))


def switch() -> Written[bool]:
    """On or off."""
    return among((False, True), {False: "off", True: "on"}.__getitem__)


def places(options: Sequence[T], most: int = LARGEST) -> Written[Sequence[T]]:
    """So many of the options at most, by their positions."""

    def write(chosen: Sequence[T]) -> str:
        return ".".join(str(options.index(one)) for one in chosen)

    def read(text: str) -> Sequence[T]:
        at = dict.fromkeys(int(one) for one in text.split("."))
        _within(len(at), 1, most)
        return [options[_within(place, 0, len(options) - 1)] for place in at]

    return Written(write, read)


def place(options: Sequence[T]) -> Written[T]:
    """One of the options, by its position."""
    return among(options, lambda one: str(options.index(one)))


def _within(value: Any, least: float, most: float | None) -> Any:
    if not isfinite(value) or value < least or (most is not None and value > most):
        raise ValueError(value)
    return value


def arrive() -> None:
    """Begin to draw the page: look what the address asks for, if it is another one.

    That is so for a new session, and after a step in the history of the browser.
    """
    context = get_script_run_ctx()
    # Streamlit rather seldom says so elsewhere; without it «Back» changes nothing.
    back = bool(getattr(context, "is_history_navigation", False))
    known = "address" in st.session_state
    address = _address()
    address.back, address.running = back, True
    address.drawn, address.refused = set(), []
    if back or not known:
        address.arrived = st.query_params.to_dict()
        if len(urlencode(address.arrived)) > MOST:
            address.arrived = {}
            address.refused = [f"more than {MOST:,} characters"]


def take(name: str, written: Written[T]) -> T | None:
    """Return what the address asks for under this name, once."""
    address = _address()
    text = address.arrived.pop(name, None)
    if text is None:
        return None
    try:
        return written.read(text)
    except (LookupError, ValueError, ArithmeticError):
        address.refused.append(_said(name, text))
        return None


def went_back() -> bool:
    """Whether what the address does not speak of is as it was at the start."""
    return _address().back


def keep(key: str, name: str, written: Written[T], first: T | None) -> str:
    """Let the address hold what this key is set to, unless that is the first value."""
    address = _address()
    address.controls[name] = _Control(key, written, first, address.apart)
    address.drawn.add(name)
    return key


def put(name: str, value: object) -> bool:
    """Set a control to a value from a file, if the address could ask for it."""
    control = _address().controls[name]
    if value is not None or control.first is not None:
        try:
            value = control.written.read(control.written.write(value))
        except (LookupError, ValueError, ArithmeticError, TypeError):
            return False
    st.session_state[control.key] = value
    return True


def link() -> str:
    """Return the address of what the whole page has drawn so far.

    What is drawn apart is of the view, and changes without the rest.
    """
    address = _address()
    set_to = {
        name: control.text()
        for name, control in address.controls.items()
        if name in address.drawn and not control.apart
    }
    page = st.context.url or ""
    return f"{page}?{urlencode(_short(set_to))}".rstrip("?")


def kept(key: str, name: str, written: Written[T], first: T | None = None) -> str:
    """Set a control to what the address asks for, and `keep` it; the key again."""
    value = take(name, written)
    if value is not None:
        st.session_state[key] = value
    elif went_back():
        st.session_state[key] = first
    return keep(key, name, written, first)


def leave(*, complete: bool) -> None:
    """End drawing the page: write the address, and say what of it was not possible.

    Parameters
    ----------
    complete : whether everything was drawn; else what the address asks for waits
    """
    address = _address()
    if complete:
        address.refused += [_said(*pair) for pair in address.arrived.items()]
        address.arrived = {}
        gone = set(address.controls) - address.drawn
        for name in gone:
            del address.controls[name]
    address.running = address.back = False
    _write(address)
    if address.refused:
        st.toast(
            f"The address of the page asks for what cannot be: "
            f"{literal(listed(address.refused))}. That was left out.",
            duration="infinite",
        )


def fragment(draw: Callable[P, None]) -> Callable[P, None]:
    """Draw by itself what a touch changes, as Streamlit's; the address follows."""

    @st.fragment
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        address = _address()
        outside, address.apart = address.apart, True
        try:
            draw(*args, **kwargs)
        finally:
            address.apart = outside
        if not address.running:
            _write(address)

    return drawn


def _write(address: _Address) -> None:
    set_to = {name: control.text() for name, control in address.controls.items()}
    texts = _short(address.arrived | set_to)
    if texts != st.query_params.to_dict():
        # The browser makes it a step of its history, unless it was a step in it.
        st.query_params.from_dict(texts)


def _short(set_to: dict[str, str]) -> dict[str, str]:
    """Leave out what is as at the start, and the longest where it is too much."""
    texts = {name: text for name, text in set_to.items() if text}
    while len(urlencode(texts)) > MOST:
        del texts[max(texts, key=lambda name: len(texts[name]))]
    return texts


def _said(name: str, text: str) -> str:
    said = f"{name}={text}"
    return said if len(said) <= MOST_SAID else f"{said[:MOST_SAID]}…"


def _address() -> _Address:
    address: _Address = st.session_state.setdefault("address", _Address())
    return address
