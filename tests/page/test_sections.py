"""Every section below the cards, open, in Chromium: no complaint, nothing sticks out.

The visitor of the tests fails where the console has a warning.
"""

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from regcore.questions import QUESTIONS, profile
from tests.conftest import visiting
from tests.driving import CHARTS, PATIENCE, contrasts, harm, said, settle
from tests.page.test_browser import SHIFTING
from tests.tables import table
from tests.visits import csv_of

pytestmark = [pytest.mark.browser, pytest.mark.first]

SECTIONS = ("columns", "take", *(one.key for one in (profile.QUESTION, *QUESTIONS)))
"""The table, what leaves the page, the 30 seconds and the twelve questions."""

ALL_OPEN = "&".join(f"open-{section}=on" for section in SECTIONS)
"""In the address: drawn once, and not anew with each that is opened."""


def nasty() -> pd.DataFrame:
    """Names and levels with all kinds of markup, two of them nearly the same column."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.standard_normal((80, 8)))
    frame.columns = [
        *("a.b", "x[0]", "back\\slash", "<img src=x onerror=alert(1)>"),
        *("**b** $x$ :red[x]", "https://example.org/?a=1", "__proto__", "'\"`"),
    ]
    frame["x[1]"] = frame["x[0]"] + 0.1 * rng.standard_normal(80)
    frame["<b>level</b>"] = rng.choice(["![x](http://example.org)", ">= 5", "#"], 80)
    frame[":smile: target"] = frame.iloc[:, :4].sum(axis=1) + rng.standard_normal(80)
    return frame


def html_classes() -> pd.DataFrame:
    """Three classes whose labels are markup."""
    labels = {"ash": "<b>no</b>", "birch": "$\\alpha$", "cedar": "[x](http://x.org)"}
    frame = table("multiclass")
    return frame.assign(y=frame["y"].map(labels))


def open_all(page) -> None:
    """Open every section, one right after the other.

    With a key: what is drawn above may move a section away from under the pointer.
    """
    settle(page)
    sections = page.get_by_test_id("stMain").get_by_test_id("stExpander")
    expect(sections).to_have_count(len(SECTIONS))
    for section in sections.all():
        section.locator("summary").press("Enter")
        expect(section.locator("details")).to_have_attribute("open", "")
        # Streamlit warns where two fragments are touched before it has sent the first.
        page.wait_for_timeout(150)
    are_open(page)


def are_open(page) -> None:
    """Wait until every section is open, and the last is drawn."""
    sections = page.get_by_test_id("stMain").get_by_test_id("stExpander")
    expect(sections.locator("details[open]")).to_have_count(
        len(SECTIONS), timeout=PATIENCE
    )
    texts = sections.get_by_test_id("stMarkdownContainer")
    expect(texts.get_by_text("No p-values")).to_be_visible(timeout=PATIENCE)


def cut_off(page) -> list[str]:
    """Texts of legends and titles that end beyond their chart."""
    return page.locator(".stMain svg.marks").evaluate_all(
        """all => all.flatMap(svg => {
            const chart = svg.closest('[data-testid=stVegaLiteChart]');
            const end = chart.getBoundingClientRect().right;
            const told = ':is([class*=role-legend], [class*=title]) text';
            return [...svg.querySelectorAll(told)]
                .filter(text => text.getBoundingClientRect().right > end)
                .map(text => text.textContent);
        })"""
    )


def holds_together(page) -> None:
    """All is drawn, nothing was raised, and nothing is wider than its place."""
    # What takes long is drawn after what does not.
    drawn = "document.querySelectorAll('[data-testid=stVegaLiteChart]').length > 20"
    page.wait_for_function(drawn, timeout=PATIENCE, polling=200)
    # The run that a touch of an open question begins follows that which draws it.
    page.wait_for_timeout(1500)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    charts = page.get_by_test_id("stVegaLiteChart").count()
    assert charts > 20
    expect(page.locator(CHARTS)).to_have_count(charts, timeout=PATIENCE)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    for place in ("document.documentElement", "document.querySelector('.stMain')"):
        assert page.evaluate(f"{place}.scrollWidth - {place}.clientWidth") == 0
    assert cut_off(page) == []
    assert harm(page) == []
    assert min(contrasts(page)) >= 4.5


@pytest.fixture(scope="module")
def opened(browser, tabs, site):
    """A wide page with every section open: one visit for all who want it so."""
    with visiting(browser, tabs) as visit:
        page = visit(site)
        open_all(page)
        yield page


def test_every_section_is_drawn_without_a_complaint(opened):
    holds_together(opened)


def test_on_a_narrow_dark_screen_every_section_is_drawn_and_holds_any_name(
    visitor, site
):
    page = visitor(f"{site}/?{ALL_OPEN}", width=390, scheme="dark")
    are_open(page)
    holds_together(page)
    hold_names(page, nasty())


ABOVE = "Two weights, seen from above"

LOOKS = re.compile(r"scores of \d+ settings?")
"""Who has moved λ has looked at more than who comes later."""

NUMBER = re.compile(r"-?\d+\.\d+(e-\d+)?")


def rough(number: re.Match) -> str:
    """A number without its last digits; those that charts hold are off any edge."""
    return f"{float(number[0]) + 0.0123:.1f}"


def rest(page) -> None:
    """Wait until what a touch has begun is at its end, and what follows that."""
    page.wait_for_timeout(1500)
    settle(page)


def answers(page) -> list[tuple[list[str], list[str]]]:
    """Of every question its words, and all that its charts are drawn of.

    Not their order, which is that in which the marks came to be.
    """
    rest(page)
    charts = page.get_by_test_id("stVegaLiteChart").count()
    expect(page.locator(CHARTS)).to_have_count(charts, timeout=PATIENCE)
    sections = page.get_by_test_id("stMain").get_by_test_id("stExpander")
    shown = sections.evaluate_all(
        """all => all.map(one => [one.innerText,
            [...one.querySelectorAll(
                ".mark-rule *, .mark-symbol *, .mark-line *, .mark-rect *")]
                .map(mark => mark.outerHTML)])"""
    )
    return [
        (
            sorted(LOOKS.sub("scores", text).splitlines()),
            sorted(NUMBER.sub(rough, re.sub(SHIFTING, "", mark)) for mark in marks),
        )
        for text, marks in shown
    ]


def test_every_open_question_follows_lambda_to_what_opening_it_there_shows(
    opened, visitor
):
    before = answers(opened)
    for key in ("PageUp", "PageUp", "ArrowLeft"):
        opened.get_by_role("slider", name="Penalty strength").press(key)
    rest(opened)
    comer = visitor(opened.url)
    are_open(comer)
    anew, moved = answers(comer), answers(opened)
    for follows, fresh in zip(moved, anew, strict=True):
        # The paths ask more where they took long; which two weights are seen from
        # above is chosen when that is opened.
        chosen = ("Along λ: which weights, at which loss?", ABOVE)
        if not any(line.startswith(chosen) for line in fresh[0]):
            assert follows == fresh
    changed = [a != b for a, b in zip(before, moved, strict=True)]
    # All but the table, its columns and the test rows.
    assert sum(changed) >= 10


def test_every_section_holds_any_name_of_a_class(opened):
    hold_names(opened, html_classes())


def hold_names(page, frame: pd.DataFrame) -> None:
    """Upload a table whose names are markup: nothing is made of them."""
    page.set_input_files(
        "input[type=file]",
        {"name": "own.csv", "mimeType": "text/csv", "buffer": csv_of(frame)},
    )
    said(page, re.compile(r"^own\.csv · .* rows ×"))
    holds_together(page)
    foreign = page.get_by_test_id("stMain").locator(
        "img, b, .katex, script, a:not([href^='#'])"
    )
    assert foreign.evaluate_all("all => all.map(e => e.outerHTML)") == []
