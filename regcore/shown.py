"""What a notebook shows of a result.

Words and drawings know the results and so lie above them; `regcore.notebook` says here
what each result is shown as.
"""

from functools import singledispatch
from typing import Protocol


class Drawing(Protocol):
    """A chart of Vega-Lite, which notebooks draw."""

    def to_dict(self) -> dict[str, object]:
        """Return the specification, with its data."""


@singledispatch
def text(result: object) -> str:
    """A few lines for a terminal."""
    raise NotImplementedError(f"{type(result).__name__} is not shown.")


@singledispatch
def html(result: object) -> str:
    """The same for a notebook."""
    raise NotImplementedError(f"{type(result).__name__} is not shown.")


@singledispatch
def chart(result: object) -> Drawing:
    """Its picture."""
    raise NotImplementedError(f"{type(result).__name__} is not drawn.")


@singledispatch
def report(result: object, title: str, path: object) -> str:
    """Its report, as HTML."""
    raise NotImplementedError(f"{type(result).__name__} has no report.")


class Shown:
    """A result that is shown as a few lines, not with all that it holds."""

    def __repr__(self) -> str:
        return text(self)

    def _repr_html_(self) -> str:
        return html(self)


class Drawn(Shown):
    """A result that has a picture too."""

    def chart(self) -> Drawing:
        """Draw it."""
        return chart(self)
