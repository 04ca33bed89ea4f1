"""What is set comes back with the address, and nothing else comes with it."""

import dataclasses
import re
from functools import cache
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from regcore import Settings, Task
from regcore.page.address import MOST
from regcore.page.columns import features_key, target_key
from regcore.questions.strength.answer import Match
from regcore.settings import ColumnType, Dates, L1Step, Missing, Repeats, Split
from tests.driving import PATIENCE, said, settle
from tests.tables import table
from tests.visits import Visit, csv_of

NAMES = {
    "target": "target",
    "features": "features",
    "task": "task",
    "validation_share": "held-out",
    "test_share": "locked",
    "seed": "seed",
    "standardise": "standardise",
    "missing": "missing",
    "types": "types",
    "without": "without",
    "dates": "dates",
    "split": "split",
    "repeats": "repeats",
    "group": "group",
    "lam": "lambda",
    "lam_l2": "match",
    "l1_step": "l1-step",
    "learning_rate": "rate",
    "epochs": "epochs",
    "seconds": "epochs",
    "batch_size": "batch-size",
}
"""Where each setting stands in the address."""

NOT_SET = {"tolerance", "totals", "date_order", "centuries", "key"}
"""No control of a sample: nothing sets them, nothing in a sample asks for them, or the
split has no key."""


TRAINING = {
    "rate": 0.01,
    "epochs": 9,
    "batch size": 50,
    "L1 step": L1Step.TEXTBOOK,
    "held out": 30,
    "locked": 10,
    "seed": 7,
    "standardise": False,
    "missing": Missing.DROP,
    "dates": Dates.PARTS,
    "split": Split.GROUPS,
    "repeats": Repeats.TOGETHER,
    "match": Match.SAME_EFFECTIVE,
}

VIEW = {
    "units": "original",
    "log loss": True,
    "overlaid": True,
    "log epochs": False,
    "section: columns": True,
    "section: update": True,
}


def set_all(visit: Visit, values: dict[str, object]) -> Visit:
    """Set controls at once, by their keys."""
    for key, value in values.items():
        visit.at.session_state[key] = value
    visit.at.run()
    assert not visit.at.exception
    return visit


def test_every_setting_of_a_sample_and_the_view_of_it_come_back():
    visit = Visit().set("share", 0.01)
    dataset = visit.at.session_state["dataset"]
    columns = list(dataset.table.columns)
    features, digest = features_key(dataset, "sex"), dataset.digest[:16]
    set_all(visit, {**TRAINING, **VIEW, target_key(dataset): "sex"})
    own = {
        features: columns[3:8],
        f"task with {features}": Task.REGRESSION,
        f"group of {digest}": columns[2],
        f"types of {digest}": {columns[5]: ColumnType.CATEGORY},
        f"without {features}": [columns[4]],
    }
    set_all(visit, own)
    address = visit.address
    assert set(NAMES) | NOT_SET == {f.name for f in dataclasses.fields(Settings)}
    assert set(NAMES.values()) <= set(address)
    again = Visit(**address)
    assert not again.at.exception
    assert again.told == []
    assert again.comparison.settings == visit.comparison.settings
    assert again.values() == visit.values()
    assert again.address == address
    assert len(urlencode(address)) <= MOST


def test_a_split_by_the_hash_of_a_key_comes_back_with_its_key():
    visit = set_all(Visit(), {"split": Split.HASH})
    assert visit.comparison.settings.key is None
    dataset = visit.at.session_state["dataset"]
    column = dataset.table.columns[2]
    set_all(visit, {f"key of {dataset.digest[:16]}": column})
    again = Visit(**visit.address)
    assert again.comparison.settings == visit.comparison.settings
    assert again.comparison.settings.key == column


def test_a_question_comes_back_with_its_choices():
    visit = set_all(Visit(sample="wine"), {"section: predictions": True})
    visit.set(
        "predictions, class of", visit.control("predictions, class of").options[2]
    )
    visit.set("predictions, threshold", 0.3)
    address = visit.address
    assert address == {
        "sample": "wine",
        "open-predictions": "on",
        "predictions.class": "2",
        "predictions.threshold": "0.3",
    }
    again = Visit(**address)
    assert again.values() == visit.values()
    assert again.address == address


