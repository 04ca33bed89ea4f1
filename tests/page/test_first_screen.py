"""What a reader sees at once, without scrolling, of a sample and of a messy file."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.conftest import visiting
from tests.driving import CHARTS, LOSSES, PATIENCE, WEIGHTS, send, settle

pytestmark = pytest.mark.browser

HEADS = "[data-testid=stMetric]"

LIGHTNESS = """getComputedStyle(document.querySelector('.stApp')).backgroundColor
    .match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + +part / 3, 0)"""


def messy(rows: int = 120) -> bytes:
    """As a spreadsheet exports it: a title above, a total below, codes and gaps."""
    rng = np.random.default_rng(3)
    X = rng.normal([300, 10, 2000], [80, 4, 900], (rows, 3))
    y = X @ [100, 3000, 1.5] + rng.normal(0, 9000, rows)
    lines = ["Verkäufe, Stand Mai;;;;;;", "Nr.;Ort;Fläche;Personal;Werbung;Land;Umsatz"]
    for i, numbers in enumerate(np.column_stack([X, y])):
        area, staff, spent, sold = (f"{x:.1f}".replace(".", ",") for x in numbers)
        place = ["Nord", "Süd", "Ost", "West"][i % 4]
        lines.append(f"F-{i};{place};{area if i % 9 else ''};{staff};{spent};DE;{sold}")
    return "\r\n".join([*lines, "Summe;;;;;;1.000.000,00"]).encode("cp1252")


@pytest.fixture(scope="module")
def screens(browser, tabs, site):
    """Give a page as wide and as high as asked for: one visit while it is kept."""
    pages = {}
    with visiting(browser, tabs) as visit:

        def screen(width: int, height: int, *, keep: bool = True):
            page = pages.pop((width, height), None)
            if page is None:
                page = visit(site, width=width, height=height)
                settle(page)
            if keep:
                pages[width, height] = page
            return page

        yield screen


@pytest.fixture(params=["sample", "messy"])
def shown(request, screens):
    """A page as wide and as high as asked for, with either table."""

    def show(width: int, height: int):
        page = screens(width, height, keep=request.param == "sample")
        if request.param == "messy":
            send(page, messy(), "sales.csv")
            expect(page.locator(".st-key-remarks")).to_contain_text("«Nr.»: left out")
        return page

    return show


def top(page, what: str) -> float:
    return page.locator(what).first.bounding_box()["y"]


def bottom(page, what: str) -> float:
    box = page.locator(what).last.bounding_box()
    return box["y"] + box["height"]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_every_chart_is_drawn_and_nothing_sticks_out(screens, width, height):
    page = screens(width, height)
    for scheme, lightness in (("dark", "< 128"), ("light", "> 128")):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"{LIGHTNESS} {lightness}", timeout=PATIENCE)
        settle(page)
        for place in ("document.documentElement", "document.querySelector('.stMain')"):
            assert page.evaluate(f"{place}.scrollWidth - {place}.clientWidth") == 0
        main = page.get_by_test_id("stMain").bounding_box()
        charts = page.locator(CHARTS).all()
        assert charts
        for box in [chart.bounding_box() for chart in charts]:
            assert main["x"] <= box["x"]
            assert box["x"] + box["width"] <= main["x"] + main["width"]
            assert box["width"] > 150
        tops = [head.bounding_box()["y"] for head in page.locator(HEADS).all()]
        # Side by side on a phone too: the zeros of the three are seen together.
        assert len(set(tops)) == 1


def test_one_screen_shows_the_sentence_lambda_the_heads_the_bars_and_the_curves(shown):
    page = shown(width=1440, height=900)
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(re.compile("^L1 keeps .* L2 shrinks .* no penalty"))
    # No blank band above it.
    assert title.bounding_box()["y"] < 120
    slider = page.get_by_role("slider", name="Penalty strength")
    assert slider.bounding_box()["y"] < 300
    expect(page.locator(HEADS)).to_have_count(3)
    heads = [head.bounding_box() for head in page.locator(HEADS).all()]
    assert len({head["y"] for head in heads}) == 1
    assert bottom(page, WEIGHTS) < 790
    assert bottom(page, LOSSES) <= 892


def test_a_smaller_screen_shows_the_heads_and_the_first_bars(shown):
    page = shown(width=1024, height=768)
    assert bottom(page, HEADS) < 600
    assert top(page, WEIGHTS) < 700


def test_a_phone_shows_the_heads_together_and_the_three_bars_of_a_feature_too(shown):
    page = shown(width=390, height=844)
    expect(page.locator(HEADS)).to_have_count(3)
    assert bottom(page, HEADS) - top(page, HEADS) < 200
    assert bottom(page, HEADS) < 844
    bars = page.locator(f"{WEIGHTS} .mark-rule line[stroke^='#']").evaluate_all(
        """bars => bars.map(bar => [bar.getAttribute('stroke'),
            Math.round(bar.getBoundingClientRect().y)])"""
    )
    rows = {}
    for stroke, y in bars:
        rows.setdefault(stroke.lower(), []).append(y)
    none, l1, l2 = (
        sorted(rows[colour]) for colour in ("#6b7280", "#0072b2", "#c45100")
    )
    assert none[0] < l1[0] < l2[0] < none[0] + 22
