"""What a question is: a record that any reader can draw, on the page or elsewhere."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import pandas as pd

from regcore.comparison import Comparison
from regcore.drawing import Chart
from regcore.drawing.picture import Picture, pictured
from regcore.questions.all_rows import drawn_from
from regcore.questions.optima import apart
from regcore.settings import Settings
from regcore.solve.descent import Progress
from regcore.words import counted

A = TypeVar("A")


@dataclass(frozen=True)
class Computation(Generic[A]):
    """What takes so long that it is done once, with progress, and can be cancelled.

    Attributes
    ----------
    name : unlike that of any other
    doing : said beside the progress: "Cross-validating"
    again : on the button that starts it anew after it was cancelled
    decided_by : the part of the settings that decides the answer
    compute : given the comparison and what to tell the share done to; raises
        `DesignError` with a sentence where there is no answer
    kept : answers worth remembering; few where they are large
    expected : about how many seconds it takes, where that can be told before
    """

    name: str
    doing: str
    again: str
    decided_by: Callable[[Settings], Hashable]
    compute: Callable[[Comparison, Progress], A]
    kept: int = 20
    expected: Callable[[Comparison], float] = lambda result: 0.0


@dataclass(frozen=True)
class Choice:
    """One of several options."""

    name: str
    label: str
    options: tuple[str, ...]
    first: int = 0
    help: str = ""


@dataclass(frozen=True)
class Number:
    """A number between two bounds, whole where the step is."""

    name: str
    label: str
    least: float
    most: float
    first: float
    step: float = 1.0
    help: str = ""


@dataclass(frozen=True)
class Switch:
    """On or off; off at first."""

    name: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Looks:
    """How many settings have shown their scores, for one target of one file.

    Attributes
    ----------
    locked : with all the rows locked away that are locked away now
    exposed : while some of these rows still trained, or were held out
    """

    locked: int
    exposed: int


@dataclass(frozen=True)
class Once(Generic[A]):
    """What is done once for a target of a file, and never undone.

    Attributes
    ----------
    name : unlike that of any other
    label : on the button
    answer : what it comes to, of the comparison and the looks when it is done
    """

    name: str
    label: str
    answer: Callable[[Comparison, Looks], A]


@dataclass(frozen=True)
class Done(Generic[A]):
    """What was done once.

    Attributes
    ----------
    answer : what it came to
    since : other settings that have shown their scores since then
    """

    answer: A
    since: int


class Reader(Protocol):
    """Who reads a question: the page, a report, a test."""

    @property
    def result(self) -> Comparison:
        """The comparison that is looked at."""
        ...

    def choose(self, choice: Choice) -> int:
        """Position of the option that is chosen."""
        ...

    def number(self, number: Number) -> float:
        """The number that is chosen."""
        ...

    def switch(self, switch: Switch) -> bool:
        """Whether it is on."""
        ...

    def obtain(self, computation: Computation[A]) -> A:
        """Its answer for this comparison, computed now if it is new."""
        ...

    def looks(self) -> Looks:
        """How many settings have shown their scores."""
        ...

    def done(self, once: Once[A]) -> Done[A] | None:
        """What it came to; None while it is not done."""
        ...

    def offer(self, once: Once[A]) -> None:
        """Let it be done, for this comparison."""
        ...


@dataclass(frozen=True)
class Figure:
    """A chart, and what it shows.

    Attributes
    ----------
    told : its message with its numbers, for who hears it; where it has none of its own
        it is the sentence above it
    clicks : where a click on the chart sets λ, a name for that
    own_width : whether the chart is as wide as it says, not as its place
    heads : above it, where no page writes them: penalties, and where their panels
        begin, as a share of its width
    """

    chart: Chart | Picture
    alt: str
    told: str = ""
    clicks: str = ""
    own_width: bool = False
    heads: tuple[tuple[float, str], ...] = ()

    @property
    def picture(self) -> Picture:
        """The chart, apart from its tables."""
        chart = self.chart
        return chart if isinstance(chart, Picture) else pictured(chart)


@dataclass(frozen=True)
class Paragraph:
    """Lines of text, in the colour of a penalty where one is named before it."""

    lines: tuple[tuple[str, str], ...]
    heading: str = ""


@dataclass(frozen=True)
class Panel:
    """What stands below each other, of one penalty where it is named.

    Attributes
    ----------
    table : numbers as text, a column a penalty; the last row is what the others make
    """

    figure: Figure | None = None
    penalty: str = ""
    table: pd.DataFrame | None = None
    paragraphs: tuple[Paragraph, ...] = ()
    notes: tuple[str, ...] = ()


def charted(
    chart: Chart | Picture, alt: str, penalty: str = "", told: str = ""
) -> Panel:
    """A chart and its message in words, as wide as its place."""
    return Panel(Figure(chart, alt, told), penalty)


@dataclass(frozen=True)
class Part:
    """One piece of an answer, drawn in the order of the attributes; all are text.

    Attributes
    ----------
    words : what the figures show, in sentences
    reason : why there is nothing to show
    panels : side by side, as wide as `widths` says
    how_to_read : the figures, a line each
    notes : what is not drawn, and the like
    """

    heading: str = ""
    words: tuple[str, ...] = ()
    reason: str = ""
    panels: tuple[Panel, ...] = ()
    widths: tuple[int, ...] = ()
    how_to_read: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question and how it is answered.

    Attributes
    ----------
    key : unlike that of any other, and never changed: links hold it
    subtitle : the field's own term
    parts : the answer, piece by piece; asks the reader for choices on the way
    judges : the models whose exact optima it judges, not the runs that the cards show
    of_rows : whether its answer to a comparison is drawn from rows, of which there may
        be a sample alone
    """

    key: str
    title: str
    subtitle: str
    parts: Callable[[Reader], Iterator[Part]]
    judges: tuple[str, ...] = ()
    of_rows: Callable[[Comparison], bool] = lambda result: False


def answer(question: Question, reader: Reader) -> Iterator[Part]:
    """Its parts; before the first words, what it is drawn from, and how it differs.

    It differs from the cards where it judges optima.
    """
    result = reader.result
    rows = drawn_from(result) if question.of_rows(result) else ""
    first = tuple(filter(None, (rows, apart(result, question.judges))))
    for part in question.parts(reader):
        if first and part.words:
            # Of its own: it is no chart's message.
            yield Part(words=first)
            first = ()
        yield part


def choose_class(reader: Reader, label: str = "Weights of class") -> int:
    """Which output to look at; asked where there are three or more classes."""
    classes = reader.result.problem.design.classes
    if len(classes) < 3:
        return 0
    return reader.choose(Choice("class", label, classes))


def the_class(result: Comparison, output: int) -> str:
    """Name of an output; empty where there is one output alone."""
    classes = result.problem.design.classes
    return classes[output] if len(classes) > 2 else ""


def not_drawn(count: int, noun: str) -> tuple[str, ...]:
    """Say how many more there are; nothing where there is none."""
    if count <= 0:
        return ()
    return (f"{counted(count, f'more {noun}')} not drawn.",)
