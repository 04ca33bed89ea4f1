"""The three models as one picture, and whether anything draws without a page."""

from importlib.util import find_spec
from typing import Any

from regcore.files.source import Source
from regcore.files.vega import drawn
from regcore.questions.cards.chart import models_chart

NEEDED = (
    "A report and pictures need one more package; stop the page, run "
    "«pip install vl-convert-python» in its environment, and start it again."
)

SCALE = 2.0
"""Pixels of a PNG a pixel on the screen: sharp when it is printed."""


def drawable() -> bool:
    """Whether what draws without a page is installed."""
    return find_spec("vl_convert") is not None


def lacking(source: Source) -> str:
    """Say what would have to be installed first; empty if nothing."""
    return "" if drawable() else NEEDED


def picture_png(source: Source) -> bytes:
    """The three models on white, with the headline, the target and λ, as PNG."""
    return drawn("vegalite_to_png", vl_spec=_specification(source), scale=SCALE)


def picture_svg(source: Source) -> bytes:
    """The same as SVG."""
    return drawn("vegalite_to_svg", vl_spec=_specification(source))


def _specification(source: Source) -> dict[str, Any]:
    chart = models_chart(source.result, file=source.title)
    return chart.to_dict(validate=False)
