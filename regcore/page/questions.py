"""The drawer of every question: choices, progress, Cancel, and reasons."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import streamlit as st

from regcore.comparison import Comparison
from regcore.drawing.picture import build_unheld
from regcore.files.source import Answer
from regcore.page import address
from regcore.page.address import Written
from regcore.page.computing import Heartbeat, computed, resume
from regcore.page.dataset import Dataset
from regcore.page.leaving import about
from regcore.page.looks import do, done, looks
from regcore.page.parts import Beside, draw_part
from regcore.page.text import literal
from regcore.page.touches import heed_touches
from regcore.questions import QUESTIONS
from regcore.questions.question import (
    Choice,
    Computation,
    Done,
    Looks,
    Number,
    Once,
    Part,
    Question,
    Switch,
    answer,
)
from regcore.settings import DesignError

A = TypeVar("A")

build_unheld()


class CancelledError(Exception):
    """The user has cancelled just this computation."""


class PageReader:
    """Reads a question on the page: its choices are controls, its answers are kept."""

    def __init__(self, result: Comparison, dataset: Dataset, question: Question):
        self._result, self._dataset, self._question = result, dataset, question
        self._row: AbstractContextManager[object] | None = None

    @property
    def result(self) -> Comparison:
        """The comparison that is looked at."""
        return self._result

    def choose(self, choice: Choice) -> int:
        """Draw a list of options; position of the one that is chosen."""
        key = self._key(choice.name)
        if self._dataset.in_address:
            # Options can be names of columns.
            options = address.place(choice.options)
            self._keep(choice.name, options, choice.options[choice.first])
        with self._controls():
            chosen = st.selectbox(
                choice.label,
                choice.options,
                index=choice.first,
                key=key,
                help=choice.help or None,
            )
        return choice.options.index(chosen)

    def number(self, number: Number) -> float:
        """Draw a slider, or a field where the step is whole."""
        whole = number.step == int(number.step)
        draw, kind = (st.number_input, int) if whole else (st.slider, float)
        least, most = int(number.least), int(number.most)
        written: Written[Any] = (
            address.whole(least, most) if whole else address.number(least, most)
        )
        key = self._keep(number.name, written, kind(number.first))
        with self._controls():
            return draw(
                number.label,
                min_value=kind(number.least),
                max_value=kind(number.most),
                value=kind(number.first),
                step=kind(number.step),
                key=key,
                help=number.help or None,
            )

    def switch(self, switch: Switch) -> bool:
        """Draw a switch; whether it is on."""
        key = self._keep(switch.name, address.switch(), False)
        with self._controls():
            return st.toggle(switch.label, key=key, help=switch.help or None)

    def obtain(self, computation: Computation[A]) -> A:
        """Its answer for this comparison, computed now if it is new.

        Raises
        ------
        Cancelled
            after drawing what starts it again
        """
        result = self._result
        found = computed(
            computation.name,
            (self._dataset.digest, computation.decided_by(result.settings)),
            lambda progress: computation.compute(result, progress),
            Heartbeat(st.empty(), computation.doing, computation.expected(result)),
            computation.kept,
        )
        if found is None:
            st.info("This was cancelled.")
            key = f"{computation.name} again in {self._question.key}"
            st.button(computation.again, key=key, on_click=resume)
            raise CancelledError
        return found

    def looks(self) -> Looks:
        """How many settings have shown their scores."""
        return looks(self._dataset, self._result)

    def done(self, once: Once[A]) -> Done[A] | None:
        """What it came to; None while it is not done."""
        return done(once, self._dataset, self._result)

    def offer(self, once: Once[A]) -> None:
        """Draw the button that does it."""
        st.button(
            once.label,
            key=self._key(once.name),
            on_click=do,
            args=(once, self._dataset, self._result),
        )

    def draw(self, parts: Iterator[Part]) -> tuple[Part, ...]:
        """Draw piece by piece, and return them; controls in succession share a row."""
        drawn = []
        beside = Beside(self._question, about(self._result, self._dataset))
        for part in parts:
            self._row = None
            draw_part(part, beside)
            drawn.append(part)
        return tuple(drawn)

    def _controls(self) -> AbstractContextManager[object]:
        if self._row is None:
            self._row = st.container(horizontal=True, vertical_alignment="bottom")
        return self._row

    def _keep(self, name: str, written: Written[A], first: A) -> str:
        within = f"{self._question.key}.{name}".replace(" ", "-")
        return address.kept(self._key(name), within, written, first)

    def _key(self, name: str) -> str:
        place = f"{self._dataset.digest[:16]} {self._result.problem.design.target}"
        return f"{self._question.key}, {name} of {place}"


def draw_questions(result: Comparison, dataset: Dataset) -> None:
    """Draw every question in its place, first those that took the least time."""
    st.header("Questions", anchor=False)
    took = _seconds_taken()
    _draw_index()
    places = [(question, st.container(gap=None)) for question in QUESTIONS]
    for question, place in sorted(places, key=lambda pair: took.get(pair[0].key, 0.0)):
        heed_touches()
        with place:
            st.html(f'<div id="{question.key}"></div>')
            draw_section(question, result, dataset)


def _seconds_taken() -> dict[str, float]:
    """Seconds that each question took when it was drawn last, to its end or not."""
    took: dict[str, float] = st.session_state.setdefault("seconds of questions", {})
    return took


def _draw_index() -> None:
    """Draw links to all questions by the field's terms, and what closes them."""
    links = [f"[{one.subtitle}](#{one.key})" for one in QUESTIONS]
    with st.container(horizontal=True):
        st.markdown(f"**Go to:** :small[{' · '.join(links)}]")
        st.button("Close all", key="close all", type="tertiary", on_click=_close_all)


def _close_all() -> None:
    for question in QUESTIONS:
        st.session_state[_section(question)] = False


def _section(question: Question) -> str:
    return f"section: {question.key}"


@address.fragment
def draw_section(question: Question, result: Comparison, dataset: Dataset) -> None:
    """Draw what opens; what is closed costs nothing."""
    took, start = _seconds_taken(), time.monotonic()
    try:
        _draw_section(question, result, dataset)
    finally:
        # One that a touch has ended is drawn last, so that it delays no other.
        took[question.key] = time.monotonic() - start


def _draw_section(question: Question, result: Comparison, dataset: Dataset) -> None:
    key = address.kept(
        _section(question),
        f"open-{question.key}",
        address.switch(),
        first=False,
    )
    term = f":small[:gray[· {literal(question.subtitle)}]]"
    section = st.expander(f"{question.title} {term}", key=key, on_change="rerun")
    shown = open_answers(result)
    shown.pop(question.key, None)
    if section.open:
        with section:
            parts = draw_question(question, result, dataset)
        shown[question.key] = Answer(
            question.key, question.title, question.subtitle, parts
        )


def open_answers(result: Comparison) -> dict[str, Answer]:
    """The questions that are open, by their keys, for a report on this comparison."""
    answers: dict[str, Answer]
    of, answers = st.session_state.get("open answers", (None, {}))
    if of is not result:
        # A button from before λ was moved has the answers from before too.
        answers = {}
        st.session_state["open answers"] = result, answers
    return answers


def draw_question(
    question: Question, result: Comparison, dataset: Dataset
) -> tuple[Part, ...]:
    """Draw the answer, or why there is none."""
    reader = PageReader(result, dataset, question)
    try:
        return reader.draw(answer(question, reader))
    except DesignError as error:
        st.info(literal(error))
        return (Part(reason=str(error)),)
    except CancelledError:
        return ()
