"""Which settings have shown their scores in this session, and what is done once."""

from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import streamlit as st

from regcore.comparison import Comparison
from regcore.page.dataset import Dataset
from regcore.questions.question import Done, Looks, Once
from regcore.settings import Settings

A = TypeVar("A")


@dataclass
class _Seen:
    """What was shown and done for one target of one file.

    Attributes
    ----------
    locked : the settings that were shown, with the rows that were locked away then
    answers : of everything that was done, with how many settings there were then
    """

    locked: dict[Settings, np.ndarray] = field(default_factory=dict)
    answers: dict[str, tuple[object, int]] = field(default_factory=dict)


def count_look(dataset: Dataset, result: Comparison) -> None:
    """Remember that the scores of these settings were shown, if there are any."""
    design = result.problem.design
    if len(design.validation_rows):
        _seen(dataset, result).locked.setdefault(result.settings, design.test_rows)


def looks(dataset: Dataset, result: Comparison) -> Looks:
    """How many settings have shown their scores."""
    now = result.problem.design.test_rows
    then = _seen(dataset, result).locked.values()
    locked = sum(bool(np.isin(now, rows).all()) for rows in then)
    return Looks(locked, len(then) - locked)


def do(once: Once[A], dataset: Dataset, result: Comparison) -> None:
    """Do it, and keep its answer as long as the session lives."""
    seen = _seen(dataset, result)
    answer = once.answer(result, looks(dataset, result))
    seen.answers.setdefault(once.name, (answer, len(seen.locked)))


def done(once: Once[A], dataset: Dataset, result: Comparison) -> Done[A] | None:
    """What it came to; None while it is not done."""
    seen = _seen(dataset, result)
    if once.name not in seen.answers:
        return None
    answer, then = seen.answers[once.name]
    return Done(cast("A", answer), len(seen.locked) - then)


def _seen(dataset: Dataset, result: Comparison) -> _Seen:
    # Not by the preparation: who splits the rows anew has seen what he has seen.
    places: dict[tuple[str, str], _Seen]
    places = st.session_state.setdefault("looks at scores", {})
    return places.setdefault((dataset.digest, result.settings.target), _Seen())
