"""A table pasted into a box, in place of an upload."""

import hashlib
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Pasted:
    """A table pasted into the box, as if it were an upload."""

    raw: bytes
    name: str = "Pasted table"

    @property
    def file_id(self) -> str:
        """The same for the same text."""
        return digest_of_bytes(self.raw)

    def getvalue(self) -> bytes:
        """Return the text in UTF-8."""
        return self.raw


def paste(*, disabled: bool) -> Pasted | None:
    """Draw a box for a table copied from elsewhere, and return what is in it."""
    with st.expander("or paste a table"):
        text = st.text_area(
            "Rows of a table",
            key="pasted",
            disabled=disabled,
            placeholder="size,price",
            help="Copied from a spreadsheet or a text, with the names in the first "
            "line; read as an upload is. Empty the box to leave it.",
        )
    return Pasted(text.encode()) if text.strip() and not disabled else None


def digest_of_bytes(raw: bytes) -> str:
    """Digest of a file, which it is known by."""
    return hashlib.sha256(raw).hexdigest()
