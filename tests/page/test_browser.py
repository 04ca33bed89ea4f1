"""The page in Chromium, as a reader has it."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.driving import (
    LOSSES,
    PATIENCE,
    WEIGHTS,
    axis_labels,
    fill,
    said,
    send,
    settle,
    train_for_minutes,
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


def events(log: Path) -> list[tuple[str, float]]:
    lines = [line.split() for line in log.read_text().splitlines()]
    return [(event, float(clock)) for event, clock in lines]


def wait_for_events(page, log: Path, count: int) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while len(events(log)) < count:
        assert time.monotonic() < until
        page.wait_for_timeout(20)


@pytest.fixture
def long(visitor, watched):
    """A page that has begun to train for minutes."""
    page = visitor(watched)
    train_for_minutes(page)
    return page


def test_a_long_training_moves_stops_at_a_click_and_leaves_the_earlier_result(
    long, log, capsys
):
    before, seen = sparsity(long).all_inner_texts(), events(log)
    bar = long.get_by_text(re.compile(r"^Training: \d+ %"))
    expect(bar).not_to_have_text(bar.inner_text(), timeout=PATIENCE)
    # What waits has faded, and nothing else.
    parts = long.get_by_test_id("stElementContainer")
    waiting = parts.filter(has=sparsity(long)).first
    expect(waiting).to_have_css("opacity", "0.33")
    expect(parts.filter(has=bar)).to_have_css("opacity", "1")

    assert events(log) == seen
    assert seen[-1][0] == "begin"
    click = time.monotonic()
    long.get_by_role("button", name="Cancel").click()
    wait_for_events(long, log, len(seen) + 1)
    event, end = events(log)[len(seen)]
    assert event == "end"
    with capsys.disabled():
        print(f"\nA stale run stopped {1000 * (end - click):.0f} ms after a click.")
    # 200 ms are asked for; the browser's own way there and a busy machine add.
    assert end - click < 1.0

    said(long, "Training was cancelled. Below is the earlier result: long.csv")
    settle(long)
    assert sparsity(long).all_inner_texts() == before
    expect(long.get_by_role("progressbar")).to_have_count(0)
    expect(long.get_by_label("Batch size", exact=True)).to_have_value("1")

    long.get_by_role("button", name="Train with the settings").click()
    expect(long.get_by_role("progressbar")).to_be_visible(timeout=PATIENCE)
    fill(long, "Batch size", "")
    expect(long.get_by_role("progressbar")).to_have_count(0, timeout=PATIENCE)
    settle(long)
    assert sparsity(long).all_inner_texts() == before
