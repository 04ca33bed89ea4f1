"""A reading that takes minutes, in Chromium: it moves, can be cancelled, and ends."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.driving import PATIENCE, said, settle
from tests.page.test_browser import events
from tests.tables import table
from tests.visits import csv_of

pytestmark = pytest.mark.browser


def upload(page):
    """Send a file that is read for minutes; wait until the bar of its reading is there.

    The server that is watched knows it by its first word.
    """
    raw = csv_of(table("regression", n=60).rename_axis("slow").reset_index())
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": raw}
    page.set_input_files("input[type=file]", file)
    bar = page.get_by_text(re.compile(r"^Reading the file: \d+ %"))
    expect(bar).to_be_visible(timeout=PATIENCE)
    return bar


def ended(log: Path) -> bool:
    """Whether everything that began has ended, sooner or later."""
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        happened = [event for event, _ in events(log)]
        if happened.count("begin") == happened.count("end"):
            return True
        time.sleep(0.05)
    return False


def test_a_long_reading_moves_and_ends_at_cancel_and_when_the_tab_closes(
    visitor, watched, log
):
    page = visitor(watched)
    settle(page)
    bar = upload(page)
    expect(bar).not_to_have_text(bar.inner_text(), timeout=PATIENCE)
    said(page, "In words.")
    begun = len(events(log))
    page.get_by_role("button", name="Cancel").click()
    said(page, re.compile("^mine.csv: Its reading was cancelled. What you see is"))
    settle(page)
    assert ended(log)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="Read the file").click()
    expect(bar).to_be_visible(timeout=PATIENCE)
    assert "begin" in [event for event, _ in events(log)[begun:]]
    page.close()
    assert ended(log)
