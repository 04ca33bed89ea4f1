"""How long a frame takes while λ is dragged along the paths, in Chromium.

    python -m tests.benchmarks.drag

Serves the page, uploads tables with ever more features, opens "Along λ", and moves the
pointer once a frame. It prints the time from frame to frame, how much of it the browser
computed (CPU time of all its processes, which a busy machine leaves as it is), and what
was sent to the server meanwhile, which must be nothing.
"""

import numpy as np
import pandas as pd
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from tests.conftest import QUIET, ROOT, served
from tests.driving import PATIENCE, send, settle
from tests.visits import csv_of

FRAMES = 150

FEATURES = (10, 50, 300)

ROWS = 500

PATHS = "[role=graphics-document][aria-label^='Weights, held-out loss'] svg.marks"

DRAG = """async ([x, y, width, frames]) => {
    const svg = document.elementFromPoint(x, y);
    const fire = (type, target, at) => target.dispatchEvent(new PointerEvent(type, {
        bubbles: true, clientX: at, clientY: y, buttons: 1, isPrimary: true,
    }));
    const next = () => new Promise(requestAnimationFrame);
    let sent = 0;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (...all) {
        sent += 1;
        return send.apply(this, all);
    };
    fire('pointerdown', svg, x);
    const whole = [];
    let last = await next();
    for (let i = 0; i < frames; i += 1) {
        fire('pointermove', svg, x + width * (0.5 - 0.5 * Math.cos(i / 12)));
        const now = await next();
        whole.push(now - last);
        last = now;
    }
    const during = sent;
    WebSocket.prototype.send = send;
    fire('pointerup', svg, x);
    return [whole.slice(1), during];
}"""


def made(features: int) -> pd.DataFrame:
    """A table in which every fifth feature counts."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((ROWS, features))
    X += 0.5 * rng.standard_normal((ROWS, 1))
    y = X[:, ::5].sum(axis=1) + 2 * rng.standard_normal(ROWS)
    return pd.DataFrame(X).add_prefix("x").assign(y=y)


def measure(page: Page, browser: CDPSession) -> str:
    """Drag to and fro; one line of numbers."""
    picture = page.locator(PATHS)
    expect(picture).to_be_visible(timeout=5 * PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    picture.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    box = picture.bounding_box()
    assert box is not None
    place = [box["x"] + 120, box["y"] + 150, 0.2 * box["width"], FRAMES]
    start = spent(browser)
    frames, sent = page.evaluate(DRAG, place)
    computed = 1000 * (spent(browser) - start) / FRAMES
    return (
        f"frame: median {np.median(frames):5.1f}, 95 % {np.percentile(frames, 95):5.1f}"
        f" ms  computed: {computed:5.1f} ms a frame  sent: {sent}"
    )


def spent(browser: CDPSession) -> float:
    """CPU seconds of all processes of the browser."""
    processes = browser.send("SystemInfo.getProcessInfo")["processInfo"]
    return float(sum(process["cpuTime"] for process in processes))


def main() -> None:
    """Print a line for every number of features."""
    with served(ROOT / "app.py") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=QUIET
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        session = browser.new_browser_cdp_session()
        for features in FEATURES:
            page.goto(url)
            settle(page)
            send(page, csv_of(made(features)), f"{features}.csv")
            page.locator("summary", has_text="Along λ: which weights").press("Enter")
            print(f"{features:4d} features  {measure(page, session)}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
