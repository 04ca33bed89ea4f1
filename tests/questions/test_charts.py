"""The charts: our own fields, titles, shared axes, zeros seen, nothing left out."""

from functools import cache

import altair as alt
import numpy as np
import pandas as pd
import pytest

from regcore import compare
from regcore.comparison import PENALTIES
from regcore.drawing import colour
from regcore.questions.cards import curves as curve_charts
from regcore.questions.cards import weights as weight_charts
from regcore.questions.cards.panels import MARGIN
from regcore.questions.cards.ranking import ranked_weights
from regcore.settings import Settings
from regcore.solve.runs import Outcome
from tests.sampled import CANCER, DIABETES, WINE, compare_sample

NASTY = ("a.b", "x[0]", 'q"uote', "back\\slash", "<b>", "col:1", "weight", "penalty")

every_penalty = pytest.mark.parametrize("penalty", PENALTIES)
every_switch = pytest.mark.parametrize("log_losses", [False, True], ids=["lin", "log"])


@cache
def compared(name: str):
    """One comparison for all tests of this file."""
    return {
        "diabetes": lambda: compare_sample(DIABETES),
        "wine": lambda: compare_sample(WINE, epochs=60),
        "long": lambda: compare_sample(CANCER, epochs=3_001),
        "diverged": lambda: compare_sample(DIABETES, learning_rate=0.7),
        "nothing held out": lambda: compare_sample(DIABETES, validation_share=0.0),
        "perfect": _perfect,
        "nasty": _nasty,
    }[name]()


def _perfect():
    """Classes so far apart that each logarithm comes to exactly zero."""
    x = np.tile([-1.0, 1.0], 8)
    step = {"learning_rate": 2_000.0, "tolerance": 0.0, "epochs": 5}
    settings = Settings("y", lam=0.0, validation_share=0.0, **step)
    table = pd.DataFrame({"x": x, "y": np.where(x > 0, "yes", "no")})
    return compare(table, settings)


def _nasty():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((40, len(NASTY))), columns=NASTY)
    return compare(table.assign(y=table.sum(axis=1)), Settings(target="y", epochs=5))


COMPARISONS = (
    "diabetes",
    "wine",
    "long",
    "diverged",
    "nothing held out",
    "perfect",
    "nasty",
)
every_comparison = pytest.mark.parametrize("name", COMPARISONS)


def axes_of(name: str, *, log_losses: bool = False) -> curve_charts.LossAxes:
    return curve_charts.loss_axes(
        compared(name), log_epochs=True, log_losses=log_losses
    )


@cache
def curves(name: str, *, log_losses: bool = False) -> dict:
    axes = axes_of(name, log_losses=log_losses)
    return curve_charts.curve_panels(compared(name), axes, overlaid=False).to_dict()


def weights_of(name: str, *, original_units: bool = False) -> pd.DataFrame:
    result = compared(name)
    output = result.problem.design.classes[0] if name == "wine" else None
    return ranked_weights(result, output, original_units=original_units)


def bars_of(weights: pd.DataFrame, *, cut: bool = False) -> dict:
    domain = weight_charts.weight_domain(weights, cut=cut)
    return weight_charts.weight_panels(weights, domain, "per SD").to_dict()


@cache
def bars(name: str) -> dict:
    return bars_of(weights_of(name))


def rows_of(spec: dict, penalty: str) -> pd.DataFrame:
    """The numbers of one penalty, without where they are put."""
    (name,) = spec["datasets"].keys() & {"bars", "curves"}
    rows = pd.DataFrame(spec["datasets"][name])
    rows = rows[rows["penalty"] == penalty].reset_index(drop=True)
    places = [column for column in rows if column.startswith("at")]
    places += [
        column
        for column in ("row", "panel", "beyond", "far", "label")
        if column in rows
    ]
    return rows.drop(columns=["penalty", *places])


def panel_of(spec: dict, penalty: str) -> dict[str, float]:
    """Where the axes of a panel end, and the loss at the optimum."""
    return spec["datasets"]["panels"][PENALTIES.index(penalty)]


def place_of(spec: dict, name: str, penalty: str) -> np.ndarray:
    """Where the values of one penalty lie in its panel, from 0 to 1."""
    (table,) = spec["datasets"].keys() & {"bars", "curves"}
    rows = pd.DataFrame(spec["datasets"][table])
    at = rows.loc[rows["penalty"] == penalty, name].to_numpy()
    return (at - MARGIN) / (1 - 2 * MARGIN)


def channels(spec: dict) -> list[tuple[str, dict]]:
    """Every channel of every layer by its name."""
    return [
        (name, channel)
        for layer in spec["layer"]
        for name, channel in layer.get("encoding", {}).items()
    ]


def all_specs(name: str) -> list[dict]:
    return [curves(name), bars(name)]


