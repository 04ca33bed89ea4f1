"""On the page: rows are locked away, opened once, and every look is counted."""

import pytest

from tests.tables import table
from tests.visits import Visit, csv_of, plain

OWN = csv_of(table(n=120, p=4))

BUTTON = "Open the test rows, once"


@pytest.fixture
def visit():
    visit = Visit().upload(OWN)
    visit.at.session_state["section: last_word"] = True
    visit.at.run()
    return visit


def said(visit):
    """The words of the section."""
    texts = [plain(text.value) for text in visit.at.markdown]
    found = [
        text
        for text in texts
        if "on the rows held out ha" in text or "No rows are locked away" in text
    ]
    assert len(found) == 1
    return found[0]


def opener(visit):
    return [button for button in visit.at.button if button.label == BUTTON]


def test_without_rows_locked_away_nothing_can_be_opened(visit):
    assert said(visit).startswith("No rows are locked away. So far the scores of 1 ")
    assert not opener(visit)


def test_rows_that_are_locked_away_are_neither_trained_on_nor_in_the_preview(visit):
    visit.set("locked", 25)
    design = visit.comparison.problem.design
    assert len(design.test_rows) == 30
    assert "60 training rows, 30 held out, 30 locked away" in visit.described
    assert said(visit).startswith("30 rows are locked away")
    visit.at.session_state["section: columns"] = True
    visit.at.run()
    shown = visit.at.dataframe[0].value.index
    assert len(shown) == 50
    assert not set(shown) & set(design.test_rows)


def test_they_are_opened_once_and_the_looks_are_counted(visit):
    before, seen = {visit.comparison.settings}, set()
    for key, value in [
        ("locked", 25),
        ("share", 0.5011872336272722),
        ("share", 0.01),
        ("share", 0.5011872336272722),
    ]:
        seen.add(visit.set(key, value).comparison.settings)
    chosen = visit.comparison
    assert (len(before), len(seen)) == (1, 3)
    assert (
        "So far the scores of 4 settings on the rows held out have been looked at, 1 "
        "of them before all of these rows were locked away."
    ) in said(visit)
    opener(visit)[0].click().run()
    assert not visit.at.exception
    words = said(visit)
    assert f"At λ = {chosen.settings.lam:.4g} the 30 test rows say: R² " in words
    assert f"{chosen.test_measured[0].values[1]:.3f} with L1" in words
    assert "Before that the scores of 4 settings" in words
    assert words.endswith("from here on, these rows cannot judge.")
    assert not opener(visit)
    visit.set("share", 0.2511886431509581)
    assert "1 other setting has shown its score since" in said(visit)
    assert f"At λ = {chosen.settings.lam:.4g} the 30 test rows" in said(visit)


def test_there_is_no_locking_again(visit):
    visit.set("locked", 25)
    opener(visit)[0].click().run()
    visit.set("locked", 0).set("seed", 3).set("locked", 30)
    assert not opener(visit)
    # That with no row locked away had been seen before.
    assert "2 other settings have shown their scores since" in said(visit)


def test_another_target_has_rows_of_its_own(visit):
    visit.set("locked", 25)
    opener(visit)[0].click().run()
    assert not opener(visit)
    visit.set("target of", table(n=120, p=4).columns[0])
    assert len(opener(visit)) == 1
    assert "So far the scores of 1 setting on" in said(visit)


def test_too_few_rows_are_refused_in_a_sentence(visit):
    visit.set("locked", 5)
    assert visit.refusals == [
        "5 % of 120 rows lock 6 rows away, and at least 10 are needed to judge by; "
        "lock away a larger share, or none."
    ]
