"""What every test does with the page in Chromium: wait, upload, type."""

import re
from itertools import count

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.tables import table
from tests.visits import csv_of

PATIENCE = 60_000
"""Milliseconds that a busy machine may take to answer."""

CHARTS = "[data-testid=stVegaLiteChart] :is(svg, canvas).marks"

WEIGHTS, LOSSES = (
    f"[role=graphics-document][aria-label^='{start}'] svg.marks"
    for start in ("Weights of", "Loss over")
)


SETTLED = """call => {
    const charts = ['Weights of', 'Loss over'].map(start =>
        document.querySelector(`[role=graphics-document][aria-label^='${start}']`));
    const rests = charts.every(chart => chart?.checkVisibility()) && document
        .querySelector('[data-testid=stApp][data-test-script-state=notRunning]');
    if (!rests || window.rest?.call !== call)
        window.rest = {call, since: performance.now()};
    return rests && performance.now() - window.rest.since >= 100;
}"""
"""Whether the page has rested for a tenth of a second."""

calls = count()


def settle(page) -> None:
    """Wait until the script has ended and the pictures of the three are drawn.

    The page looks for itself: asked from here, it would be looked at twice a second.
    """
    page.wait_for_function(SETTLED, arg=next(calls), timeout=PATIENCE, polling=50)


def said(page, text: str | re.Pattern):
    """Wait until the page says so.

    What is expected instead is told with all that a reader would hear, at every look.
    """
    found = page.get_by_test_id("stMain").get_by_text(text).first
    found.wait_for(timeout=PATIENCE)
    return found


def send(page, raw: bytes, name: str) -> None:
    """Upload a file, and wait until it is shown."""
    page.set_input_files(
        "input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": raw}
    )
    said(page, re.compile(rf"^{re.escape(name)} · .* rows ×"))
    settle(page)


def fill(page, label: str, value: str) -> None:
    """Type a number and press Enter."""
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def train_for_minutes(page) -> None:
    """Begin a training of a step a row."""
    settle(page)
    send(page, csv_of(table("binary", n=4_000, p=6)), "long.csv")
    page.get_by_test_id("stSidebar").get_by_text("More", exact=True).click()
    # What is open stays open while the page is drawn anew.
    fill(page, "Epochs", "500")
    settle(page)
    fill(page, "Batch size", "1")
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=PATIENCE)


def flat(text: str) -> str:
    """Text as a browser lays it out, without what has no width."""
    return " ".join(text.replace("\u2060", "").split())


def axis_labels(page) -> list[list[str]]:
    """Labels of the axes, chart by chart."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.stMain svg.marks')].map(svg =>
            [...svg.querySelectorAll('.role-axis-label text')].map(t => t.textContent))
        """
    )


def labelled(name: str, texts: list[str]) -> bool:
    """Whether a name is there, as a whole or cut; blanks at the ends have no width."""
    texts, name = [flat(text) for text in texts], flat(name)
    cuts = [[part.strip() for part in text.split("…")] for text in texts if "…" in text]
    return name in texts or any(
        name.startswith(first) and all(part in name for part in rest)
        for first, *rest in cuts
        if first
    )


SLIGHT = re.findall(r'id:"([\w-]+)",impact:"(?:minor|moderate)"', Axe().axe_script)
"""Rules whose findings keep nobody out, whatever they find; a third of the time."""


def harm(page) -> list[tuple[str, list[str]]]:
    """What axe finds that keeps somebody out, and where."""
    rules = {name: {"enabled": False} for name in SLIGHT}
    asked = {"resultTypes": ["violations"], "rules": rules}
    found = Axe().run(page, options=asked).response
    return [
        (fault["id"], [node["html"] for node in fault["nodes"]])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def contrasts(page) -> list[float]:
    """Of every text in a chart to its paper, at which axe does not look."""
    found = page.locator(".stMain svg.marks text").evaluate_all(
        """all => all.filter(text => text.textContent.trim()).map(text => {
            const style = getComputedStyle(text);
            return [style.fill, +style.fillOpacity * style.opacity];
        })"""
    )
    paper = page.locator(".stApp").evaluate("e => getComputedStyle(e).backgroundColor")
    ratios = []
    for ink, opacity in found:
        if not opacity:
            continue
        drawn = opacity * rgb(ink) + (1 - opacity) * rgb(paper)
        dark, light = sorted(map(luminance, (drawn, rgb(paper))))
        ratios.append((light + 0.05) / (dark + 0.05))
    return ratios


def rgb(colour: str) -> np.ndarray:
    return np.array(re.findall(r"\d+", colour)[:3], float) / 255


def luminance(colour: np.ndarray) -> float:
    """Relative, WCAG 2.2."""
    linear = np.where(
        colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4
    )
    return float(linear @ [0.2126, 0.7152, 0.0722])
