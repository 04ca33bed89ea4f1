"""Three visitors in Chromium: two compute without end, the third waits or is served."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import visiting
from tests.driving import CHARTS, PATIENCE, fill, said, settle
from tests.page.test_redraw import BAR, open_question

pytestmark = pytest.mark.browser

WAITS = re.compile(r"^Waiting for other computations: number \d in the queue$")


MOVED = re.compile(r"^Drawing other rows many times: [1-9]\d* %")


@pytest.fixture(scope="module")
def three(browser, tabs, watched):
    """Pages of three visitors, on whose last a control of the side bar is at hand.

    The first two ask what takes for ever.
    """
    with visiting(browser, tabs) as visit:
        pages = [visit(watched) for _ in range(3)]
        for page in pages:
            settle(page)
        for page in pages[:2]:
            open_question(page, "Can I trust the choice?")
            said(page, BAR)
        pages[2].get_by_test_id("stSidebar").get_by_text("More", exact=True).click()
        yield pages


@pytest.fixture
def crowd(three):
    """Two who compute for ever, and who comes to them."""
    for page in three[:2]:
        if page.get_by_role("progressbar").count() == 0:
            page.get_by_role("button", name="Draw other rows many times").click()
        said(page, BAR)
    return three


@pytest.fixture
def kept_places(log, crowd):
    """Nobody who computes gives a place away from now on."""
    asked = log.with_name("slice")
    asked.write_text("inf")
    yield
    asked.unlink()


def whole(page) -> bool:
    """Whether the header, the earlier result and one bar with one Cancel are there."""
    said(page, "In words.")
    expect(page.locator(CHARTS)).to_have_count(3)
    expect(page.get_by_test_id("stMetricValue")).to_have_count(3)
    expect(page.get_by_role("progressbar")).to_have_count(1)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(1)
    return True


def test_who_waits_keeps_a_whole_page_can_cancel_and_else_goes_on_by_itself(
    crowd, kept_places
):
    first, _, page = crowd
    fill(page, "Seed", "7")
    said(page, WAITS)
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
    crowd,
):
    *busy, page = crowd
    words = page.get_by_test_id("stMarkdown").filter(has_text="In words.")
    for seed in ("8", "9", "10"):
        before = words.inner_text()
        fill(page, "Seed", seed)
        expect(words).not_to_have_text(before, timeout=PATIENCE)
        settle(page)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
    for other in busy:
        said(other, MOVED)
        expect(other.get_by_role("progressbar")).to_have_count(1)
