"""What a step of λ sends: what it does not change stays as the browser has it."""

from regcore.page.shares import SHARES
from regcore.questions import QUESTIONS, profile
from tests.tables import table
from tests.visits import Visit, csv_of


def opened() -> Visit:
    """A visit to a small table, with every question open."""
    visit = Visit().upload(csv_of(table("binary", n=90, p=4)))
    for one in (profile.QUESTION, *QUESTIONS):
        visit.at.session_state[f"section: {one.key}"] = True
    visit.at.run()
    assert not visit.at.exception
    return visit


def specifications(visit: Visit) -> dict[str, str]:
    """How each chart is drawn, without its numbers."""
    charts = visit.at.get("vega_lite_chart")
    return {chart.proto.alt: chart.proto.spec for chart in charts}


def test_a_step_of_lambda_has_no_chart_built_anew_and_no_control_set():
    visit = opened()
    before = specifications(visit)
    numbers = visit.comparison.summary
    at = SHARES.index(visit.at.session_state["share"])
    visit.set("share", SHARES[at - 3])
    assert not visit.at.exception
    assert not numbers.equals(visit.comparison.summary)
    after = specifications(visit)
    both = before.keys() & after.keys()
    assert len(both) > 20
    assert [alt for alt in sorted(both) if before[alt] != after[alt]] == []
    # A browser draws anew what is set, and be it to what it is. The framework itself
    # sets what is disabled.
    controls = [one.proto for one in visit.controls() if one.key != "share"]
    assert len(controls) > 20
    assert [x.label for x in controls if x.set_value and not x.disabled] == []
