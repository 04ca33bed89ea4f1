"""Seconds from a touch of the page to its last change, in Chromium.

Run `python -m tests.benchmarks.redraw` (`--steps N` for more or fewer touches, `--only
numbers` for one table, `--port P` for the first of two ports). The last change is the
last mutation of the page or message of its socket before a second of quiet; the three
models stand when the title, the heads and their two pictures change no more. Medians;
also the megabytes that the socket carried.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import QUIET, ROOT, served
from tests.driving import PATIENCE, send, settle
from tests.visits import csv_of

WATCH = """
window.seen = {last: 0, models: 0, bytes: 0};
const MODELS = "h1, [data-testid=stMetric], [aria-label^='Weights of the features'],"
    + "[aria-label^='Loss over the epochs']";
// A status that spins says nothing.
const STATUS = "[data-testid=stStatusWidget], [data-testid=stHeader]";
window.forget = () => {
    window.seen = {last: 0, models: 0, bytes: 0, began: performance.now()};
};
new MutationObserver(all => {
    // Of a chart only the whole: it has thousands of marks.
    const touched = new Set(all.map(({target}) => target.ownerSVGElement
        ?? (target instanceof Element ? target : target.parentElement)));
    for (const at of touched) {
        if (!at || at.closest(STATUS) || at.dataset.testid === "stApp") continue;
        seen.last = performance.now();
        if (at.closest(MODELS)) seen.models = seen.last;
    }
}).observe(document, {subtree: true, childList: true, attributes: true,
                      characterData: true});
window.WebSocket = class extends WebSocket {
    constructor(...all) {
        super(...all);
        this.addEventListener("message", ({data}) => {
            seen.last = performance.now();
            seen.bytes += data.byteLength ?? data.size ?? 0;
        });
    }
};
"""

PLAIN = """
import streamlit as st

st.vega_lite_chart(
    {"a": range(9), "b": range(9)},
    {"mark": "line", "encoding": {"x": {"field": "a", "type": "quantitative"},
                                  "y": {"field": "b", "type": "quantitative"}}},
)
"""

QUIET_MS = 1000

GOALS = {"numbers": 1, "two classes": 2}
"""How often the seconds that are asked for may pass."""


class Took(NamedTuple):
    """Seconds until the models and until everything stands; what was sent, in MB."""

    models: float
    all: float
    megabytes: float


def numbers(rows: int = 20_640) -> pd.DataFrame:
    """As houses of a state: eight skewed numbers, five coasts, a price; 13 features."""
    rng = np.random.default_rng(0)
    common = rng.standard_normal((rows, 3))
    X = common @ rng.standard_normal((3, 8)) + rng.standard_normal((rows, 8))
    X[:, 4:] = np.exp(X[:, 4:] / 3)
    coast = rng.choice(5, rows, p=[0.44, 0.31, 0.13, 0.11, 0.01])
    y = X @ rng.standard_normal(8) + 2 * np.sin(X[:, 0]) + coast
    y += 3 * rng.standard_normal(rows)
    frame = pd.DataFrame(X.round(3), columns=[f"measure {j}" for j in range(1, 9)])
    kinds = np.array(["inland", "near ocean", "one hour", "bay", "island"])
    return frame.assign(coast=kinds[coast], price=y.round(2))


def two_classes(rows: int = 7_043) -> pd.DataFrame:
    """As customers of a company: three numbers and 16 words; 41 features."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((rows, 3)).round(3)
    frame = pd.DataFrame(X, columns=["tenure", "monthly", "total"])
    score = X @ [-1.0, 0.6, 0.3]
    for j in range(16):
        levels = 2 if j < 5 else 3
        code = rng.integers(levels, size=rows)
        frame[f"service {j}"] = np.array(["none", "basic", "full"])[code]
        score += 0.4 * rng.standard_normal(levels)[code]
    churn = score + rng.logistic(size=rows) > 1.0
    return frame.assign(churn=np.where(churn, "Yes", "No"))


