"""Every question is a record that can be read without a page, and drawn on one."""

import re
import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import regcore.questions
from regcore.page import questions
from regcore.questions import QUESTIONS, path, profile, trust
from regcore.questions.question import Looks, answer
from regcore.solve.descent import no_progress
from tests.sections import asked
from tests.tables import TASKS, table, train

FOLDERS = Path(regcore.questions.__file__).parent


class Plain:
    """Reads without a page: the first of every choice, every switch as it is told."""

    def __init__(self, result, on):
        self.result, self._on = result, on
        self.asked, self.answers, self.opened = [], {}, {}

    def choose(self, choice):
        self.asked.append(choice)
        return choice.first

    def number(self, number):
        self.asked.append(number)
        assert number.least <= number.first <= number.most
        return number.first

    def switch(self, switch):
        self.asked.append(switch)
        return self._on

    def obtain(self, computation):
        key = computation.name, computation.decided_by(self.result.settings)
        if key not in self.answers:
            self.answers[key] = computation.compute(self.result, no_progress)
        return self.answers[key]

    def looks(self):
        return Looks(locked=1, exposed=0)

    def done(self, once):
        return self.opened.get(once.name)

    def offer(self, once):
        self.asked.append(once)


def panels(parts):
    return [panel for part in parts for panel in part.panels]


@pytest.fixture(scope="module", params=TASKS)
def result(request):
    # With the zeros that "dropped" and the flicker of "epochs" are about.
    return train(table(request.param, n=60, p=4), lam=8.0, epochs=30)


# That of the 30 seconds stands above all others.
EVERY = (profile.QUESTION, *QUESTIONS)


@pytest.fixture(scope="module")
def answered(result):
    """Reader and parts of a question, with all switches on, computed once.

    λ is chosen anew in each of three folds, not of ten.
    """
    computed, known = {}, {}

    def once(question):
        if question.key not in known:
            reader = Plain(result, on=True)
            reader.answers = computed
            known[question.key] = reader, list(answer(question, reader))
        return known[question.key]

    with pytest.MonkeyPatch.context() as few:
        few.setattr(path.answer, "FOLDS", 3)
        yield once


def test_every_folder_with_a_record_is_asked_once():
    folders = {
        module.parent.name
        for module in FOLDERS.glob("*/__init__.py")
        if "QUESTION = " in module.read_text(encoding="utf-8")
    }
    assert sorted(question.key for question in EVERY) == sorted(folders)
    assert len({question.title for question in EVERY}) == len(EVERY)
    assert len({question.subtitle for question in EVERY}) == len(EVERY)


@pytest.mark.parametrize("question", EVERY, ids=lambda question: question.key)
def test_numbers_words_and_charts_of_a_question_have_a_module_each(question):
    modules = {module.stem for module in (FOLDERS / question.key).glob("*.py")}
    assert {"answer", "words", "chart"} <= modules


@pytest.mark.parametrize("question", EVERY, ids=lambda question: question.key)
def test_every_question_is_answered_without_a_page(question, result, answered):
    reader, parts = answered(question)
    assert any(part.words for part in parts)
    assert all("" not in part.words + part.notes + part.how_to_read for part in parts)
    figures = [panel.figure for panel in panels(parts) if panel.figure]
    clicks = [figure.clicks for figure in figures if figure.clicks]
    assert len(set(clicks)) == len(clicks)
    assert all(figure.alt for figure in figures)
    # Side by side, each is heard with numbers of its own.
    for part in parts:
        said = [panel.figure.told for panel in part.panels if panel.figure]
        if len(said) > 1:
            assert len(set(said)) == len(said)
            assert all(re.search(r"\d", text) for text in said if text)
    assert all(
        not part.widths or len(part.widths) == len(part.panels) for part in parts
    )
    names = [control.name for control in reader.asked]
    assert len(set(names)) == len(names)
    classes = result.problem.design.classes
    asked = [control for control in reader.asked if control.name == "class"]
    assert [control.options for control in asked] in ([], [classes])
    assert not asked or len(classes) > 2


def specifications(lam):
    """Of every chart of every question, by what it is called."""
    result = train(table(n=60, p=4), lam=lam, epochs=30)
    return {
        (question.key, panel.figure.alt): panel.figure.picture.specification
        for question in EVERY
        for panel in panels(answer(question, Plain(result, on=False)))
        if panel.figure
    }


def test_a_browser_builds_no_chart_anew_when_lam_moves_by_a_step():
    before, after = specifications(8.0), specifications(7.9)
    assert len(before) > 15
    assert before == after


