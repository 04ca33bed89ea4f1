"""How optimistic the loss is that λ was chosen by: at once or on demand, in words."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from regcore import Settings, compare, nested_validation
from regcore.nested_validation import nested_of
from regcore.questions import path
from regcore.questions.path import MIXED, PATHS, QUESTION, anew
from regcore.questions.path.words import WHY_OPTIMISTIC, optimism
from regcore.questions.question import answer
from regcore.solve.nested import Nested
from regcore.words import figures
from tests.questions.test_questions import Plain
from tests.sections import asked
from tests.tables import table


def nested(at_best, fold_loss):
    return Nested(np.ones(2), np.array(fold_loss), np.array(at_best))


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            nested((0.402, 0.422), (0.412, 0.4264)),
            "The loss at L1's best λ, 0.412, is optimistic by about 0.007: with λ "
            "chosen anew in every fold it is 0.4192.",
        ),
        (
            nested((0.402, 0.422), (0.402, 0.422)),
            "The loss at L1's best λ, 0.412, is the same in that way.",
        ),
        (
            nested((0.402, 0.422), (0.402, 0.422001)),
            "The loss at L1's best λ, 0.412, is the same in that way.",
        ),
        (
            nested((0.402, 0.422), (0.392, 0.422)),
            "The loss at L1's best λ, 0.412, shows no optimism: with λ chosen anew in "
            "every fold it is 0.407.",
        ),
    ],
)
def test_each_way_that_it_can_come_out_is_said(found, sentence):
    assert optimism({"L1": found}) == (WHY_OPTIMISTIC, sentence)


@pytest.fixture(scope="module")
def result():
    return compare(table(n=60, p=4), Settings("y", lam=4.0, epochs=30))


def read(result, seconds, on):
    reader = Plain(result, on)
    key = PATHS.name, PATHS.decided_by(result.settings)
    reader.answers[key] = replace(
        PATHS.compute(result, lambda share: None), seconds=seconds
    )
    parts = answer(QUESTION, reader)
    # What asks for it stands below the heading.
    assert any(part.heading for part in parts)
    assert reader.asked == [MIXED]
    (last,) = parts
    return reader, last.words


def test_what_takes_a_moment_is_said_at_once(result):
    reader, words = read(result, seconds=0.05, on=False)
    assert reader.asked == [MIXED]
    paths = reader.answers[PATHS.name, PATHS.decided_by(result.settings)]
    assert words == optimism(nested_of(paths, result.problem, result.settings))
    frame = table(n=60, p=4)
    found = nested_validation(frame, result.settings, l1_ratio=None, points=None)
    assert f" {figures(found.loc['L2', 'nested_loss'])}" in words[2]


def test_what_takes_long_is_computed_when_it_is_asked_for(result):
    reader, words = read(result, seconds=1.44, on=False)
    assert words == (WHY_OPTIMISTIC,)
    assert reader.asked == [MIXED, anew(14.4)]
    assert anew(14.4).label == "Choose λ anew in every fold (about 10 s)"
    assert anew(90.0).label == "Choose λ anew in every fold (about 2 minutes)"
    assert len(reader.answers) == 1
    reader, words = read(result, seconds=1.44, on=True)
    assert len(words) == 3
    assert {name for name, _ in reader.answers} == {
        *("paths", "paths with the elastic net", "nested validation")
    }


def test_on_the_page_it_stands_below_the_paths_and_can_be_cancelled(monkeypatch):
    monkeypatch.setattr(path, "SOON", np.inf)

    def page():
        import streamlit as st

        from regcore.page.questions import draw_question
        from regcore.questions import path
        from tests.sections import as_dataset
        from tests.tables import table, train

        frame = table(n=60, p=3)
        result, dataset = train(frame, lam=4.0, epochs=30), as_dataset(frame)
        if "asked" not in st.session_state:
            decided = dataset.digest, path.PATHS.decided_by(result.settings)
            st.session_state["cancelled"] = {"nested validation": decided}
            st.session_state["asked"] = True
        draw_question(path.QUESTION, result, dataset)

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert app.get("vega_lite_chart")
    assert [info.value for info in app.info] == ["This was cancelled."]
    (again,) = asked(app)
    assert again.label == "Choose λ anew in every fold"
    app = again.click().run()
    assert not app.info
    assert "best λ" in app.markdown[-1].value