def touch(page: Page, act: Callable[[], object]) -> Took:
    """Act, wait for a second in which nothing changes, and say when that began."""
    page.evaluate("forget()")
    act()
    page.wait_for_function(
        f"seen.last && performance.now() - Math.max(seen.last, seen.began) > {QUIET_MS}"
        " && document.querySelector('[data-testid=stApp]')"
        "?.dataset.testScriptState === 'notRunning'",
        timeout=10 * PATIENCE,
    )
    seen = page.evaluate("seen")
    models, last = (
        max(seen[key] - seen["began"], 0) / 1000 for key in ("models", "last")
    )
    return Took(models, last, seen["bytes"] / 1e6)


def visit(browser: Browser, url: str) -> tuple[Page, float]:
    """A fresh visitor, and the seconds until the page stands."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.wait_for_function(
        "document.querySelector('[data-testid=stVegaLiteChart] .marks') &&"
        f" performance.now() - seen.last > {QUIET_MS}"
    )
    return page, page.evaluate("seen.last") / 1000


def first_visits(browser: Browser, url: str, count: int) -> tuple[float, float]:
    """Seconds of the first visitor of a server, and of those who follow."""
    took = []
    for _ in range(count + 1):
        page, seconds = visit(browser, url)
        page.context.close()
        took.append(seconds)
    return took[0], statistics.median(took[1:])


def touches(page: Page, act: Callable[[], object], count: int) -> Took:
    """Medians of as many touches, each after the last has come to rest."""
    took = [touch(page, act) for _ in range(count)]
    return Took(*(statistics.median(each) for each in zip(*took, strict=True)))


def step(page: Page) -> None:
    """Move λ one step, to where it has not been."""
    page.get_by_role("slider", name="Penalty strength").press("ArrowLeft")


def units(page: Page) -> None:
    """Switch to the unit that is not shown."""
    other = page.get_by_test_id("stMain").get_by_role("radio", checked=False)
    other.first.click()


def open_all(page: Page) -> float:
    """Open every question; seconds until all stand."""
    sections = page.get_by_test_id("stMain").get_by_test_id("stExpander")

    def act() -> None:
        # The first is the table, the last what is taken along.
        for section in sections.all()[1:-1]:
            section.locator("summary").press("Enter")
            expect(section.locator("details")).to_have_attribute("open", "")

    return touch(page, act).all


def lines(page: Page, name: str, count: int) -> Iterator[str]:
    """Touch the page with everything closed, then with everything open."""
    times = GOALS[name]

    def line(what: str, took: Took, models: float, all_: float) -> str:
        return (
            f"  {what:28s} models {took.models:5.2f} s (asked: {models * times:g}), "
            f"all {took.all:5.2f} s (asked: {all_ * times:g}), {took.megabytes:.2f} MB"
        )

    yield line("λ, all closed", touches(page, lambda: step(page), count), 0.3, 0.3)
    yield line("units, all closed", touches(page, lambda: units(page), count), 0.5, 0.5)
    yield f"  all questions opened in {open_all(page):.1f} s"
    yield line("λ, all open", touches(page, lambda: step(page), count), 0.5, 2)
    yield line("units, all open", touches(page, lambda: units(page), count), 0.5, 0.5)


def main() -> None:
    """Serve the page and a plain one, and print what a visitor waits for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.redraw")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--only", default="", help="tables with this in their name")
    parser.add_argument("--port", type=int, help="of the page; the next one is taken")
    arguments = parser.parse_args()
    port, count = arguments.port, arguments.steps
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=QUIET
        )
        if not arguments.only:
            script = Path(folder) / "plain.py"
            script.write_text(PLAIN)
            with served(script, port and port + 1) as url:
                plain = first_visits(browser, url, count)
            with served(ROOT / "app.py", port) as url:
                ours = first_visits(browser, url, count)
            print("first visit: of a new server, then median (asked: + 1 s)")
            print(f"  plain page {plain[0]:.2f} {plain[1]:.2f} s")
            print(f"  this page  {ours[0]:.2f} {ours[1]:.2f} s", flush=True)
        for name, make in (("numbers", numbers), ("two classes", two_classes)):
            if arguments.only not in name:
                continue
            with served(ROOT / "app.py", port) as url:
                page, _ = visit(browser, url)
                settle(page)
                table = make()
                send(page, csv_of(table), "table.csv")
                page.wait_for_timeout(2 * QUIET_MS)
                print(f"{name}, {len(table):,} rows", flush=True)
                for line in lines(page, name, count):
                    print(line, flush=True)
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
