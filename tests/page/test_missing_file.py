"""A session that comes back without its file asks for it, and shows nothing else."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from tests.conftest import ROOT, forget, new_tab, served
from tests.driving import CHARTS, fill, said, send, settle
from tests.tables import table
from tests.visits import Visit, csv_of

RAW = csv_of(table("regression", n=90))


@pytest.fixture
def lose(monkeypatch):
    """Let a server hold no file any more."""

    def nothing(self, session_id, file_ids):
        return []

    return lambda: monkeypatch.setattr(MemoryUploadedFileManager, "get_files", nothing)


def training_settings(visit: Visit) -> dict[str, object]:
    """What is set that does not depend on the table nor on the view of a result."""
    view = (
        "log ",
        "units",
        "overlaid",
        "scores of",
        "every feature",
        "target",
        "task",
        "features",
        "class of",
    )
    return {k: v for k, v in visit.values().items() if not k.startswith(view)}


def test_a_missing_file_is_asked_for_by_name_and_no_result_is_shown(lose):
    visit = Visit().upload(RAW, "*mine*.csv").set("share", 0.01).set("epochs", 77)
    visit.set("split", "order").set("seed", 3)
    before = training_settings(visit)
    assert len(before) > 8
    lose()
    visit.at.run()
    assert visit.refusals[0].startswith("«*mine*.csv» is no longer here")
    assert "*mine*" not in visit.at.error[0].value
    assert not visit.at.exception
    assert not visit.at.metric
    assert not visit.at.get("vega_lite_chart")
    label = "**Penalty strength λ**"
    assert [caption.value for caption in visit.at.main.caption] == [label]
    assert not visit.at.text_input
    assert "Diabetes" not in " ".join(visit.sources())
    assert training_settings(visit) == before
    assert visit.control("sample").disabled


def test_a_missing_file_whose_name_is_not_known_is_asked_for_too(lose):
    visit = Visit()
    lose()
    visit.upload(RAW, "mine.csv")
    assert visit.refusals[0].startswith("The file that you had uploaded is no longer")
    assert not visit.at.metric


def test_the_file_uploaded_again_gives_the_result_it_gave(monkeypatch, lose):
    visit = Visit().upload(RAW, "mine.csv").set("share", 0.01).set("epochs", 77)
    words, described = visit.words, visit.described
    lose()
    visit.at.run()
    monkeypatch.undo()
    visit.upload(RAW, "mine.csv")
    assert visit.refusals == []
    assert (visit.words, visit.described) == (words, described)


def test_a_missing_file_can_be_removed_for_a_sample(monkeypatch, lose):
    visit = Visit().upload(RAW, "mine.csv").set("epochs", 77)
    lose()
    visit.at.run()
    monkeypatch.undo()
    visit.remove()
    assert visit.refusals == []
    assert "Diabetes" in visit.described
    assert visit.control("epochs").value == 77
    assert visit.usable()


def test_the_field_of_the_name_says_which_file_was_read():
    visit = Visit().upload(RAW, "one.csv").upload(RAW[:-30], "two.csv")
    assert visit.at.text_input(key="file name").value == "two.csv"
    assert visit.at.text_input(key="file name").disabled
    assert visit.described.startswith("two.csv")


def test_a_refused_file_says_of_which_table_the_numbers_still_are():
    visit = Visit().upload(b"", "a.csv")
    assert visit.refusals[0].endswith("What you see is still Diabetes (regression).")
    visit.upload(RAW, "*good*.csv").upload(b"", "b.csv")
    assert visit.refusals[0].endswith("What you see is still *good*.csv.")
    assert visit.described.startswith("*good*.csv · ")
    assert "*good*" not in visit.at.error[0].value


@pytest.mark.browser
def test_after_a_restart_the_browser_asks_for_the_file_and_keeps_the_settings(
    browser, tabs
):
    # Not the visitor of the other tests: while there is no server a browser complains.
    tab = (tabs or [new_tab(browser)]).pop()
    page, _ = tab
    page.set_viewport_size({"width": 1440, "height": 900})
    slider = page.get_by_role("slider", name="Penalty strength")
    figures = page.get_by_test_id("stMetricValue")
    caption = page.get_by_test_id("stMain").get_by_text(re.compile(r"^mine\.csv · "))
    with served(ROOT / "app.py") as url:
        page.goto(url)
        settle(page)
        page.get_by_test_id("stSidebar").get_by_text("More", exact=True).click()
        fill(page, "Seed", "3")
        fill(page, "Epochs", "77")
        slider.press("ArrowLeft")
        send(page, RAW, "mine.csv")
        strength, shown = slider.get_attribute("aria-valuetext"), caption.inner_text()
        results = figures.all_inner_texts()
        notices = page.get_by_test_id("stAlert").all_inner_texts()
    with served(ROOT / "app.py", port=urlsplit(url).port):
        # Nothing is touched meanwhile.
        said(page, "«mine.csv» is no longer here")
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        expect(page.locator(CHARTS)).to_have_count(0)
        expect(figures).to_have_count(0)
        expect(caption).to_have_count(0)
        expect(page.get_by_test_id("stMain").get_by_text("Diabetes")).to_have_count(0)
        expect(page.get_by_test_id("stFileChip")).to_contain_text("mine.csv")
        expect(page.get_by_label("Epochs", exact=True)).to_have_value("77")
        expect(page.get_by_label("Seed", exact=True)).to_have_value("3")
        assert slider.get_attribute("aria-valuetext") == strength
        # And still so after a touch.
        fill(page, "Epochs", "78")
        fill(page, "Epochs", "77")
        said(page, "«mine.csv» is no longer here")
        send(page, RAW, "mine.csv")
        expect(page.get_by_test_id("stAlert")).to_have_text(notices)
        assert caption.inner_text() == shown
        assert figures.all_inner_texts() == results
        forget(page)
    tabs.append(tab)
