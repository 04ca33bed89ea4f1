"""A chart or a table that leaves by itself: pictures on white, numbers as CSV."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from textwrap import wrap
from typing import cast
from unicodedata import east_asian_width
from xml.etree import ElementTree

import pandas as pd
from markupsafe import Markup

from regcore.comparison import PENALTIES
from regcore.drawing.names import in_full
from regcore.drawing.paper import COLOURS, INK, STILL, WHITE
from regcore.drawing.told import told_numbers
from regcore.export import to_csv
from regcore.files import CSV, PNG, SVG, File
from regcore.files.cards import TEMPLATES, described
from regcore.files.pictures import SCALE, lacking
from regcore.files.saved import settings_to_json
from regcore.files.source import Source, safe_name
from regcore.files.vega import NOT_XML, drawn
from regcore.questions.cards.words import TITLES
from regcore.questions.question import Figure
from regcore.words import listed

SIDE = 12
"""Pixels left free around a picture."""

NARROWEST = 480
"""Pixels of a picture: there must be room for what stands above it."""

TITLE, TEXT = 14, 11
"""Pixels of letters."""

BROAD, USUAL = 1.0, 0.6
"""Width of a capital or a Chinese sign, and of others, a pixel of the letters."""

LONGEST = 60
"""Characters of a file's name that say which chart it is."""

SUBSCRIPT = re.compile(r"ₘₐₓ(?=[^<>]*</t)")
"""Within a text. Few fonts have these letters, and another one's stand out."""

LOWERED = '<tspan baseline-shift="sub" font-size="70%">max</tspan>'


def figure_files(figure: Figure, title: str, key: str) -> tuple[File, ...]:
    """Files of a chart: its pictures, and a table for each kind of tooltip.

    Parameters
    ----------
    title : stands above the picture: the question that it answers
    key : begins the names of the files
    """
    name = safe_name(f"{key} {figure.alt}", LONGEST)
    png = partial(figure_png, figure=figure, title=title)
    svg = partial(figure_svg, figure=figure, title=title)
    return (
        File("PNG", f"{name}.png", PNG, png, lacking),
        File("SVG", f"{name}.svg", SVG, svg, lacking),
        *_table_files(told_numbers(figure.picture), name),
    )


def table_files(table: pd.DataFrame, key: str) -> tuple[File, ...]:
    """Files of a table, with its rows' names: one."""
    return tuple(_table_files([table.reset_index()], safe_name(key)))


def figure_svg(source: Source, figure: Figure, title: str) -> bytes:
    """A chart on white under its title, the file, the target and λ, as SVG.

    Names that are cut in it stand in full below it; its metadata hold what
    `settings_to_json` writes.
    """
    picture = figure.picture
    specification = dict(picture.to_dict())
    if not figure.own_width:
        specification["width"] = picture.width
    own = cast("dict[str, object]", specification.get("config", {}))
    specification["config"] = {**own, **WHITE}
    parameters = cast("list[dict[str, object]]", specification.get("params", []))
    specification["params"] = [
        {**one, "value": True} if one["name"] == STILL else one for one in parameters
    ]
    chart = drawn("vegalite_to_svg", vl_spec=specification).decode()
    size = ElementTree.fromstring(chart).attrib
    wide, tall = (float(size[name]) for name in ("width", "height"))
    width = max(wide + 2 * SIDE, NARROWEST)
    sheet = _Sheet(width - 2 * SIDE)
    sheet.write(title, TITLE)
    sheet.write(figure.alt)
    origin = f"{source.title} (SHA-256 {source.fingerprint[:8]}…)"
    sheet.write(f"{origin if source.title else ''} {described(source.result)}")
    for share, penalty in figure.heads:
        sheet.write_head(penalty, share * wide)
    top = sheet.y + SIDE
    sheet.y = top + tall + SIDE
    names = source.result.problem.design.features
    for cut, name in in_full(sorted(_texts(specification)), names).items():
        sheet.write(f"{cut}: {name}")
    whole = TEMPLATES.get_template("figure.svg").render(
        width=width,
        height=sheet.y + SIDE,
        settings=settings_to_json(source).translate(NOT_XML),
        side=SIDE,
        lines=sheet.lines,
        top=top,
        chart=Markup(chart),
    )
    return SUBSCRIPT.sub(LOWERED, whole).encode()


def figure_png(source: Source, figure: Figure, title: str) -> bytes:
    """The same as PNG."""
    svg = figure_svg(source, figure, title).decode()
    return drawn("svg_to_png", svg=svg, scale=SCALE)


@dataclass(frozen=True)
class _Line:
    text: str
    size: int
    y: float
    x: float = SIDE
    colour: str = INK
    bold: bool = False


class _Sheet:
    """Lines of text below each other, as wide as there is room."""

    def __init__(self, room: float) -> None:
        self._room, self.y = room, float(SIDE)
        self.lines: list[_Line] = []

    def write(self, text: str, size: int = TEXT) -> None:
        """Write below what stands there, in as many lines as it takes."""
        text = text.translate(NOT_XML)
        broad = sum(c.isupper() or east_asian_width(c) in "WF" for c in text)
        mean = (BROAD * broad + USUAL * (len(text) - broad)) / max(len(text), 1)
        for line in wrap(text, max(int(self._room / (mean * size or 1)), 1)):
            self.y += 1.3 * size
            self.lines.append(_Line(line, size, self.y, bold=size == TITLE))

    def write_head(self, penalty: str, x: float) -> None:
        """Write the name of a panel, all of them in one line of their own."""
        if not any(line.x != SIDE for line in self.lines):
            self.y += SIDE + TITLE
        colour = COLOURS[PENALTIES.index(penalty)]
        head = _Line(TITLES[penalty], TEXT, self.y, SIDE + x, colour, bold=True)
        self.lines.append(head)


def _texts(part: object) -> Iterator[str]:
    """Every text that a chart may draw a cut name in."""
    if isinstance(part, str):
        if "…" in part:
            yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from _texts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner)


def _table_files(tables: Sequence[pd.DataFrame], name: str) -> Iterator[File]:
    """A file each; of several the columns say which is which."""
    for place, table in enumerate(tables, 1):
        make = partial(_csv, table=table)
        if len(tables) == 1:
            yield File("CSV", f"{name}.csv", CSV, make)
        else:
            columns = listed([str(column) for column in table.columns])
            yield File(f"CSV: {columns}", f"{name} {place}.csv", CSV, make)


def _csv(source: Source, table: pd.DataFrame) -> bytes:
    return to_csv(table)
