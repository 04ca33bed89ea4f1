"""In 30 seconds: one weight's cost under the three penalties."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import Lasso, LinearRegression, Ridge

from regcore import Settings, compare
from regcore.model.penalties import Penalty
from regcore.problem import pose
from regcore.questions import profile
from regcore.questions.profile import answer
from regcore.questions.profile.answer import cost_curves, proposed_weights
from regcore.questions.profile.chart import cost_chart
from regcore.questions.profile.words import in_words
from regcore.questions.question import answer as answered
from regcore.settings import DesignError
from regcore.solve.optimum import Status, solve
from regcore.solve.profile import profile as solved
from regcore.words import figures
from tests.questions.test_questions import Plain
from tests.tables import table
from tests.visits import Visit, plain


def nothing(share: float) -> None:
    """Is told what share is done."""


@pytest.fixture(scope="module")
def looked_at():
    """A weight beside one of nearly the same feature, which pulls it across 0."""
    frame = table(n=80, p=5)
    frame["x1"] = frame["x0"] + 0.5 * frame["x1"]
    frame["y"] = frame["x0"] + frame["x2"] - 0.4 * frame["x1"] + 0.1 * frame["y"]
    problem = pose(frame, Settings(target="y"))
    j = problem.design.features.index("x1")
    return problem, j, cost_curves(problem, (j, 0), nothing)


@pytest.fixture(scope="module")
def result():
    return compare(table(n=40, p=3), Settings("y", epochs=1))


def peers(problem, i, curves):
    """The strength and scikit-learn's three models at one λ."""
    lam = 10 ** curves.powers[i] * problem.lam_max
    models = {
        "none": LinearRegression(),
        "L1": Lasso(alpha=lam / problem.n, tol=1e-12),
        "L2": Ridge(alpha=lam),
    }
    return lam / problem.n, models


def cost_of(name, strength, w, residuals):
    """By hand, of a model with these weights."""
    taken = {"none": 0.0, "L1": np.abs(w).sum(), "L2": 0.5 * w @ w}[name]
    return 0.5 * (residuals**2).mean() + strength * taken


def test_the_minima_are_where_scikit_learn_has_the_weight(looked_at):
    problem, j, curves = looked_at
    X, y = problem.design.X, problem.design.Y[:, 0]
    for i in range(len(curves.powers)):
        for name, model in peers(problem, i, curves)[1].items():
            weight = model.fit(X, y).coef_[j]
            assert curves.best[name][i] == pytest.approx(weight, abs=1e-7)
            assert (curves.best[name][i] == 0.0) == (weight == 0.0)