@every_comparison
def test_a_chart_holds_our_own_fields_only_and_uses_no_other(name):
    ours = {"epoch", "training", "validation", "feature", "weight", "optimum"}
    ours |= {"label"}
    for spec in all_specs(name):
        for penalty in PENALTIES:
            assert set(rows_of(spec, penalty).columns) <= ours
        for layer in spec["layer"]:
            used = {
                field["field"]
                for channel in layer["encoding"].values()
                for field in (channel if isinstance(channel, list) else [channel])
                if "field" in field
            }
            made = {
                name
                for transform in layer.get("transform", [])
                for name in np.ravel(
                    transform.get("as", transform.get("from", {}).get("fields", []))
                )
            }
            assert used - made <= set(spec["datasets"][layer["data"]["name"]][0])


def test_names_of_the_file_are_values_and_none_is_lost():
    for penalty in PENALTIES:
        assert set(rows_of(bars("nasty"), penalty)["feature"]) == set(NASTY)


@every_comparison
def test_no_number_of_a_chart_is_missing_or_infinite(name):
    for spec in all_specs(name):
        for table, rows in spec["datasets"].items():
            # Without an optimum, or one within the axis, there is nothing to mark.
            unmarked = ["loss"] if table == "panels" else ["optimum", "at optimum"]
            numbers = pd.DataFrame(rows).drop(columns=unmarked, errors="ignore")
            assert np.isfinite(numbers.select_dtypes("number").to_numpy()).all()


def test_the_loss_axis_names_the_loss_of_the_task():
    for name, loss in [
        ("diabetes", "half squared error"),
        ("long", "log loss"),
        ("wine", "log loss"),
    ]:
        titles = [c.get("title") for k, c in channels(curves(name)) if k == "y"]
        assert set(titles) == {f"Mean {loss}"}


@every_comparison
def test_one_colour_a_penalty_by_its_place_among_the_three(name):
    for spec in all_specs(name):
        colours = [channel for key, channel in channels(spec) if key == "color"]
        assert colours
        for one in colours:
            assert one["field"] == "penalty"
            assert one["scale"]["domain"] == ["none", "L1", "L2"]


def test_a_penalty_that_is_not_there_has_no_colour():
    with pytest.raises(ValueError, match="elastic"):
        colour("elastic")


@every_comparison
@every_switch
def test_the_three_share_their_axes_and_every_loss_fits(name, log_losses):
    spec = curves(name, log_losses=log_losses)
    axes = axes_of(name, log_losses=log_losses)
    for penalty in PENALTIES:
        panel, rows = panel_of(spec, penalty), rows_of(spec, penalty).set_index("epoch")
        assert (panel["low"], panel["high"]) == axes.losses
        expected = np.log1p(rows.index) / np.log1p(axes.last_epoch)
        np.testing.assert_allclose(place_of(spec, "at", penalty), expected)
        if name != "diverged":
            assert (rows >= panel["low"]).all(axis=None)
            assert (rows <= panel["high"]).all(axis=None)


@every_comparison
def test_the_three_share_the_axis_of_their_weights_and_every_bar_fits(name):
    spec = bars(name)
    low, high = weight_charts.weight_domain(weights_of(name))
    assert low < 0 < high
    for penalty in PENALTIES:
        weights = rows_of(spec, penalty)["weight"]
        assert weights.between(low, high).all()
        expected = (weights - low) / (high - low)
        np.testing.assert_allclose(place_of(spec, "at weight", penalty), expected)
    zeros = [panel["zero"] for panel in spec["datasets"]["panels"]]
    expected = MARGIN + (1 - 2 * MARGIN) * -low / (high - low)
    np.testing.assert_allclose(zeros, [expected] * 3)