HOSTILE = (
    "",
    "-1",
    "nan",
    "1e400",
    "9" * 400,
    "0.1.99",
    "<img src=x>",
    "../..",
    "on\0",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_cannot_be_is_said_and_leaves_everything_as_it_was(text):
    names = {*NAMES.values(), "sample", "file", "scores", "class", "units", "x y"}
    visit = Visit(
        **dict.fromkeys([*names, "open-path", "open-columns", "log-loss"], text)
    )
    assert not visit.at.exception
    (told,) = visit.told
    assert told.startswith("The address of the page asks for what cannot be: ")
    assert not re.search(r"(?<!\\)<img", visit.at.toast[0].value)
    assert visit.address == {}
    assert visit.values() == first_values()
    visit.set("epochs", 9)
    assert visit.told == []


@cache
def first_values() -> dict[str, object]:
    return Visit().values()


def test_an_address_that_is_too_long_is_not_read():
    visit = Visit(epochs="9", without="x" * MOST)
    assert "more than 2,048 characters" in visit.told[0]
    assert visit.control("epochs").value is None


def test_of_a_file_nothing_but_the_settings_is_in_the_address_and_they_wait_for_it():
    raw = csv_of(table("multiclass", n=150).rename(columns=lambda name: f"my {name}"))
    visit = Visit().upload(raw, "mine.csv").set("target", "my y").set("share", 0.01)
    dataset = visit.at.session_state["dataset"]
    numbers = [name for name in dataset.table.columns if name != dataset.target]
    set_all(visit, {**TRAINING, "split": Split.ORDER, **VIEW, "overlaid": False})
    visit.set("features for", numbers[:2]).set("class of", "birch")
    address = visit.address
    said = " ".join([*address, *address.values()])
    assert "my" not in said.replace("missing", "")
    assert "mine" not in said
    assert "birch" not in said
    assert not {"target", "features", "types", "without", "group", "class"} & {*address}
    assert address["file"] == "own"

    again = Visit(**address)
    assert again.refusals[0].startswith("The page was loaded anew, and a file is not")
    assert not again.at.metric
    assert not again.at.get("vega_lite_chart")
    assert again.address == address
    again.upload(raw, "mine.csv")
    assert again.refusals == []
    assert again.told == []
    expected = visit.set("features for", []).comparison.settings
    assert again.comparison.settings == expected
    assert again.address == address


def test_what_is_set_stays_in_the_address_while_nothing_can_be_trained():
    visit = set_all(Visit(sample="wine").set("share", 0.01), {"log loss": True})
    address = visit.address
    visit.set("locked", 5)
    assert visit.refusals
    assert visit.address == {**address, "locked": "5"}


def test_who_does_not_have_the_file_any_more_sees_the_sample_with_the_settings():
    visit = Visit(file="own", epochs="9")
    assert visit.refusals
    (button,) = [one for one in visit.at.button if one.label == "Show the sample"]
    button.click()
    visit.at.run()
    assert visit.refusals == []
    assert visit.usable()
    assert visit.address == {"epochs": "9"}


def address_of(page) -> dict[str, str]:
    parts = parse_qs(urlsplit(page.url).query)
    return {name: text for name, (text,) in parts.items()}


def arrives_at(page, **address: str) -> None:
    """Wait until the address says so, and the page shows it."""
    query = urlencode(sorted(address.items()))
    page.wait_for_function(
        """query => {
            const params = new URLSearchParams(location.search);
            params.sort();
            return params.toString() === query;
        }""",
        arg=query,
        timeout=PATIENCE,
    )
    settle(page)


@pytest.mark.browser
def test_a_reload_keeps_what_is_set_and_back_steps_through_it(page):
    slider = page.get_by_role("slider", name="Penalty strength")
    proposed = slider.get_attribute("aria-valuetext")
    assert address_of(page) == {}
    slider.press("End")
    arrives_at(page, **{"lambda": "1"})
    said(page, "L1 removes every weight")
    page.get_by_text("Log loss").click()
    arrives_at(page, **{"lambda": "1", "log-loss": "on"})
    section = page.get_by_test_id("stExpander").filter(has_text="Shrunken or refitted?")
    section.locator("summary").press("Enter")
    shown = {"lambda": "1", "log-loss": "on", "open-refit": "on"}
    arrives_at(page, **shown)

    page.reload()
    arrives_at(page, **shown)
    said(page, "L1 removes every weight")
    expect(page.get_by_role("switch", name="Log loss")).to_be_checked()
    expect(section.locator("details")).to_have_attribute("open", "")

    combo = page.get_by_role("combobox", name="or a sample")
    combo.click()
    page.get_by_role("option", name="Wine (three classes)").click()
    said(page, re.compile(r"^Wine"))
    settle(page)
    assert address_of(page)["sample"] == "wine"

    page.go_back()
    arrives_at(page, **shown)
    said(page, re.compile(r"^Diabetes"))
    said(page, "L1 removes every weight")
    page.go_back()
    page.go_back()
    page.go_back()
    arrives_at(page)
    expect(slider).to_have_attribute("aria-valuetext", proposed, timeout=PATIENCE)
    expect(page.get_by_role("switch", name="Log loss")).not_to_be_checked()
    expect(section.locator("details")).not_to_have_attribute("open", "")
    page.go_forward()
    arrives_at(page, **{"lambda": "1"})
    said(page, "L1 removes every weight")