def fields(node, name):
    """Every value of this name in a specification."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == name)
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from fields(one, name)


# The paths are a picture, which writes its numbers itself.
CHARTED = [question for question in EVERY if question.key != "path"]


@pytest.mark.parametrize("question", CHARTED, ids=lambda question: question.key)
def test_numbers_of_a_chart_are_written_as_those_of_the_sentences(question, answered):
    for panel in panels(answered(question)[1]):
        if panel.figure:
            spec = panel.figure.chart.to_dict()
            assert spec["config"]["numberFormat"] == ",~r"
            number = spec["config"]["locale"]["number"]
            assert (number["percent"], number["minus"]) == ("\u00a0%", "−")
            # No powers of ten and no kilo: 12,000, not 1.2e+4 or 12k.
            assert not {"g", "s", "e"} & {form[-1:] for form in fields(spec, "format")}
            # What the y axis measures stands above it in every chart.
            titles = [
                layer["encoding"]["y"].get("title")
                for layer in spec["layer"]
                if layer.get("encoding", {}).get("y", {}).get("type") == "quantitative"
            ]
            assert not any(titles)


def test_a_switch_that_is_off_leaves_the_other_step_untrained(result):
    (epochs,) = [question for question in QUESTIONS if question.key == "epochs"]
    off, on = Plain(result, on=False), Plain(result, on=True)
    fewer, more = (panels(answer(epochs, reader)) for reader in (off, on))
    assert [len(fewer), len(more)] == [3, 5]
    assert [len(off.answers), len(on.answers)] == [0, 1]


def test_questions_about_the_path_compute_it_once(result):
    reader = Plain(result, on=False)
    for question in QUESTIONS:
        if question.key in ("path", "frontier", "strength"):
            list(answer(question, reader))
    assert [name for name, _ in reader.answers].count(path.PATHS.name) == 1


def cancelled(key, computation):
    """Draw a question whose computation the user has cancelled a moment ago."""
    import streamlit as st

    from regcore.page.questions import draw_question
    from regcore.questions import QUESTIONS, path, trust
    from tests.sections import as_dataset
    from tests.tables import table, train

    frame = table(n=60, p=3)
    result, dataset = train(frame, lam=4.0, epochs=30), as_dataset(frame)
    found = {path.PATHS.name: path.PATHS, trust.RESAMPLED.name: trust.RESAMPLED}
    computation = found[computation]
    if "seen" not in st.session_state:
        decided = dataset.digest, computation.decided_by(result.settings)
        st.session_state["cancelled"] = {computation.name: decided}
        st.session_state["seen"] = True
    (question,) = [question for question in QUESTIONS if question.key == key]
    draw_question(question, result, dataset)


@pytest.mark.parametrize(
    ("key", "computation"),
    [
        ("path", path.PATHS),
        ("frontier", path.PATHS),
        ("strength", path.PATHS),
        ("trust", trust.RESAMPLED),
    ],
)
def test_what_was_cancelled_is_computed_when_it_is_asked_for_again(key, computation):
    script = AppTest.from_function(
        cancelled, args=(key, computation.name), default_timeout=60
    )
    app = script.run()
    assert [info.value for info in app.info] == ["This was cancelled."]
    assert not app.caption
    assert not app.get("vega_lite_chart")
    (again,) = asked(app)
    assert again.label == computation.again
    app = again.click().run()
    assert not app.exception
    assert not app.info
    assert not asked(app)
    assert app.get("vega_lite_chart")


def test_a_question_that_a_touch_ended_counts_as_slow_and_is_drawn_last(monkeypatch):
    def ended(*_):
        time.sleep(0.05)
        st.stop()

    def page():
        import streamlit as st

        from regcore.page.questions import draw_section
        from regcore.questions import trust
        from tests.sections import as_dataset
        from tests.tables import table, train

        frame = table(n=60, p=3)
        st.session_state["section: trust"] = True
        draw_section(trust.QUESTION, train(frame, epochs=3), as_dataset(frame))

    monkeypatch.setattr(questions, "draw_question", ended)
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert app.session_state["seconds of questions"]["trust"] >= 0.05


def test_the_table_of_a_panel_has_colours_and_its_last_row_bold():
    def page():
        from regcore.page.questions import draw_question
        from regcore.questions import update
        from tests.sections import as_dataset
        from tests.tables import table, train

        frame = table(n=60, p=3)
        draw_question(
            update.QUESTION, train(frame, lam=4.0, epochs=30), as_dataset(frame)
        )

    app = AppTest.from_function(page, default_timeout=60).run()
    shown = app.table[0].value
    assert list(shown.columns) == [":gray[No penalty]", ":blue[L1]", ":orange[L2]"]
    assert list(shown.index) == ["Before", "Gradient", "Penalty", "**After**"]
    for column in shown:
        *parts, after = (cell.replace("−", "-") for cell in shown[column])
        total = sum(float(part) for part in parts)
        assert float(after.strip("*")) == pytest.approx(total, abs=2e-4)