def test_the_ticks_are_where_their_numbers_are_and_0_is_one_of_them():
    low, high = weight_charts.weight_domain(weights_of("diabetes"))
    ticks = pd.DataFrame(bars("diabetes")["datasets"]["ticks"])
    values = ticks["label"].str.replace("−", "-").astype(float)
    assert (values == 0).sum() == 3
    share = ticks["at"] - np.repeat(range(3), len(ticks) // 3)
    expected = MARGIN + (1 - 2 * MARGIN) * (values - low) / (high - low)
    np.testing.assert_allclose(share, expected)


def test_one_weight_that_would_flatten_the_others_is_cut_and_named():
    weights = pd.DataFrame(
        {name: [900.0, 3.0, -2.0, 1.0, 0.5] for name in PENALTIES}, index=list("abcde")
    )
    weights = weights.assign(**{f"optimum of {name}": np.nan for name in PENALTIES})
    # Of columns that are nearly the same one without a penalty is far beyond.
    weights.loc["c", "optimum of none"] = -1e8
    # Per standard deviation small weights are small, and are seen to be.
    whole = weight_charts.weight_domain(weights)
    assert whole[1] > 900
    assert weight_charts.beyond(weights, whole) == []
    domain = weight_charts.weight_domain(weights, cut=True)
    assert domain[1] < 4
    assert weight_charts.beyond(weights, domain) == ["a"]
    assert weight_charts.beyond(weights, domain, "optimum of ") == ["c"]
    rows = pd.DataFrame(bars_of(weights, cut=True)["datasets"]["bars"])
    assert list(rows.loc[rows["beyond"], "feature"]) == ["a"] * 3
    assert list(rows.loc[rows["far"], "feature"]) == ["c"]
    np.testing.assert_allclose(rows.loc[rows["beyond"], "at weight"], 1 - MARGIN)


def test_the_three_list_the_features_in_one_order_largest_first():
    weights = weights_of("diabetes")
    order = list(weights[list(PENALTIES)].abs().max(axis=1))
    assert order == sorted(order, reverse=True)
    rows = pd.DataFrame(bars("diabetes")["datasets"]["bars"])
    for penalty in PENALTIES:
        own = rows[rows["penalty"] == penalty]
        assert list(own["feature"]) == list(weights.index)
        assert list(own["row"]) == list(range(len(weights)))


def test_the_order_stays_when_the_units_change_and_the_weights_do_not():
    scaled = weights_of("diabetes")
    original = weights_of("diabetes", original_units=True)
    assert list(scaled.index) == list(original.index)
    assert not np.allclose(scaled, original)
    for column, frame in (
        ("L1", compared("diabetes").coefficients_original_units),
        ("optimum of L1", compared("diabetes").optimum_original_units),
    ):
        expected = frame["L1"].loc[original.index]
        np.testing.assert_array_equal(original[column], expected)


def test_the_weights_of_a_class_are_those_of_that_class():
    result = compared("wine")
    for j, name in enumerate(result.problem.design.classes):
        weights = ranked_weights(result, name, original_units=False)
        features = list(result.problem.design.features)
        ours = weights.loc[features, list(PENALTIES)]
        np.testing.assert_array_equal(ours, result.W[:, :, j].T)


def test_exact_zeros_are_drawn_as_points_and_nothing_else_is():
    spec = bars("diabetes")
    points = [layer for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert len(points) == 1
    assert {"filter": "datum.weight === 0"} in points[0]["transform"]
    assert points[0]["mark"]["filled"] is False
    zeros = (rows_of(spec, "L1")["weight"] == 0.0).sum()
    assert zeros == np.count_nonzero(compared("diabetes").W[1] == 0.0) > 0


def test_true_weights_are_drawn_where_they_are_known():
    weights = weights_of("diabetes")
    known = weights.assign(true=np.arange(len(weights)) / len(weights))
    spec = bars_of(known)
    marks = [
        layer["mark"]["shape"]
        for layer in spec["layer"]
        if layer["encoding"].get("x", {}).get("field") == "x of true"
    ]
    assert marks == ["diamond"]
    np.testing.assert_array_equal(rows_of(spec, "none")["true"], known["true"])
    low, high = weight_charts.weight_domain(known)
    assert known["true"].between(low, high).all()


@every_penalty
def test_the_optimum_is_marked_on_the_curves_and_on_the_bars(penalty):
    model, result = compared("diabetes")[penalty], compared("diabetes")
    panel = panel_of(curves("diabetes"), penalty)
    assert panel["loss"] == pytest.approx(model.optimum_loss)
    ticks = rows_of(bars("diabetes"), penalty).set_index("feature")["optimum"]
    features = list(result.problem.design.features)
    np.testing.assert_allclose(ticks[features], model.optimum.W[:, 0], rtol=1e-12)


def test_where_there_is_no_optimum_none_is_marked():
    assert not compared("wine")["none"].optimum.exists
    assert np.isnan(panel_of(curves("wine"), "none")["loss"])
    assert rows_of(bars("wine"), "none")["optimum"].isna().all()
    assert rows_of(bars("wine"), "L2")["optimum"].notna().all()


def test_the_tick_of_a_zero_that_is_right_does_not_hide_it():
    (tick,) = [
        layer for layer in bars("diabetes")["layer"] if layer["mark"]["type"] == "tick"
    ]
    wrong = {"filter": "datum.weight !== 0 || datum.optimum !== 0"}
    assert wrong in tick["transform"]
    rows = rows_of(bars("diabetes"), "L1")
    assert ((rows["weight"] == 0) & (rows["optimum"] == 0)).any()


@every_comparison
@every_penalty
def test_a_log_axis_is_never_given_a_loss_that_has_no_logarithm(name, penalty):
    spec = curves(name, log_losses=True)
    y = next(c for key, c in channels(spec) if key == "y")
    assert y["scale"]["type"] == "log"
    assert panel_of(spec, penalty)["low"] > 0
    assert (rows_of(spec, penalty).set_index("epoch") > 0).all(axis=None)


def test_a_loss_of_exactly_zero_is_there_and_drawn_on_the_linear_axis():
    assert (compared("perfect")["none"].run.train_loss == 0).any()
    assert (rows_of(curves("perfect"), "none")["training"] == 0).any()


def test_a_diverged_run_leaves_the_axis_readable():
    result = compared("diverged")
    assert {run.outcome for run in result.runs} == {Outcome.DIVERGED}
    start = result["none"].run.train_loss[0]
    assert result["none"].run.train_loss.max() > 100 * start
    for log_losses in (False, True):
        low, high = axes_of("diverged", log_losses=log_losses).losses
        assert low < start < high < 3 * start


@every_penalty
def test_a_thinned_curve_keeps_its_first_and_last_epoch_exactly(penalty):
    run = compared("long")[penalty].run
    assert run.epochs > 3 * curve_charts.MOST_POINTS
    rows = rows_of(curves("long"), penalty)
    for kind, curve in (
        ("training", run.train_loss),
        ("validation", run.validation_loss),
    ):
        drawn = rows.set_index("epoch")[kind]
        assert len(drawn) <= curve_charts.MOST_POINTS
        assert drawn.index.is_monotonic_increasing
        assert drawn.index.is_unique
        np.testing.assert_array_equal(drawn, curve[drawn.index])
        assert {0, 1, 2, 3, run.epochs} <= set(drawn.index)


def test_a_short_curve_is_drawn_whole():
    run = compared("diabetes")["L1"].run
    rows = rows_of(curves("diabetes"), "L1")
    np.testing.assert_array_equal(rows["epoch"], np.arange(run.epochs + 1))
    np.testing.assert_array_equal(rows["training"], run.train_loss)
    np.testing.assert_array_equal(rows["validation"], run.validation_loss)


def test_without_rows_held_out_there_is_one_curve():
    spec = curves("nothing held out")
    assert set(rows_of(spec, "L2")) == {"epoch", "training"}
    (fold,) = [
        transform["fold"]
        for layer in spec["layer"]
        for transform in layer.get("transform", [])
        if "fold" in transform
    ]
    assert fold == ["training"]


@pytest.mark.parametrize(
    "name", [name for name in COMPARISONS if name not in ("perfect", "diverged")]
)
def test_the_curves_are_those_of_the_loss_without_the_penalty(name):
    result = compared(name)
    for i, penalty in enumerate(PENALTIES):
        rows = rows_of(curves(name), penalty)
        last = rows.iloc[-1]
        assert last["training"] == pytest.approx(result.train_scores.loss[i], rel=1e-9)


@pytest.mark.parametrize("log_epochs", [False, True])
def test_the_switch_of_the_epochs_moves_them_along_their_axis(log_epochs):
    result = compared("diabetes")
    axes = curve_charts.loss_axes(result, log_epochs=log_epochs, log_losses=False)
    spec = curve_charts.curve_panels(result, axes, overlaid=False).to_dict()
    epochs, last = rows_of(spec, "L2")["epoch"], axes.last_epoch
    expected = np.log1p(epochs) / np.log1p(last) if log_epochs else epochs / last
    np.testing.assert_allclose(place_of(spec, "at", "L2"), expected)


def test_laid_over_each_other_the_curves_keep_their_numbers_and_specification():
    axes = axes_of("diabetes")
    apart, over = (
        curve_charts.curve_panels(compared("diabetes"), axes, overlaid=overlaid)
        for overlaid in (False, True)
    )
    assert apart.specification == over.specification
    assert apart.tables["curves"].keys() == over.tables["curves"].keys()
    assert set(over.tables["panels"]["overlaid"]) == {1.0}
    assert set(apart.tables["panels"]["overlaid"]) == {0.0}


def test_every_chart_is_a_valid_specification():
    specs = [*all_specs("nasty"), *all_specs("wine")]
    for spec in specs:
        assert alt.LayerChart.from_dict(spec).to_dict() == spec


def test_a_specification_stays_while_the_numbers_move():
    def specifications(**settings):
        result = compare_sample(DIABETES, **settings)
        axes = curve_charts.loss_axes(result, log_epochs=True, log_losses=False)
        weights = ranked_weights(result, None, original_units=False)
        domain = weight_charts.weight_domain(weights)
        pictures = (
            curve_charts.curve_panels(result, axes, overlaid=False),
            weight_charts.weight_panels(weights, domain, "per SD"),
        )
        drawn = [str(picture.tables) for picture in pictures]
        return [picture.specification for picture in pictures], drawn

    before, numbers = specifications(lam=3.0, epochs=40)
    after, others = specifications(lam=30.0, epochs=60)
    assert before == after
    assert all(old != new for old, new in zip(numbers, others, strict=True))
