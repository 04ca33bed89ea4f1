"""What a touch of the page draws anew, in Chromium."""

import pytest
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.conftest import visiting
from tests.driving import PATIENCE, said, settle

pytestmark = pytest.mark.browser


def section(page, title: str):
    """One question, by its title."""
    sections = page.get_by_test_id("stMain").get_by_test_id("stExpander")
    return sections.filter(has=page.locator("summary", has_text=title))


def open_question(page, title: str):
    found = section(page, title)
    found.locator("summary").press("Enter")
    expect(found.locator("details")).to_have_attribute("open", "")
    return found


def listen(page) -> list[ForwardMsg]:
    """Everything that the server sends from now on; to be called before the visit."""
    heard: list[ForwardMsg] = []

    def hear(payload) -> None:
        message = ForwardMsg()
        message.ParseFromString(payload)
        heard.append(message)

    page.once("websocket", lambda socket: socket.on("framereceived", hear))
    return heard


def drawn(heard: list[ForwardMsg]) -> list[str]:
    """Titles of what was drawn: of charts their descriptions, of others their kinds."""
    elements = [
        message.delta.new_element
        for message in heard
        if message.WhichOneof("type") == "delta"
        and message.delta.WhichOneof("type") == "new_element"
    ]
    return [one.vega_lite_chart.alt or one.WhichOneof("type") for one in elements]


@pytest.fixture(scope="module")
def heard_page(browser, tabs, site):
    """A page, and what its server sends: one visit for all that may begin anywhere."""
    with visiting(browser, tabs) as visit:
        page = visit("about:blank")
        heard = listen(page)
        page.goto(site)
        settle(page)
        yield page, heard


def test_links_lead_to_the_questions_and_one_button_closes_all(heard_page):
    page, _ = heard_page
    question = open_question(page, "Shrunken or refitted?")
    open_question(page, "One update, taken apart")
    said(page, "No p-values")
    page.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")
    expect(question).not_to_be_in_viewport()
    page.get_by_role("link", name="Relaxed lasso").click()
    expect(question).to_be_in_viewport()
    page.get_by_role("button", name="Close all").click()
    expect(page.get_by_test_id("stMain").locator("details[open]")).to_have_count(0)
    expect(question).not_to_contain_text("No p-values")


def test_a_switch_of_units_draws_the_bars_and_no_question(heard_page):
    page, heard = heard_page
    curves = "Weights over the epochs, L1"
    question = open_question(page, "Weights over the epochs")
    expect(question.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    settle(page)
    assert curves in drawn(heard)
    heard.clear()
    page.get_by_role("radio", name="original").click()
    bars = "Weights of the features in original units, without a penalty"
    expect(page.locator(f"[aria-label^='{bars}']").first).to_be_visible()
    settle(page)
    assert any(title.startswith(bars) for title in drawn(heard))
    assert curves not in drawn(heard)
    assert "slider" not in drawn(heard)
    heard.clear()
    page.get_by_role("slider", name="Penalty strength").press("End")
    expect(page.get_by_test_id("stMetricValue").nth(1)).to_have_text("0 of 10")
    settle(page)
    assert curves in drawn(heard)


def test_the_cost_curves_follow_lambda_and_are_not_built_anew(page):
    question = open_question(page, "In 30 seconds")
    slid, chart = question.locator("input[type=range]"), question.locator("svg.marks")
    expect(chart).to_be_visible(timeout=PATIENCE)
    # The first is without a penalty, and stays.
    lines = chart.locator(".mark-line path").nth(1)
    begun = slid.input_value(), lines.get_attribute("d")
    chart.evaluate("chart => { chart.dataset.built = 'once' }")
    page.get_by_role("slider", name="Penalty strength").press("End")
    expect(slid).to_have_value("0", timeout=PATIENCE)
    assert begun[0] != "0"
    settle(page)
    expect(lines).not_to_have_attribute("d", begun[1])
    expect(chart).to_have_attribute("data-built", "once")
