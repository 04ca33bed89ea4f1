"""How the exact optima differ from the runs on the cards, in one sentence."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso
from streamlit.testing.v1 import AppTest

import regcore
from regcore.comparison import PENALTIES
from regcore.questions.dropped.groups import Share, groups
from regcore.questions.early_stopping.answer import hidden_strength
from regcore.questions.optima import apart
from regcore.questions.trust.half_samples import half_samples
from regcore.questions.trust.repeated_splits import repeated_splits
from regcore.solve.optimum import Status
from tests.sampled import table_of
from tests.sections import CANCER, DIABETES, WINE, compared, draw_section, texts


def nearly_the_same_twice():
    """What matters is the difference of two columns: descent takes long to see it."""
    rng = np.random.default_rng(1)
    base, part = rng.normal(size=400), rng.normal(size=400)
    table = pd.DataFrame({"gross": base, "net": base - 0.005 * part})
    for i in range(10):
        table[f"noise {i}"] = rng.normal(size=400)
    return table.assign(y=part + 0.5 * rng.normal(size=400))


def half_squared_error(W, b, X, Y):
    return 0.5 * float(((X @ W + b - Y) ** 2).mean())


def losses(result, i, *, held_out):
    """Loss at the optimum and where training ended, by the predictions."""
    design, best, run = result.problem.design, result.optima[i], result.runs[i]
    rows = (design.X, design.Y)
    if held_out:
        rows = (design.X_validation, design.Y_validation)
    return [half_squared_error(model.W, model.b, *rows) for model in (best, run)]


BEGIN = (
    "The cards show where training ended; at the exact optimum, which is judged here, "
)


@pytest.mark.parametrize(("share", "kind"), [(0.25, "validation"), (0.0, "training")])
def test_a_loss_that_is_another_at_the_optimum_is_given_with_both_figures(share, kind):
    settings = regcore.Settings("y", lam=1e-3, epochs=300, validation_share=share)
    result = regcore.compare(nearly_the_same_twice(), settings)
    here, there = losses(result, 0, held_out=share > 0)
    assert here < 0.9 * there
    assert apart(result, ["none"]) == (
        f"{BEGIN}the {kind} loss is {here:.4g} instead of {there:.4g} without a "
        "penalty."
    )
    both = [losses(result, i, held_out=share > 0) for i in (1, 2)]
    said = [f"{here:.4g} instead of {there:.4g} with" for here, there in both]
    assert f"{kind} loss is {said[0]} L1 and {said[1]} L2." in apart(
        result, ["L1", "L2"]
    )


def test_a_count_that_is_another_at_the_optimum_is_given_with_both():
    result = compared(DIABETES, 5.0, epochs=30)
    design = result.problem.design
    n = len(design.X)
    lasso = Lasso(alpha=5.0 / n, tol=1e-12, max_iter=100_000)
    lasso.fit(design.X, design.Y[:, 0])
    here, there = np.count_nonzero(lasso.coef_), np.count_nonzero(result.W[1])
    assert here != there
    assert apart(result, ["L1"]).startswith(
        f"{BEGIN}L1 has {here} of 10 weights instead of {there}"
    )


def test_counts_and_losses_stand_in_one_sentence():
    settings = regcore.Settings("y", lam=3.0, epochs=5)
    result = regcore.compare(nearly_the_same_twice(), settings)
    here, there = losses(result, 0, held_out=True)
    optimum, ended = (
        np.count_nonzero(model.W) for model in (result["L1"].optimum, result["L1"].run)
    )
    assert optimum < ended
    assert apart(result) == (
        f"{BEGIN}L1 has {optimum} of 12 weights instead of {ended}, and the validation "
        f"loss is {here:.4g} instead of {there:.4g} without a penalty."
    )


def test_nothing_is_said_where_training_ended_at_the_optimum():
    assert apart(compared(DIABETES, 10.0, epochs=20_000)) == ""


def test_a_loss_is_another_from_a_hundredth_of_it_on():
    result = compared(DIABETES, 10.0, epochs=20_000)
    design, best = result.problem.design, result["L2"].optimum
    there = float(result.validation_scores.loss[2])
    # Moving the bias adds to the loss what is wanted.
    rest = float((design.X_validation @ best.W + best.b - design.Y_validation).mean())
    for share, said in ((0.0098, False), (0.0102, True)):
        step = -rest + np.sqrt(rest**2 + 2 * share * there)
        optima = (*result.optima[:2], replace(best, b=best.b + step))
        assert bool(apart(replace(result, optima=optima))) is said


def test_a_perfect_fit_is_not_told_from_another():
    rng = np.random.default_rng(5)
    table = pd.DataFrame(rng.standard_normal((12, 20))).add_prefix("x")
    table["y"] = rng.standard_normal(12)
    settings = regcore.Settings("y", lam=0.0, validation_share=0.0, epochs=20_000)
    result = regcore.compare(table, settings)
    assert 0 < result.train_scores.loss[0] < 1e-8
    assert apart(result, ["none"]) == ""


def test_an_optimum_that_is_not_certain_is_not_called_exact():
    result = compared(DIABETES, 10.0, epochs=20_000)
    assert apart(result) == ""
    best = result["L2"].optimum
    stopped = replace(best, status=Status.STOPPED, bound=0.997 * best.objective)
    result = replace(result, optima=(*result.optima[:2], stopped))
    said = (
        "The optimum of L2 is not certain: its loss may be up to 0.3 % above the best "
        "possible."
    )
    assert apart(result) == said
    assert apart(result, ["L1"]) == ""
    early = compared(DIABETES, 10.0, epochs=3)
    words = apart(replace(early, optima=result.optima))
    assert words.startswith(f"{BEGIN.replace('the exact', 'the')}L1 has ")
    assert words.endswith(said)
    near = replace(best, status=Status.STOPPED, bound=(1 - 1e-7) * best.objective)
    assert "may be next to nothing above the best possible" in apart(
        replace(result, optima=(*result.optima[:2], near))
    )


def test_nothing_is_compared_without_an_optimum_or_after_a_divergence():
    assert "without a penalty" not in apart(compared(WINE, 5.0, epochs=50))
    assert "with L2" in apart(compared(WINE, 5.0, epochs=5))
    assert apart(compared(DIABETES, 10.0, learning_rate=5.0)) == ""


@pytest.mark.parametrize("epochs", [3, 20_000])
@pytest.mark.parametrize(
    ("section", "judged"),
    [
        ("strength", ["L1", "L2"]),
        ("path", PENALTIES),
        ("frontier", PENALTIES),
        ("trust", PENALTIES),
        ("dropped", ["L1"]),
        ("refit", ["L1"]),
    ],
)
def test_a_section_says_once_how_its_optima_differ_from_the_cards(
    section, judged, epochs
):
    args = (section, DIABETES.title, 5.0, {"epochs": epochs})
    app = AppTest.from_function(draw_section, args=args, default_timeout=60).run()
    assert not app.exception
    words = apart(compared(DIABETES, 5.0, epochs=epochs), judged)
    assert bool(words) is (epochs == 3)
    assert texts(app).count(BEGIN) == (epochs == 3)
    assert words in texts(app)


@pytest.mark.parametrize("section", ["epochs", "update", "contours", "early_stopping"])
def test_a_section_on_the_runs_says_nothing_of_optima(section):
    args = (section, DIABETES.title, 5.0, {"epochs": 3})
    app = AppTest.from_function(draw_section, args=args, default_timeout=60).run()
    assert not app.exception
    assert BEGIN not in texts(app)


@pytest.mark.parametrize("known", [True, False])
def test_what_is_only_not_known_is_never_called_no_optimum(known):
    # One of its own: rows remember what was drawn from them.
    settings = regcore.Settings(target=CANCER.target, lam=10.0, epochs=5)
    result = regcore.compare(table_of(CANCER), settings)
    none = replace(result.optima[0], status=Status.STOPPED)
    if not known:
        result = replace(result, optima=(none, *result.optima[1:]))
    assert half_samples(result, count=1).stopped is not known
    assert repeated_splits(result, count=1).stopped is not known
    assert hidden_strength(result).stopped is not known
    shares = {group.shares[0] for group in groups(result)}
    assert shares == {Share.NO_OPTIMUM if known else Share.UNKNOWN}
