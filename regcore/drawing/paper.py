"""What a chart needs where no page lends it paper, colours and a title."""

from collections.abc import Sequence
from textwrap import wrap
from typing import TypeVar

import altair as alt

from regcore.drawing import NUMBERS

COLOURS = ("#6B7280", "#0072B2", "#C45100", "#00875F")
"""None, L1, L2 and the elastic net on white paper: as in the page's light theme (Okabe
& Ito, 2008)."""

INK = "#14171C"

WHITE = {
    **NUMBERS.to_dict(),
    "range": {"category": list(COLOURS)},
    "background": "white",
    "axis": {"labelColor": INK, "titleColor": INK},
    "view": {"stroke": None},
}
"""Vega-Lite's configuration of a chart that is not drawn on the page."""

STILL = "still"
"""Parameter of a chart that is true on paper, where nothing can be dragged."""

LONGEST = 96
"""Characters of a line above a chart."""

T = TypeVar("T", alt.Chart, alt.LayerChart, alt.VConcatChart)


def on_paper(chart: T, title: str, below: Sequence[str] = ()) -> T:
    """Put a chart on white paper, under its title.

    Parameters
    ----------
    below : lines under the title: of what file, target and λ it is
    """
    head = alt.TitleParams(
        wrap(title, LONGEST),
        subtitle=[part for line in below for part in wrap(line, LONGEST)],
        anchor="start",
        offset=12,
        color=INK,
        subtitleColor=INK,
    )
    paper: T = chart.properties(title=head, background="white", padding=12)
    paper.config = alt.Config(
        range=alt.RangeConfig(category=list(COLOURS)),
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelColor=INK, titleColor=INK),
        numberFormat=NUMBERS.numberFormat,
        locale=NUMBERS.locale,
    )
    return paper
