"""Three visitors in Chromium: two compute without end, the third waits or is served."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import served
from tests.driving import CHARTS, PATIENCE, fill, said, settle
from tests.page.test_redraw import BAR, open_question

pytestmark = pytest.mark.browser

WAITS = re.compile(r"^Waiting for other computations: number \d in the queue$")


MOVED = re.compile(r"^Drawing other rows many times: [1-9]\d* %")


def two_busy(visitor, url: str) -> list:
    """Two who ask what takes for ever."""
    pages = [visitor(url) for _ in range(2)]
    for page in pages:
        settle(page)
        open_question(page, "Can I trust the choice?")
        said(page, BAR)
    return pages


def arrived(visitor, url: str):
    """A page on which a control of the side bar is at hand."""
    page = visitor(url)
    settle(page)
    page.get_by_test_id("stSidebar").get_by_text("More", exact=True).click()
    return page


@pytest.fixture
def crowd(visitor, chromium, log):
    """Two who compute for ever and give no place away, and who waits for them."""
    script = Path(__file__).parents[1] / "data" / "watched.py"
    with served(script, COMPUTATIONS_LOG=str(log), SLICE="inf") as url:
        page = arrived(visitor, url)
        busy = two_busy(visitor, url)
        fill(page, "Seed", "7")
        said(page, WAITS)
        yield *busy, page


def whole(page) -> bool:
    """Whether the header, the earlier result and one bar with one Cancel are there."""
    said(page, "In words.")
    expect(page.locator(CHARTS)).to_have_count(3)
    expect(page.get_by_test_id("stMetricValue")).to_have_count(3)
    expect(page.get_by_role("progressbar")).to_have_count(1)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(1)
    return True


def test_who_waits_keeps_a_whole_page_can_cancel_and_else_goes_on_by_itself(crowd):
    first, _, page = crowd
    figures = page.get_by_test_id("stMetricValue").all_inner_texts()
    for _ in range(5):
        page.wait_for_timeout(500)
        assert whole(page)
    expect(page.get_by_text(WAITS)).to_have_text(re.compile("number 1 in the queue"))
    page.get_by_role("button", name="Cancel").click()
    said(page, "Training was cancelled. Below is the earlier result: Diabetes")
    settle(page)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert page.get_by_test_id("stMetricValue").all_inner_texts() == figures
    expect(page.get_by_label("Seed", exact=True)).to_have_value("7")

    words = page.get_by_test_id("stMarkdown").filter(has_text="In words.")
    before = words.inner_text()
    page.get_by_role("button", name="Train with the settings").click()
    said(page, WAITS)
    first.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=PATIENCE)
    settle(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(words).not_to_have_text(before, timeout=PATIENCE)


def test_who_comes_while_two_compute_without_end_is_served_and_the_two_go_on(
    visitor, watched
):
    page, busy = arrived(visitor, watched), two_busy(visitor, watched)
    words = page.get_by_test_id("stMarkdown").filter(has_text="In words.")
    for seed in ("7", "8", "9"):
        before = words.inner_text()
        fill(page, "Seed", seed)
        expect(words).not_to_have_text(before, timeout=PATIENCE)
        settle(page)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
    for other in busy:
        said(other, MOVED)
        expect(other.get_by_role("progressbar")).to_have_count(1)
