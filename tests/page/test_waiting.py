"""Three visitors in Chromium: two compute without end, the third waits."""

import re

import pytest
from playwright.sync_api import expect

from tests.driving import CHARTS, PATIENCE, fill, said, settle
from tests.page.test_redraw import BAR, open_question

pytestmark = pytest.mark.browser

WAITS = re.compile(r"^Waiting for other computations: number \d in the queue$")


@pytest.fixture
def crowd(visitor, watched):
    """Two who ask what takes for ever, and a page that waits for them."""
    pages = [visitor(watched) for _ in range(3)]
    *busy, page = pages
    for other in busy:
        settle(other)
        open_question(other, "Can I trust the choice?")
        said(other, BAR)
    settle(page)
    page.get_by_test_id("stSidebar").get_by_text("More", exact=True).click()
    fill(page, "Seed", "7")
    said(page, WAITS)
    return *busy, page


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
