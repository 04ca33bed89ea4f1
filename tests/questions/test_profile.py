"""In 30 seconds: one weight's cost under the three penalties."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LinearRegression, Ridge

from regcore import Settings, compare
from regcore.problem import pose
from regcore.questions import profile
from regcore.questions.profile import answer
from regcore.questions.profile.answer import cost_curves, proposed_weights
from regcore.questions.profile.chart import cost_chart
from regcore.questions.profile.words import in_words
from regcore.questions.question import answer as answered
from regcore.settings import DesignError
from tests.questions.test_questions import Plain
from tests.tables import table
from tests.visits import Visit, plain


def nothing(share: float) -> None:
    """Is told what share is done."""


@pytest.fixture(scope="module")
def looked_at():
    problem = pose(table(n=80, p=5), Settings(target="y"))
    j = proposed_weights(problem, nothing)[0]
    return problem, j, cost_curves(problem, (j, 0), nothing)


def test_the_minima_are_where_scikit_learn_has_the_weight(looked_at):
    problem, j, curves = looked_at
    X, y, n = problem.design.X, problem.design.Y[:, 0], problem.n
    none = LinearRegression().fit(X, y).coef_[j]
    np.testing.assert_allclose(curves.best["none"], none, rtol=1e-6)
    for i in (0, 10, 20):
        lam = 10 ** curves.powers[i] * problem.lam_max
        lasso = Lasso(alpha=lam / n, tol=1e-12).fit(X, y).coef_[j]
        assert curves.best["L1"][i] == pytest.approx(lasso, abs=1e-7)
        assert curves.best["L2"][i] == pytest.approx(
            Ridge(alpha=lam).fit(X, y).coef_[j]
        )


def test_cost_lies_above_its_smallest_and_touches_it_at_the_minimum(looked_at):
    _, _, curves = looked_at
    for name, costs in curves.costs.items():
        assert (costs >= -1e-6).all()
        lowest = curves.values[costs.argmin(axis=1)]
        step = np.diff(curves.values).max()
        assert (np.abs(lowest - curves.best[name]) <= step).all()


def test_only_the_curve_of_l1_breaks_at_zero(looked_at):
    problem, _, curves = looked_at
    at = int(np.flatnonzero(curves.values == 0.0)[0])
    x = curves.values[at - 1 : at + 2]
    for i in (0, 10, 20):
        strength = 10 ** curves.powers[i] * problem.lam_max / problem.n
        breaks = {
            name: np.diff(np.diff(costs[i][at - 1 : at + 2]) / np.diff(x))[0]
            for name, costs in curves.costs.items()
        }
        bent = breaks["L2"]
        assert breaks["L1"] - 2 * strength == pytest.approx(
            breaks["none"], abs=0.5 * bent
        )
        assert bent < 2 * (1 + strength) * (x[2] - x[0])


def test_l1_sticks_at_zero_from_one_lambda_on_and_l2_never_does(looked_at):
    _, _, curves = looked_at
    i = curves.sticks
    assert not curves.best["L1"][i:].any()
    assert curves.best["L1"][i - 1] != 0.0
    assert curves.best["L2"].all()
    words = in_words(curves, "x")
    assert len(words) == 3
    assert f"from λ = {100 * 10 ** curves.powers[i]:.2g} % of λₘₐₓ on its" in words[1]
    assert words[2].startswith("L2's minimum only moves towards 0: at ")


def test_each_other_way_that_it_can_come_out_is_said(looked_at):
    _, _, curves = looked_at
    alive, dead = np.ones_like(curves.powers), np.zeros_like(curves.powers)
    never = in_words(replace(curves, best=curves.best | {"L1": alive}), "x")
    assert never[1:] == ("L1's curve breaks at 0, but its minimum is never there.",)
    always = in_words(replace(curves, best=curves.best | {"L1": dead}), "x")
    assert (
        always[1]
        == "L1's curve breaks at 0, and at every λ here its minimum sticks there."
    )
    costs = {name: costs for name, costs in curves.costs.items() if name != "none"}
    apart = in_words(replace(curves, costs=costs), "x")
    assert apart[0].endswith("for it; without a penalty there is no best.")


def test_the_proposed_weight_is_one_that_l1_drops_between_a_weak_and_a_strong_lambda():
    rng = np.random.default_rng(0)
    frame = table(n=80, p=5)
    frame["y"] = 2 * frame["x0"] + 0.15 * frame["x1"] + 0.1 * rng.standard_normal(80)
    problem = pose(frame, Settings(target="y"))
    assert problem.design.features[proposed_weights(problem, nothing)[0]] == "x1"


def test_what_takes_too_long_is_refused_in_a_sentence(monkeypatch):
    problem = pose(table(), Settings(target="y"))
    monkeypatch.setattr(answer, "MOST_SECONDS", 0.0)
    with pytest.raises(
        DesignError, match=r"would take about .*; choose fewer features"
    ):
        cost_curves(problem, (0, 0), nothing)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_the_question_is_answered_in_three_sentences_and_a_picture(task):
    result = compare(table(task, n=60, p=3), Settings("y", lam=4.0, epochs=30))
    (part,) = answered(profile.QUESTION, Plain(result, on=False))
    assert 2 <= len(part.words) <= 3
    drawn = part.panels[0].figures[0].chart.to_dict()
    rows = [row for rows in drawn["datasets"].values() for row in rows]
    penalties = {row["penalty"] for row in rows if "penalty" in row}
    assert {"L1", "L2"} <= penalties <= {"none", "L1", "L2"}


def test_at_first_it_stands_at_the_lambda_of_the_page(looked_at):
    _, _, curves = looked_at
    drawn = cost_chart(curves, -0.72, "x").to_dict()
    assert drawn["params"][0]["value"] == -0.7
    assert cost_chart(curves, -5.0, "x").to_dict()["params"][0]["value"] == -2.0


def test_on_the_page_it_is_closed_and_costs_nothing_until_it_is_opened(monkeypatch):
    calls = []
    whole = answer.cost_curves

    def counted(*args):
        calls.append(args)
        return whole(*args)

    monkeypatch.setattr(profile, "cost_curves", counted)
    visit = Visit()
    labels = [section.label for section in visit.at.main.expander]
    assert sum(label.startswith("In 30 seconds: ") for label in labels) == 1
    assert not calls
    visit.at.session_state["section: profile"] = True
    visit.at.run()
    assert not visit.at.exception
    assert len(calls) == 1
    assert any("L1's curve breaks at 0" in plain(x.value) for x in visit.at.markdown)