def test_every_value_costs_what_scikit_learn_needs_for_the_others(looked_at):
    problem, j, curves = looked_at
    X, y = problem.design.X, problem.design.Y[:, 0]
    others, own, values = np.delete(X, j, axis=1), X[:, j], curves.values[::7]
    for i in (0, 10, 20):
        strength, models = peers(problem, i, curves)
        for name, model in models.items():
            left = y - model.fit(X, y).predict(X)
            smallest = cost_of(name, strength, model.coef_, left)
            for value, cost in zip(values, curves.costs[name][i][::7], strict=True):
                left = y - value * own
                left = left - model.fit(others, left).predict(others)
                truth = cost_of(name, strength, np.append(model.coef_, value), left)
                assert cost == pytest.approx(truth - smallest, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_between_the_values_that_were_solved_for_the_cost_is_what_solving_gives(
    task, monkeypatch
):
    monkeypatch.setattr(answer, "STEPS_OF_CLASSES", 1)
    problem = pose(table(task, n=60, p=3), Settings(target="y"))
    weight = 1, problem.start[1].size - 1
    curves = cost_curves(problem, weight, nothing)
    values = curves.values[1::7]
    strength = 10 ** curves.powers[1] * problem.lam_max / problem.n
    for name, penalty in (("L1", Penalty(l1=strength)), ("L2", Penalty(l2=strength))):
        cost, _ = solved(problem.oracle, penalty, weight, values, problem.start)
        cost += penalty.l1 * np.abs(values)
        best = solve(problem.oracle, penalty, problem.start).objective
        np.testing.assert_allclose(
            curves.costs[name][1][1::7], cost - best, atol=1e-4 * np.ptp(cost)
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


def test_l1_sticks_at_zero_from_one_lambda_on_and_l2_goes_through_it(looked_at, result):
    _, _, curves = looked_at
    i = curves.sticks
    assert not curves.best["L1"][i:].any()
    assert curves.best["L1"][i - 1] != 0.0
    l2 = curves.best["L2"]
    assert l2.all()
    assert l2[0] < 0.0 < l2[-1]
    share = figures(100 * 10 ** curves.powers[i], 2)
    assert in_words(result, curves, "x") == (
        "What every value of the weight of «x» costs, loss and penalty, with all other "
        "weights at their best for it.",
        f"L1's curve breaks at 0, and from λ = {share} % of λₘₐₓ on its minimum sticks "
        "there.",
        f"L2's minimum does not stick: at {share} % it is at {figures(l2[i], 2)}.",
    )


def test_each_other_way_that_it_can_come_out_is_said(looked_at, result):
    _, _, curves = looked_at
    alive, dead = np.ones_like(curves.powers), np.zeros_like(curves.powers)
    never = in_words(result, replace(curves, best=curves.best | {"L1": alive}), "x")
    assert never[1:] == ("L1's curve breaks at 0, but its minimum is never there.",)
    always = in_words(result, replace(curves, best=curves.best | {"L1": dead}), "x")
    assert (
        always[1]
        == "L1's curve breaks at 0, and at every λ here its minimum sticks there."
    )
    costs = {name: costs for name, costs in curves.costs.items() if name != "none"}
    curves, none = replace(curves, costs=costs), result.optima[0]
    for status, said in (
        (Status.SEPARABLE, "No penalty has no optimum here."),
        (Status.STOPPED, "The optimum without a penalty is not known here."),
    ):
        optima = (replace(none, status=status), *result.optima[1:])
        words = in_words(replace(result, optima=optima), curves, "x")
        assert words[0].endswith(f" at their best for it. {said}")


def test_the_strength_from_which_a_weight_sticks_is_told_wherever_it_is(
    looked_at, result
):
    _, _, curves = looked_at
    for i, power in enumerate(curves.powers[1:], start=1):
        best = curves.best | {"L1": (np.arange(len(curves.powers)) < i).astype(float)}
        words = in_words(result, replace(curves, best=best), "x")
        share = f"{figures(100.0 * 10.0**power, 2)} %"
        assert f"from λ = {share} of λₘₐₓ on" in words[1]
        assert f" at {share} it is at " in words[2]


def test_a_minimum_within_what_is_drawn_is_not_said_to_be_beyond(looked_at, result):
    _, _, curves = looked_at
    low, high = curves.values[:2].mean(), curves.values[-2:].mean()
    for at, beyond in [(low, False), (high, False), (2 * low, True), (2 * high, True)]:
        none = curves.best["none"].copy()
        none[0] = at
        best = curves.best | {"none": none}
        words = in_words(result, replace(curves, best=best), "x")
        assert (", not drawn." in words[0]) == beyond


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_a_minimum_far_out_without_a_penalty_is_said_and_flattens_no_other(task):
    rng = np.random.default_rng(1)
    frame = table(task, n=80, p=3)
    frame["x1"] = frame["x0"] + 1e-8 * rng.standard_normal(80)
    result = compare(frame, Settings("y", epochs=1))
    problem = result.problem
    curves = cost_curves(problem, (0, 0), nothing)
    far = curves.best["none"][0]
    assert abs(far) > 1e4
    reach = max(np.abs(curves.best[name]).max() for name in ("L1", "L2"))
    assert np.abs(curves.values).max() < 2 * reach
    assert in_words(result, curves, "x0")[0].endswith(
        f" at their best for it. Without a penalty it costs least at "
        f"{figures(far, 3)}, not drawn."
    )
    drawn = cost_chart(curves, -1.0, "x").to_dict()["datasets"].values()
    dots = [row for rows in drawn for row in rows if row.get("above") == 0.0]
    assert {row["penalty"] for row in dots if "dashed" not in row} == {"L1", "L2"}
    X, y = problem.design.X, problem.design.Y[:, 0]
    i, value = len(curves.powers) // 2, curves.values[10]
    strength = 10 ** curves.powers[i] * problem.lam_max / problem.n

    def cost(rest, l2):
        w, z = np.r_[value, rest[:-1]], X @ np.r_[value, rest[:-1]] + rest[-1]
        losses = np.logaddexp(0, z) - y * z if task == "binary" else (z - y) ** 2 / 2
        return losses.mean() + l2 / 2 * w @ w

    none = problem.optimum_without_penalty()
    ridge = solve(problem.oracle, Penalty(l2=strength), problem.start)
    for name, l2, row, best in (("none", 0.0, 0, none), ("L2", strength, i, ridge)):
        least = minimize(cost, np.zeros(X.shape[1]), args=(l2,), tol=1e-12).fun
        assert curves.costs[name][row][10] == pytest.approx(
            least - best.objective, rel=1e-3, abs=1e-7
        )


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
    drawn = part.panels[0].figure.chart.to_dict()
    rows = [row for rows in drawn["datasets"].values() for row in rows]
    penalties = {row["penalty"] for row in rows if "penalty" in row}
    assert {"L1", "L2"} <= penalties <= {"none", "L1", "L2"}
    # At the λ in the middle no curve leaves the picture, and one goes high up in it.
    (top,) = {
        layer["encoding"]["y"]["scale"]["domain"][1]
        for layer in drawn["layer"]
        if "y" in layer.get("encoding", ())
    }
    middle = max(row["step"] for row in rows if "step" in row) // 2
    most = max(row["above"] for row in rows if row.get("step") == middle)
    assert 0.5 * top < most <= top


def test_at_first_it_stands_at_the_lambda_of_the_page(looked_at):
    _, _, curves = looked_at
    begun, weak = (cost_chart(curves, power, "x") for power in (-0.72, -5.0))
    assert [*begun.tables["now"]["power"]] == [-0.7]
    assert [*weak.tables["now"]["power"]] == [-2.0]
    assert begun.specification == weak.specification


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
