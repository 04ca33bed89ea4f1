"""What leaves the page in a browser: files on demand, another file's predictions."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

import regcore
from tests.driving import said, send, settle
from tests.page.test_redraw import drawn, listen
from tests.tables import table
from tests.visits import Visit, csv_of


def taken(page, title: str) -> tuple[str, bytes]:
    """Click on a button; the name and the bytes of what leaves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=title, exact=True).click()
    path = download.value.path()
    return download.value.suggested_filename, path.read_bytes()


def open_files(page) -> None:
    """Open what leaves the page, unless it is open."""
    files = page.get_by_test_id("stExpander").filter(has_text="Take it with you")
    if files.locator("details[open]").count() == 0:
        files.locator("summary").press("Enter")
    said(page, "The same from a notebook")


WITHIN = """menu => {
    const [button, chart] = [menu.querySelector("button"),
        menu.parentElement.parentElement.parentElement.querySelector(
            "[data-testid=stVegaLiteChart]")].map(one => one.getBoundingClientRect());
    return [menu.getBoundingClientRect().height, button.left >= chart.left,
        button.right <= Math.min(chart.right, innerWidth),
        button.bottom <= chart.bottom + 1, Math.min(button.width, button.height)];
}"""
"""Whether a button lies on its chart: its place is 0 pixels high, itself 24."""


@pytest.mark.browser
def test_each_chart_leaves_from_a_button_that_takes_no_place_and_is_quick_to_open(
    visitor, site
):
    page = visitor("about:blank", width=390, height=844)
    heard = listen(page)
    page.goto(f"{site}/?open-refit=on")
    said(page, "No p-values")
    settle(page)
    menus = page.locator("[class*=st-key-take-of]")
    expect(menus).to_have_count(3)
    places = menus.evaluate_all(f"all => all.map({WITHIN})")
    assert places == [[0, True, True, True, 24]] * 3
    heard.clear()
    name = "Download: Weights of the kept features under L1 and refitted without a"
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("button", name="PNG", exact=True)).to_be_visible()
    settle(page)
    # Nothing is drawn anew but what it opens.
    assert set(drawn(heard)) <= {"button", "download_button", "markdown"}
    saved, made = taken(page, "SVG")
    assert saved.endswith(".svg")
    assert " refit Weights of the kept features" in saved
    assert "Shrunken or refitted?" in made.decode()
    saved, made = taken(page, "CSV")
    weights = pd.read_csv(io.BytesIO(made)).set_index("Feature")
    assert saved.endswith(".csv")
    assert list(weights) == ["L1, shrunken", "Refitted"]


@pytest.mark.browser
def test_the_files_hold_what_the_page_shows_and_another_file_is_predicted(used):
    page, raw = used, csv_of(table(n=120, p=4))
    send(page, raw, "own.csv")
    open_files(page)

    name, made = taken(page, "Everything, as ZIP")
    assert name.startswith("own ")
    archive = zipfile.ZipFile(io.BytesIO(made))
    script = next(name for name in archive.namelist() if name.endswith("notebook.py"))
    found: dict[str, object] = {}
    there = {"open": lambda file, mode: io.BytesIO(raw)}
    exec(archive.read(script).decode(), there, found)
    result = found["result"]

    name, made = taken(page, "Coefficients")
    assert name.endswith(" coefficients.csv")
    weights = pd.read_csv(io.BytesIO(made))["per SD, L1"].to_numpy()
    np.testing.assert_allclose(weights[:-1], result.W[1].ravel(), rtol=1e-15)

    another = table(n=30, p=4, seed=9)
    page.locator("input[type=file]").last.set_input_files(
        {"name": "more.csv", "mimeType": "text/csv", "buffer": csv_of(another)}
    )
    said(page, "On the 30 rows whose target is there.")
    _, made = taken(page, "Predictions of 30 rows")
    predicted = pd.read_csv(io.BytesIO(made))["predicted, L2"]
    read = regcore.read(csv_of(another)).table
    np.testing.assert_allclose(predicted, result.predict(read)["L2"], rtol=1e-12)


@pytest.mark.browser
def test_a_report_is_drawn_without_the_page_with_what_was_open(used, browser):
    page = used
    page.locator("summary", has_text="Along λ: which weights").press("Enter")
    said(page, "In 10-fold cross-validation")
    open_files(page)
    _, made = taken(page, "Report")
    context, complaints = browser.new_context(offline=True), []
    alone = context.new_page()
    alone.on("console", lambda message: complaints.append(message.text))
    alone.on("pageerror", lambda error: complaints.append(str(error)))
    alone.on("request", lambda request: complaints.append(request.url))
    alone.set_content(made.decode())
    expect(alone.locator(".chart svg").nth(1)).to_be_visible()
    assert alone.get_by_text("In 10-fold cross-validation").count() == 1
    lam = alone.locator(".chart svg text").filter(has_text="λ = ").first
    before = lam.text_content()
    alone.locator("input[type=range]").press("ArrowLeft")
    expect(lam).not_to_have_text(before)
    context.close()
    assert complaints == []


def test_what_was_offered_before_lam_was_moved_keeps_the_answers_from_then():
    visit = Visit()
    visit.at.session_state["section: refit"] = True
    visit.at.run()
    of, offered = visit.at.session_state["open answers"]
    assert of is visit.comparison
    assert [*offered] == ["refit"]
    (before,) = offered.values()
    visit.set("share", 0.5)
    of, now = visit.at.session_state["open answers"]
    assert of is visit.comparison
    assert offered == {"refit": before}
    assert now["refit"].parts[0].words != before.parts[0].words
