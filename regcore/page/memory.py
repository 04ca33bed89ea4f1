"""What a session keeps between reruns.

Streamlit's own caches hash large tables by a sample and copy what they return, so that
a changed cell can give the earlier result; here keys are digests of the file's bytes.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")


def recall(shelf: str, key: Hashable) -> Any:
    """Return what the shelf holds under this key, if anything."""
    kept = st.session_state.setdefault(f"shelf: {shelf}", OrderedDict())
    if key in kept:
        kept.move_to_end(key)
    return kept.get(key)


def keep(shelf: str, key: Hashable, value: object, most: int) -> None:
    """Put a value on a shelf, and the one longest unused away when it is full."""
    kept = st.session_state.setdefault(f"shelf: {shelf}", OrderedDict())
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)


def remembered(shelf: str, key: Hashable, make: Callable[[], T], most: int) -> T:
    """Return what the shelf holds under this key, made now if it holds nothing."""
    value: T | None = recall(shelf, key)
    if value is None:
        value = make()
        keep(shelf, key, value, most)
    return value


def set_to(key: str, value: object) -> None:
    """Set a control, unless it is so already: a browser draws anew what is set."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def prune(shelf: str, wanted: Callable[[Any], bool]) -> None:
    """Take off the shelf what is not wanted any more."""
    kept = st.session_state.setdefault(f"shelf: {shelf}", OrderedDict())
    for key in [key for key, value in kept.items() if not wanted(value)]:
        del kept[key]


def values(shelf: str) -> list[Any]:
    """Everything on the shelf, longest unused first."""
    return list(st.session_state.get(f"shelf: {shelf}", {}).values())
