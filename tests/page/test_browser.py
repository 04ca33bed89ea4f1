"""The page in Chromium, as a reader has it."""

import re

import pytest
from playwright.sync_api import expect

from tests.driving import (
    LOSSES,
    WEIGHTS,
    axis_labels,
    said,
    send,
    settle,
)
from tests.tables import table
from tests.visits import csv_of

pytestmark = pytest.mark.browser


def sparsity(page):
    """The numbers of weights left, in the order of the cards."""
    return page.get_by_test_id("stMetricValue")


@pytest.fixture
def page(used):
    """Give one page to all that can begin with what the test before has left."""
    return used


def test_the_first_visit_shows_a_sample_trained_three_ways(opened):
    page = opened
    expect(page).to_have_title("Regularization on your data")
    expect(sparsity(page)).to_have_text(
        ["10 of 10", re.compile(r"^[1-9] of 10$"), "10 of 10"]
    )
    said(page, "In words.")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    bars = page.locator(f"{WEIGHTS} .mark-rule line[stroke^='#']")
    strokes = bars.evaluate_all("bars => bars.map(bar => bar.getAttribute('stroke'))")
    # Grey is the mark of zero.
    assert len(set(strokes) - {"#808080"}) == 3


def test_the_keyboard_moves_lambda_and_the_zeros_follow(fresh):
    page = fresh
    slider = page.get_by_role("slider", name="Penalty strength")
    before = int(sparsity(page).nth(1).inner_text().split()[0])
    slider.focus()
    slider.press("End")
    expect(sparsity(page)).to_have_text(["10 of 10", "0 of 10", "10 of 10"])
    said(page, "L1 removes every weight")
    for _ in range(6):
        slider.press("ArrowLeft")
    expect(sparsity(page).nth(1)).to_have_text(re.compile(r"^[1-9] of 10$"))
    settle(page)
    assert 0 < int(sparsity(page).nth(1).inner_text().split()[0]) < before


SHIFTING = r'clip\d+|role="graphics-\w+"'

SCALED = "per SD"


def drawn(page) -> list[list[str]]:
    """All that each chart is drawn of: places, sizes, colours and texts.

    Not their order, in which nothing overlaps; nor the numbers of the clips, nor the
    role of a group, which Vega gives it by what it held first.
    """
    pictures = page.locator(f"{WEIGHTS}, {LOSSES}")
    charts = pictures.evaluate_all("all => all.map(one => one.outerHTML)")
    return [sorted(re.sub(SHIFTING, "", chart).split("<")) for chart in charts]


def kept(page) -> list[bool]:
    """Whether each picture is the one that was marked, not one built anew."""
    pictures = page.locator(f"{WEIGHTS}, {LOSSES}")
    return pictures.evaluate_all("all => all.map(one => !!one.old)")


def test_moving_lambda_moves_the_charts_to_what_drawing_them_anew_shows(page):
    pictures = page.locator(f"{WEIGHTS}, {LOSSES}")
    pictures.evaluate_all("all => all.forEach(one => one.old = true)")
    first = drawn(page)
    for key in ("End", "Home", "PageUp"):
        page.get_by_role("slider", name="Penalty strength").press(key)
        page.wait_for_timeout(500)
    settle(page)
    page.wait_for_timeout(500)
    assert kept(page) == [True, True]
    moved = drawn(page)
    assert all(old != new for old, new in zip(first, moved, strict=True))
    # Another kind of axis and back makes the browser build both anew.
    for unit in ("original", "per SD"):
        page.get_by_role("radio", name=unit).click()
        page.get_by_text("Log loss").click()
        page.wait_for_timeout(1000)
        settle(page)
    assert kept(page) == [False, False]
    page.wait_for_timeout(1000)
    assert drawn(page) == moved


def test_a_file_is_uploaded_through_the_file_input(page):
    send(page, csv_of(table("multiclass", n=90)), "trees.csv")
    said(page, re.compile("3 classes on y"))
    expect(sparsity(page).first).to_have_text("12 of 12")


def test_levels_of_a_category_with_a_long_name_can_be_told_apart(page):
    kinds = ["north", "south", "east", "west"]
    rows = [f"{kinds[i % 4]},{i % 7},{i % 4 + i % 5 / 9}" for i in range(80)]
    name = "the 𝒬𝓊𝒶𝓇𝓉𝑒𝓇 of the town it is in"
    raw = "\n".join([f"{name},rooms,price", *rows]).encode()
    send(page, raw, "quarters.csv")
    said(page, "regression on price")
    bars = [texts for texts in axis_labels(page) if "rooms" in texts]
    assert len(bars) == 1
    for texts in bars:
        levels = [text for text in texts if "…" in text]
        assert len(set(levels)) == len(levels) == 4
        assert all(level.startswith("the 𝒬𝓊𝒶𝓇") for level in levels)
