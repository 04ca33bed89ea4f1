"""λ is dragged along the paths in Chromium: all follows, and letting go trains."""

import re

import pytest
from playwright.sync_api import expect

from tests.driving import PATIENCE, settle

pytestmark = pytest.mark.browser

PATHS = "[role=graphics-document][aria-label^='Weights, held-out loss'] svg.marks"


def shown(page) -> dict[str, str]:
    """What the picture says of the λ that is looked at."""
    texts = page.locator(PATHS).locator("text").all_text_contents()
    return {
        name: " ".join(text for text in texts if re.match(start, text))
        for name, start in (
            ("kept", r"L1: "),
            ("told", r".*λ = .*, loss"),
            ("said", r"Exact|Drag"),
        )
    }


def bars(page) -> list[str]:
    marks = page.locator(PATHS).locator(".mark-rule line[stroke-width='11']")
    return marks.evaluate_all("all => all.map(one => one.getAttribute('x2'))")


@pytest.mark.parametrize("width", [1440, 390])
def test_all_follows_the_hand_without_the_server_and_letting_go_trains(
    visitor, site, width
):
    page = visitor(site, width=width)
    settle(page)
    page.locator("summary", has_text="Along λ: which weights").press("Enter")
    picture = page.locator(PATHS)
    expect(picture).to_be_visible(timeout=PATIENCE)
    picture.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    slider = page.get_by_role("slider", name="Penalty strength")
    before, first, at_rest = (
        slider.get_attribute("aria-valuetext"),
        shown(page),
        bars(page),
    )
    assert first["said"] == "Drag λ across the curves."
    # From here on all that is sent is counted.
    page.evaluate(
        """() => {
            window.sent = 0;
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (...all) {
                window.sent += 1;
                return send.apply(this, all);
            };
        }"""
    )
    box = picture.bounding_box()
    x, y = box["x"] + 0.36 * box["width"], box["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    seen = []
    for step in range(6):
        page.mouse.move(x - 3 * step, y)
        page.wait_for_timeout(100)
        seen.append((shown(page)["told"], bars(page)))
    assert len({told for told, _ in seen}) > 3
    assert width == 390 or all(places != at_rest for _, places in seen)
    last = shown(page)
    assert last["said"] == "Exact solutions are shown; let go to train with this λ."
    assert last != first
    # Longer than Streamlit waits until it sends a selection that has settled.
    page.wait_for_timeout(400)
    assert page.evaluate("window.sent") == 0
    assert slider.get_attribute("aria-valuetext") == before

    # Beyond the picture, too, it is the λ at its edge that is let go.
    page.mouse.move(box["x"] + box["width"] + 4, y)
    page.mouse.move(x - 15, y)
    page.mouse.up()
    expect(slider).not_to_have_attribute("aria-valuetext", before, timeout=PATIENCE)
    settle(page)
    expect(picture.get_by_text("Drag λ across the curves.")).to_have_count(1)
    assert page.evaluate("window.sent") == 1
    assert shown(page)["told"] == last["told"]

    chosen = slider.get_attribute("aria-valuetext")
    keys = page.get_by_role("slider", name=re.compile("^λ by the arrow keys"))
    keys.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuetext", chosen, timeout=PATIENCE)
    expect(keys).to_be_focused()
    settle(page)
    # The other way round the picture follows the page.
    now = shown(page)["told"]
    slider.press("End")
    expect(picture.get_by_text(re.compile(r"^L1: .*\b0 of 10"))).to_have_count(
        1, timeout=PATIENCE
    )
    assert shown(page)["told"] != now
