"""The page for who reads it by ear, by keyboard, or at another size or contrast."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from regcore.questions import epochs
from tests.conftest import visiting
from tests.driving import CHARTS, PATIENCE, contrasts, harm, settle

pytestmark = pytest.mark.browser

HELP = "[data-testid=stTooltipHoverTarget] button:visible"

WHITE = "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def page(browser, tabs, site):
    """One visit for all: nothing is changed but colours."""
    with visiting(browser, tabs) as visit:
        page = visit(f"{site}/?open-epochs=on")
        section = page.get_by_test_id("stExpander").filter(
            has_text=epochs.QUESTION.title
        )
        expect(section.locator(CHARTS)).to_have_count(3, timeout=PATIENCE)
        settle(page)
        yield page


def test_axe_finds_nothing_that_keeps_somebody_out_in_light_and_in_dark(page):
    assert harm(page) == []
    assert min(contrasts(page)) >= 4.5
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".stApp")).not_to_have_css(
        "background-color", WHITE, timeout=PATIENCE
    )
    page.wait_for_timeout(1000)
    assert harm(page) == []
    assert min(contrasts(page)) >= 4.5


def test_each_picture_of_the_three_is_told_in_a_sentence_that_is_not_seen(page):
    told = page.locator(".told")
    expect(told.nth(0)).to_have_text(re.compile("^Largest weights"))
    expect(told.nth(1)).to_have_text(re.compile("^Mean "))
    places = page.get_by_test_id("stElementContainer").filter(has=told)
    sizes = [place.bounding_box() for place in places.all()]
    assert {one["height"] for one in sizes} == {1}
    assert max(one["width"] for one in sizes) <= 16


def test_the_sentence_is_the_first_heading_and_no_level_is_left_out(page):
    headings = page.locator("h1, h2, h3, h4, h5, h6")
    levels = headings.evaluate_all("all => all.map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following <= level + 1 for level, following in pairwise(levels))
    expect(page.get_by_role("region", name="Sidebar")).to_be_visible()
    expect(page.get_by_role("main")).to_be_visible()


def test_a_chart_is_one_thing_to_hear_and_no_stop_of_the_keyboard(page):
    charts = page.locator("[role=graphics-document]")
    assert charts.count() >= 4
    for chart in charts.all():
        assert chart.get_attribute("aria-label")
        assert chart.locator("[aria-label]").count() == 0
    frames = page.locator("[data-testid=stFullScreenFrame]:has(svg.marks)")
    assert frames.count() >= 4
    tools = frames.get_by_test_id("stElementToolbar")
    for tool in tools.all():
        expect(tool).to_be_hidden()
    frames.nth(1).hover()
    expect(tools.nth(1)).to_be_visible()


def test_help_is_wide_enough_for_a_finger(page):
    boxes = [help.bounding_box() for help in page.locator(HELP).all()]
    assert len(boxes) > 5
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24


def test_on_paper_the_three_models_stand_dark_on_white_without_what_is_touched(page):
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    heads = page.get_by_test_id("stMetric")
    expect(heads).to_have_count(3)
    for shown in (*heads.all(), page.get_by_role("heading", level=1)):
        expect(shown).to_be_visible()
        expect(shown).to_have_css("color", "rgb(20, 23, 28)")
    for body in ("body", ".stApp", ".stMain"):
        expect(page.locator(body)).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    main = page.get_by_test_id("stMain")
    for touched in ("stSlider", "stSelectbox", "stCheckbox"):
        expect(main.get_by_test_id(touched).first).to_be_hidden()
    for title, seen in (
        (epochs.QUESTION.title, True),
        ("Shrunken or refitted?", False),
    ):
        section = main.get_by_test_id("stExpander").filter(has_text=title)
        expect(section).to_be_visible(visible=seen)
    columns = main.get_by_test_id("stExpander").get_by_test_id("stColumn")
    assert len({column.bounding_box()["y"] for column in columns.all()[:3]}) == 1
    page.emulate_media(media="screen", color_scheme="light")


def test_where_colours_are_forced_what_slides_is_seen_on_its_paper(page):
    page.emulate_media(forced_colors="active")
    ink = page.locator("h1").evaluate("one => getComputedStyle(one).color")
    thumb = page.locator("div:has(> [data-testid=stSliderThumbValue])")
    knob = page.locator("[data-testid=stCheckbox] label > div:first-of-type > div")
    for seen in (thumb.first, knob.first):
        expect(seen).to_have_css("background-color", ink)
    page.emulate_media(forced_colors="none")
