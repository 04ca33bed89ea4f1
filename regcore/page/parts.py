"""One part of an answer on the page: words, figures, tables, and how they leave."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import pandas as pd
import streamlit as st

from regcore.comparison import PENALTIES
from regcore.drawing import CLICK
from regcore.files import File, Source
from regcore.files.figures import figure_files, table_files
from regcore.page.leaving import taken_along
from regcore.page.models import COLOURS, redraw
from regcore.page.strength import set_share
from regcore.page.tables import draw_tables
from regcore.page.text import bold, literal
from regcore.questions.cards.words import TITLES
from regcore.questions.question import Figure, Panel, Paragraph, Part, Question


@dataclass
class Beside:
    """What stands beside the figures and tables of a question.

    Attributes
    ----------
    source : of what its files speak
    said : the sentence that was said last: what the figures below it are there for
    """

    question: Question
    source: Source
    said: str = ""
    _places: Iterator[int] = field(default_factory=count)

    def figure(self, figure: Figure) -> AbstractContextManager[None]:
        """Draw a figure within, with its files."""
        title, key = self.question.title, self.question.key
        return self._taken(figure.alt, partial(figure_files, figure, title, key))

    def table(self, table: pd.DataFrame) -> AbstractContextManager[None]:
        """Draw a table within, with its file."""
        files = partial(table_files, table, self.question.key)
        return self._taken(self.question.subtitle, files)

    def _taken(
        self, alt: str, files: Callable[[], Sequence[File]]
    ) -> AbstractContextManager[None]:
        key = f"{self.question.key} {next(self._places)}"
        return taken_along(alt, key, files, self.source)


def draw_part(part: Part, beside: Beside) -> None:
    """Draw one part."""
    if part.heading:
        st.subheader(literal(part.heading), anchor=False)
    if part.words:
        beside.said = part.words[0]
        st.markdown(" ".join(literal(sentence) for sentence in part.words))
    if part.reason:
        st.info(literal(part.reason))
    _draw_panels(part, beside)
    if part.how_to_read:
        text = "  \n".join(literal(line) for line in part.how_to_read)
        st.caption(f"**How to read this.** {text}")
    for note in part.notes:
        st.caption(literal(note))


def _draw_panels(part: Part, beside: Beside) -> None:
    if len(part.panels) == 1:
        _draw_panel(part.panels[0], beside)
    elif part.panels:
        columns = st.columns(list(part.widths or [1] * len(part.panels)), gap="medium")
        for place, panel in zip(columns, part.panels, strict=True):
            with place:
                _draw_panel(panel, beside)


def _draw_panel(panel: Panel, beside: Beside) -> None:
    if panel.penalty:
        colour, title = COLOURS[panel.penalty], TITLES[panel.penalty]
        st.markdown(f"**:{colour}[{title}]**")
    if panel.figure is not None:
        with beside.figure(panel.figure):
            _draw_figure(panel.figure, panel.figure.told or beside.said)
    if panel.table is not None:
        with beside.table(panel.table):
            # Scrolls by itself where many digits are wider than a phone.
            st.table(_table(panel.table), border="horizontal")
    if panel.paragraphs:
        st.markdown("\n\n".join(_paragraph(part) for part in panel.paragraphs))
    for note in panel.notes:
        st.caption(literal(note))


def _table(numbers: pd.DataFrame) -> pd.DataFrame:
    """With titles in colour, the last row bold."""
    titles = [f":{COLOURS[name]}[{TITLES[name]}]" for name in PENALTIES]
    whole = numbers.index[-1]
    table = numbers.set_axis(titles, axis=1).rename({whole: f"**{whole}**"})
    table.iloc[-1] = [f"**{number}**" for number in table.iloc[-1]]
    return table


def _paragraph(paragraph: Paragraph) -> str:
    heading = [bold(paragraph.heading)] if paragraph.heading else []
    return "  \n".join([*heading, *(_line(*line) for line in paragraph.lines)])


def _line(penalty: str, text: str) -> str:
    if not penalty:
        return literal(text)
    return f":{COLOURS[penalty]}[**{TITLES[penalty]}**] {literal(text)}"


def _draw_figure(figure: Figure, message: str) -> None:
    picture = figure.picture
    if draw_tables(picture, ": ".join(filter(None, (figure.alt, message)))):
        return
    redraw(
        picture,
        figure.alt,
        told=message,
        width="content" if figure.own_width else "stretch",
        clicks=figure.clicks,
        act=partial(_take, figure.clicks) if figure.clicks else None,
    )


def _take(key: str) -> None:
    """Move λ to where the click was."""
    chosen = st.session_state[key].selection.get(CLICK)
    if chosen:
        set_share(chosen[0]["share"])
        # All of the page, not the question alone.
        st.rerun()
