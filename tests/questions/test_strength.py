"""Effective parameters against the hat matrix, and λ of equal strength."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from regcore import Settings
from regcore.compare import train as train_posed
from regcore.model.blocks import no_tick
from regcore.model.penalties import Penalty
from regcore.problem import pose
from regcore.questions.path.answer import trace
from regcore.questions.strength import answer as strength
from regcore.questions.strength import chart as strength_charts
from regcore.questions.strength import words as strength_words
from regcore.questions.strength.answer import Match
from regcore.solve.optimum import solve
from regcore.words import figures
from tests.sampled import DIABETES, WINE, compare_sample
from tests.tables import TASKS, table, train
from tests.visits import APP


def posed(task="regression", **size):
    return pose(table(task, **{"n": 60, "p": 5, **size}), Settings(target="y"))


def effective_l1(problem, lam):
    """Effective parameters of L1, as a comparison at this λ says them."""
    settings = Settings(target="y", lam=lam, epochs=1)
    return strength.effective_parameters(train_posed(problem, settings))[0]


def test_for_squared_error_it_is_the_trace_of_the_hat_matrix():
    problem = posed()
    X = problem.design.X
    d = np.linalg.svd(X, compute_uv=False)
    for lam in (0.1, 3.0, 50.0, 1e4):
        hat = X @ np.linalg.solve(X.T @ X + lam * np.eye(5), X.T)
        expected = np.trace(hat)
        assert strength.effective_l2(problem, lam) == pytest.approx(expected)
        assert expected == pytest.approx((d**2 / (d**2 + lam)).sum())


def test_for_two_classes_it_is_that_of_the_last_newton_step():
    problem = posed("binary")
    X, lam = problem.design.X, 4.0
    optimum = solve(problem.oracle, Penalty(l2=lam / problem.n), problem.start)
    mean = problem.loss.mean(X @ optimum.W + optimum.b)[:, 0]
    weight = mean * (1 - mean)
    # The free bias takes the weighted mean out of every column.
    centred = X - weight @ X / weight.sum()
    gram = centred.T @ (weight[:, None] * centred)
    hat = np.trace(np.linalg.solve(gram + lam * np.eye(5), gram))
    assert strength.effective_l2(problem, lam) == pytest.approx(hat, rel=1e-6)


def test_for_more_classes_it_is_the_sensitivity_of_the_fit():
    # Trace of dZ/dZ' for the weighted ridge regression of the last Newton step.
    problem = posed("multiclass")
    X, lam, k = problem.design.X, 4.0, 3
    n, p = X.shape
    optimum = solve(problem.oracle, Penalty(l2=lam / n), problem.start)
    weight = problem.loss.weight(problem.loss.mean(X @ optimum.W + optimum.b))
    rows = np.hstack([X, np.ones((n, 1))])
    H = np.einsum("ni,nab,nj->iajb", rows, weight, rows).reshape(k * (p + 1), -1)
    penalty = np.kron(np.diag(np.r_[np.full(p, lam), 0.0]), np.eye(k))
    whole = np.trace(np.linalg.pinv(H + penalty, rcond=1e-10) @ H)
    # The biases are k − 1 parameters that no penalty shrinks.
    assert strength.effective_l2(problem, lam) == pytest.approx(whole - (k - 1))


@pytest.mark.parametrize("task", TASKS)
def test_it_falls_from_all_directions_to_none(task):
    problem = posed(task)
    effective = [
        strength.effective_l2(problem, share * problem.lam_max)
        for share in (1e-6, 1e-2, 1.0, 1e2, 1e5)
    ]
    assert (np.diff(effective) < 0).all()
    outputs = 2 if task == "multiclass" else 1
    assert effective[0] == pytest.approx(5 * outputs, abs=0.01)
    assert effective[-1] < 0.01


def test_without_a_penalty_it_is_the_rank():
    frame = table(n=60, p=4)
    frame["copy"] = 2 * frame["x1"]
    assert strength.effective_l2(pose(frame, Settings(target="y")), 0.0) == 4.0


def test_of_sums_and_of_as_many_weights_as_classes_not_all_count_for_l1():
    # Of four features of equal spread the first two sum to the last two.
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((60, 4))
    u, v, w, x = np.linalg.qr(drawn - drawn.mean(axis=0))[0].T
    frame = pd.DataFrame({"a": u + v, "b": u - v, "c": u + w, "d": u - w, "x": x})
    frame["y"] = frame.sum(axis=1) + 0.01 * rng.standard_normal(60)
    problem = pose(frame, Settings(target="y", validation_share=0))
    lam = 1e-3 * problem.lam_max
    W = solve(problem.oracle, Penalty(l1=lam / problem.n), problem.start).W
    kept = problem.design.X[:, W[:, 0] != 0]
    assert kept.shape[1] == 5
    assert effective_l1(problem, lam) == np.linalg.matrix_rank(kept) == 4
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 3))
    noisy = X @ rng.standard_normal((3, 4)) + rng.gumbel(size=(200, 4))
    frame = pd.DataFrame(X).add_prefix("x")
    frame["y"] = np.array(list("abcd"))[noisy.argmax(axis=1)]
    problem = pose(frame, Settings(target="y"))
    assert effective_l1(problem, 1e-3 * problem.lam_max) == 3 * (4 - 1)


def test_where_no_strength_of_l2_has_as_many_the_sentence_says_so():
    # Separated classes: as λ falls the weights grow, and their rows cease to count.
    result = compare_sample(WINE, 0.003, epochs=5)
    problem, lam = result.problem, result.settings.lam
    weakest = strength.FLOOR * problem.lam_max
    assert strength.matched_lam_l2(problem, lam) == weakest
    kept, at_weakest = (
        effective_l1(problem, lam),
        strength.effective_l2(problem, weakest),
    )
    assert at_weakest < kept - 1
    frame = strength.matches(problem, trace(problem, result.settings), lam)
    words = strength_words.in_words(result, frame, 10)
    assert f"the weakest looked at, it comes to {at_weakest:.1f}." in words
    assert "without any penalty" not in words


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.7])
def test_matched_l2_has_as_many_as_l1_keeps(task, share):
    problem = posed(task, p=7)
    lam = share * problem.lam_max
    kept = effective_l1(problem, lam)
    matched = strength.matched_lam_l2(problem, lam)
    if matched == 0.0:
        assert kept >= strength.effective_l2(problem, 1e-5 * problem.lam_max)
    else:
        assert strength.effective_l2(problem, matched) == pytest.approx(kept, abs=1e-3)


def test_corners_of_a_match_are_no_penalty_and_the_strongest():
    problem = posed()
    assert strength.matched_lam_l2(problem, 0.0) == 0.0
    strongest = strength.CEILING * problem.lam_max
    assert strength.matched_lam_l2(problem, problem.lam_max) == strongest


def test_the_table_of_matches_has_what_each_was_asked_for():
    result = train(table(n=80, p=6), lam=8.0)
    paths = trace(result.problem, result.settings)
    frame = strength.matches(result.problem, paths, 8.0)
    assert frame.loc[Match.SAME_LAM, "λ"].tolist() == [8.0, 8.0]
    same = frame.loc[Match.SAME_EFFECTIVE, "effective"]
    assert same["L1"] == pytest.approx(same["L2"], abs=1e-5)
    best = frame.loc[Match.SMALLEST]
    assert best["λ"].tolist() == [paths.l1.lam_min, paths.l2.lam_min]
    assert best["loss", "L1"] == pytest.approx(paths.l1.mean.min())
    apart = paths.l2.fold_loss.T - paths.l1.fold_loss.T[np.argmin(paths.l1.mean)]
    error = apart[np.argmin(paths.l2.mean)].std(ddof=1) / np.sqrt(10)
    assert best["loss", "error"] == pytest.approx(error)
    words = strength_words.in_words(result, frame, 10)
    assert f"λ = {figures(frame.loc[Match.SAME_EFFECTIVE, ('λ', 'L2')])}" in words


@pytest.mark.parametrize(
    ("lam", "expected"), [(1e6, "nothing."), (0.0, "both have"), (8.0, "times as much")]
)
def test_the_sentence_fits_every_strength(lam, expected):
    result = train(table(n=80, p=6), lam=lam)
    paths = trace(result.problem, result.settings)
    words = strength_words.in_words(
        result, strength.matches(result.problem, paths, lam), paths.folds
    )
    assert expected in words


@pytest.mark.parametrize("task", TASKS)
def test_the_curves_hold_what_single_values_are(task):
    result = train(table(task, n=60, p=4), lam=4.0, epochs=30)
    paths = trace(result.problem, result.settings)
    along = strength.effective_along(result.problem, paths)
    line = along[along["penalty"] == "L2"]
    row = line.iloc[len(line) // 2]
    expected = strength.effective_l2(result.problem, row["lam"])
    assert row["effective"] == pytest.approx(expected, rel=1e-4)
    marks = strength_charts.strength_marks((4.0, 4.0), (2.0, 3.0), 9.0, 100.0)
    assert strength_charts.effective_curves(along, marks).to_dict()["layer"]


def test_a_weight_at_rest_is_counted_as_the_exact_solution_has_it():
    result = train(table(n=80, p=6), lam=8.0, epochs=1)
    kept, _ = strength.effective_parameters(result)
    assert kept == np.count_nonzero(result["L1"].optimum.W)


# On the page


def page():
    from regcore.page.questions import draw_question
    from regcore.questions import strength
    from tests.sections import as_dataset
    from tests.tables import table, train

    frame = table("binary", n=60, p=3)
    dataset = as_dataset(frame)
    draw_question(strength.QUESTION, train(frame, lam=4.0, epochs=30), dataset)


def test_the_section_draws_the_curves_and_the_four_matches():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 1
    for match in Match:
        assert f"**{match}**" in app.markdown[1].value.replace("\\", "")


def strengths_said(app):
    """The caption beside the control of λ, without marks of Markdown."""
    assert not app.exception
    texts = [caption.value.replace("\\", "") for caption in app.caption]
    (said,) = [text for text in texts if "on L1 has only zeros." in text]
    return said


def test_the_control_gives_l1_and_l2_their_own_strength():
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    result = compare_sample(DIABETES, epochs=1)
    paths = trace(result.problem, result.settings)
    l1, l2 = paths.l1, paths.l2
    end = f"; from {figures(result.problem.lam_max)} on L1 has only zeros."
    begun = app.select_slider(key="share").value * result.problem.lam_max
    assert begun == pytest.approx(l1.lam_1se, rel=0.06)
    assert strengths_said(app) == f"λ = {figures(begun)}{end}"
    app = app.select_slider(key="share").set_value(0.1).run()
    assert strengths_said(app) == f"λ = 19.51{end}"
    for match, for_l1, for_l2 in (
        (Match.SAME_EFFECTIVE, "19.51", "110.8"),
        (Match.SMALLEST, figures(l1.lam_min), figures(l2.lam_min)),
        (Match.ONE_ERROR, figures(l1.lam_1se), figures(l2.lam_1se)),
    ):
        app = app.selectbox(key="match").set_value(match).run()
        assert strengths_said(app) == f"λ = {for_l1} for L1, {for_l2} for L2{end}"
        slider = app.select_slider(key="share")
        assert slider.disabled is match.by_validation
        # What the slider says is the λ of L1 on the cards, also where it cannot move.
        assert figures(slider.value * result.problem.lam_max) == for_l1
        assert slider.label.endswith(" of L1") is match.by_validation
    app = app.selectbox(key="match").set_value(Match.SAME_LAM).run()
    assert strengths_said(app) == f"λ = {figures(begun)}{end}"
    assert not app.select_slider(key="share").disabled


def matched(effective, lams=(10.0, 20.0), losses=(0.5, 0.4, 0.01)):
    """Table of the matches, by hand; effective parameters now, and of the fair L2."""
    rows = {
        Match.SAME_LAM: (10.0, 10.0, *effective[:2], *losses),
        Match.SAME_EFFECTIVE: (*lams, effective[0], effective[-1], *losses),
    }
    columns = [(what, of) for what in ("λ", "effective", "loss") for of in ("L1", "L2")]
    frame = pd.DataFrame.from_dict(rows, orient="index")
    columns = pd.MultiIndex.from_tuples([*columns, ("loss", "error")])
    return frame.set_axis(columns, axis=1)


USES = (
    "At λ = 10 the optimum of L1 has 3 of 10 parameters and that of L2 "
    "effectively 7.2: the same λ is not the same strength."
)

AS_STRONG = f"{USES} L2 is as strong with λ = 20, 2 times as much"

# A deviation of the target is 77.5, so a loss of 0.5 is an error of that.
MATCHED = f"{AS_STRONG}. In cross-validation L2 so matched predicts"

SENTENCES = [
    (
        ((3.0, 7.2, 3.0), {}),
        f"{MATCHED} better than L1: RMSE 69.3 instead of 77.5 (−8.2 ± 1.9).",
    ),
    (
        ((3.0, 7.2, 3.0), {"losses": (0.5, 0.6, 0.01)}),
        f"{MATCHED} worse than L1: RMSE 84.9 instead of 77.5 (+7.4 ± 1.7).",
    ),
    (
        ((3.0, 7.2, 3.0), {"losses": (0.5, 0.4, 0.05)}),
        f"{MATCHED} neither clearly better nor worse than L1: RMSE 69.3 instead of "
        "77.5 (−8.2 ± 9.3).",
    ),
    (((3.0, 7.2, 3.0), {"losses": (0.5, np.nan, np.nan)}), f"{AS_STRONG}."),
    (
        ((3.0, 7.2, 3.0), {"lams": (10.0, 10.11), "losses": (0.5, np.nan, np.nan)}),
        f"{USES} L2 is as strong with λ = 10.11, nearly the same.",
    ),
    (
        ((3.0, 7.2, 3.0), {"lams": (10.0, 12.3), "losses": (0.5, np.nan, np.nan)}),
        f"{USES} L2 is as strong with λ = 12.3, 1.2 times as much.",
    ),
    (
        ((3.0, 7.2, 2.0), {}),
        f"{USES} L2 has no λ that matches: even at 20, the weakest looked at, it comes "
        "to 2.0.",
    ),
    (
        ((3.0, 7.2, 2.94), {}),
        f"{USES} L2 has no λ that matches: even at 20, the weakest looked at, it comes "
        "to 2.9.",
    ),
    (
        ((3.0, 3.06, 2.96), {"losses": (0.5, np.nan, np.nan)}),
        f"{AS_STRONG.replace('7.2', '3.1')}.",
    ),
    (
        ((3.0, 7.2, 3.0), {"lams": (10.0, 0.0)}),
        f"{USES} L2 is as strong as L1 here without any penalty at all.",
    ),
    (
        ((0.0, 7.2, 0.0), {}),
        f"{USES.replace('3 of', '0 of')} No λ of L2 leaves as little as L1 leaves "
        "here: nothing.",
    ),
    (
        ((3.0, 3.04, 3.0), {"losses": (0.5, np.nan, np.nan)}),
        "At λ = 10 the optima of both have 3 of 10 parameters. L2 is as strong "
        "with λ = 20, 2 times as much.",
    ),
]


@pytest.mark.parametrize(("table", "sentence"), SENTENCES)
def test_the_sentence_judges_the_exact_optima(table, sentence):
    effective, changed = table
    result = compare_sample(DIABETES, epochs=1)
    words = strength_words.in_words(result, matched(effective, **changed), 10)
    assert words == sentence


def test_a_match_is_written_with_its_strength_its_parameters_and_its_loss():
    row = matched((3.0, 7.234, 3.0)).loc[Match.SAME_LAM]
    assert strength_words.in_numbers(row, "L1") == "λ = 10 · 3 parameters · loss 0.5000"
    assert strength_words.in_numbers(row, "L2") == (
        "λ = 10 · 7.23 parameters · loss 0.4000"
    )
    row["loss", "L2"] = np.nan
    assert strength_words.in_numbers(row, "L2") == "λ = 10 · 7.23 parameters"


def test_weights_that_the_data_do_not_tell_apart_are_counted_beside_the_parameters():
    result = train_posed(posed(), Settings(target="y", lam=0.01, epochs=1))
    assert result["L1"].optimum.W.all()
    assert strength_words.told_apart(result, 5.0) == ""
    assert strength_words.told_apart(result, 3.0) == (
        "L1 keeps 5 weights there, of which the data tell 3 apart."
    )


def test_without_strength_there_is_nothing_to_match():
    table = matched((10.0, 10.0, 10.0))
    table["λ"] = 0.0
    result = compare_sample(DIABETES, 0.0, epochs=1)
    assert strength_words.in_words(result, table, 10) == (
        "At λ = 0 the optima of both have 10 of 10 parameters."
    )


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_effective_parameters_are_told_apart_as_finely_as_no_penalty_is(task):
    rng = np.random.default_rng(4)
    a, e, z = rng.standard_normal((3, 150))
    level = rng.integers(0, 3, 150)
    data = pd.DataFrame(
        {"a": a, "near a": a + 1e-8 * e, "z": z, "g": level.astype(str)}
    )
    data["g"] = "level " + data["g"]
    score = a + e + rng.standard_normal(150)
    cuts = {"regression": None, "binary": [0.0], "multiclass": [-1.0, 1.0]}[task]
    data["y"] = score if cuts is None else np.array([*"klm"])[np.digitize(score, cuts)]
    problem = pose(data, Settings("y", validation_share=0.0))
    X = problem.design.X - problem.design.X.mean(axis=0)
    k = problem.design.Y.shape[1]
    share = problem.design.Y.mean(axis=0)
    A = np.eye(1) if k == 1 else np.diag(share) - np.outer(share, share)
    values, vectors = np.linalg.eigh(A)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))).T
    # The columns that say the same of every row are the three levels of g.
    assert X.shape[1] == 6
    assert strength.effective_l2(problem, 0.0) == 5 * max(k - 1, 1)
    rank = strength.Rank(problem, no_tick)
    for _ in range(20):
        W = rng.standard_normal((6, k)) * (rng.random((6, k)) < 0.6)
        kept = W.T.ravel() != 0
        truth = np.linalg.matrix_rank(np.kron(root, X)[:, kept], tol=1e-11)
        assert rank(W) == (truth if kept.any() else 0)
