"""The charts: our own fields, titles, shared axes, zeros seen, nothing left out."""

import re
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
from regcore.questions.cards.ranking import ranked_weights
from regcore.settings import Settings
from regcore.solve.descent import Outcome
from tests.sampled import CANCER, DIABETES, WINE, compare_sample

NASTY = ("a.b", "x[0]", 'q"uote', "back\\slash", "<b>", "col:1", "weight", "penalty")

AN_END = r"data\('axes'\)\[0\]\.(\w+)"

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
    """A fit without any error, so that the loss comes to exactly zero."""
    x = np.tile([-1.0, 1.0], 8)
    step = {"learning_rate": 1.0, "tolerance": 0.0, "epochs": 5}
    settings = Settings("y", task="regression", lam=0.0, validation_share=0.0, **step)
    return compare(pd.DataFrame({"x": x, "y": x}), settings)


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
def loss_spec(name: str, penalty: str, *, log_losses: bool = False) -> dict:
    axes = axes_of(name, log_losses=log_losses)
    return curve_charts.loss_curves(compared(name), penalty, axes).to_dict()


def weights_of(name: str, *, original_units: bool = False) -> pd.DataFrame:
    result = compared(name)
    output = result.problem.design.classes[0] if name == "wine" else None
    return ranked_weights(result, output, original_units=original_units)


def bars_spec(weights: pd.DataFrame, penalty: str) -> dict:
    domain = weight_charts.weight_domain(weights)
    return weight_charts.weight_bars(weights, penalty, domain, "per SD").to_dict()


def rows_of(spec: dict) -> pd.DataFrame:
    """The data of a chart; where its axes end is a table of its own."""
    (name,) = spec["datasets"].keys() - {"axes"}
    return pd.DataFrame(spec["datasets"][name])


def axes_in(spec: dict) -> dict[str, float]:
    """Where the axes end, and the loss at the optimum."""
    (ends,) = spec["datasets"]["axes"]
    return ends


def domain_of(channel: dict, spec: dict) -> list[float]:
    """The ends of one axis, looked up where the specification says."""
    return [
        axes_in(spec)[re.fullmatch(AN_END, end["expr"])[1]]
        if isinstance(end, dict)
        else end
        for end in channel["scale"]["domain"]
    ]


def channels(spec: dict) -> list[tuple[str, dict]]:
    """Every channel of every layer by its name."""
    return [
        (name, channel)
        for layer in spec["layer"]
        for name, channel in layer.get("encoding", {}).items()
    ]


@cache
def weight_spec(name: str, penalty: str) -> dict:
    return bars_spec(weights_of(name), penalty)


def all_specs(name: str) -> list[dict]:
    return [
        spec
        for penalty in PENALTIES
        for spec in (loss_spec(name, penalty), weight_spec(name, penalty))
    ]


@every_comparison
def test_a_chart_holds_our_own_fields_only_and_uses_no_other(name):
    ours = {"epoch", "training", "validation", "feature", "weight", "optimum"}
    ours |= {"label"}
    for spec in all_specs(name):
        assert set(rows_of(spec).columns) <= ours
        used = {
            (layer["data"]["name"], field["field"])
            for layer in spec["layer"]
            for channel in layer["encoding"].values()
            for field in (channel if isinstance(channel, list) else [channel])
            if "field" in field
        }
        made = {("curves", "rows"), ("curves", "loss")}
        made |= {("curves", "penalty"), ("bars", "penalty")}
        assert used - made <= {
            (table, field)
            for table, rows in spec["datasets"].items()
            for field in rows[0]
        }


def test_names_of_the_file_are_values_and_none_is_lost():
    for penalty in PENALTIES:
        rows = rows_of(weight_spec("nasty", penalty))
        assert set(rows["feature"]) == set(NASTY)


@every_comparison
def test_no_number_of_a_chart_is_missing_or_infinite(name):
    for spec in all_specs(name):
        for rows in map(pd.DataFrame, spec["datasets"].values()):
            # Without an optimum within the axis there is nothing to mark.
            numbers = rows.drop(columns="loss", errors="ignore")
            assert np.isfinite(numbers.select_dtypes("number").to_numpy()).all()


@every_comparison
def test_every_axis_has_one_title_except_the_names_of_the_features(name):
    for spec in all_specs(name):
        for axis in "xy":
            layers = [channel for key, channel in channels(spec) if key == axis]
            titles = {layer["title"] for layer in layers if layer.get("title")}
            named = any(layer.get("field") == "feature" for layer in layers)
            assert len(titles) == (0 if named else 1)


def test_the_loss_axis_names_the_loss_of_the_task():
    for name, loss in [
        ("diabetes", "half squared error"),
        ("long", "log loss"),
        ("wine", "cross entropy"),
    ]:
        titles = [
            c.get("title") for k, c in channels(loss_spec(name, "L1")) if k == "y"
        ]
        assert set(titles) == {f"Mean {loss}"}


@every_comparison
@every_penalty
def test_one_colour_a_penalty_by_its_place_among_the_three(name, penalty):
    for spec in (loss_spec(name, penalty), weight_spec(name, penalty)):
        colours = [channel for key, channel in channels(spec) if key == "color"]
        assert colours
        given = {
            transform["calculate"]
            for layer in spec["layer"]
            for transform in layer.get("transform", [])
            if transform.get("as") == "penalty"
        }
        assert given == {f"'{penalty}'"}
        for one in colours:
            assert one["field"] == "penalty"
            assert one["scale"]["domain"] == ["none", "L1", "L2"]


def test_a_penalty_that_is_not_there_has_no_colour():
    with pytest.raises(ValueError, match="elastic"):
        colour("elastic")


@every_comparison
@every_switch
def test_the_three_share_their_axes_and_every_loss_fits(name, log_losses):
    domains = []
    for penalty in PENALTIES:
        spec = loss_spec(name, penalty, log_losses=log_losses)
        ends = {key: domain_of(c, spec) for key, c in channels(spec) if key in "xy"}
        domains.append(ends)
        rows = rows_of(spec).set_index("epoch")
        assert rows.index.max() <= ends["x"][1]
        if name != "diverged":
            assert (rows >= ends["y"][0]).all(axis=None)
            assert (rows <= ends["y"][1]).all(axis=None)
    assert domains[0] == domains[1] == domains[2]


@every_comparison
def test_the_three_share_the_axis_of_their_weights_and_every_bar_fits(name):
    domains = []
    for penalty in PENALTIES:
        spec = weight_spec(name, penalty)
        domains += [
            domain_of(channel, spec)
            for key, channel in channels(spec)
            if key == "x" and "scale" in channel
        ]
        assert rows_of(spec)["weight"].between(*domains[0]).all()
    low, high = domains[0]
    assert low < 0 < high
    assert all(domain == [low, high] for domain in domains)


def test_the_three_list_the_features_in_one_order_largest_first():
    weights = weights_of("diabetes")
    order = list(weights[list(PENALTIES)].abs().max(axis=1))
    assert order == sorted(order, reverse=True)
    for penalty in PENALTIES:
        spec = weight_spec("diabetes", penalty)
        assert list(rows_of(spec)["feature"]) == list(weights.index)
        for key, channel in channels(spec):
            if key == "y":
                order = {"expr": "pluck(data('bars'), 'feature')"}
                assert channel["scale"]["domain"] == order


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
    spec = weight_spec("diabetes", "L1")
    points = [layer for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert len(points) == 1
    assert {"filter": "datum.weight === 0"} in points[0]["transform"]
    assert points[0]["mark"]["filled"] is False
    zeros = (rows_of(spec)["weight"] == 0.0).sum()
    assert zeros == np.count_nonzero(compared("diabetes").W[1] == 0.0) > 0


def test_true_weights_are_drawn_where_they_are_known():
    weights = weights_of("diabetes")
    known = weights.assign(true=np.arange(len(weights)) / len(weights))
    spec = bars_spec(known, "none")
    marks = [
        layer["mark"]["shape"]
        for layer in spec["layer"]
        if layer["encoding"].get("x", {}).get("field") == "true"
    ]
    assert marks == ["diamond"]
    np.testing.assert_array_equal(rows_of(spec)["true"], known["true"])
    low, high = weight_charts.weight_domain(known)
    assert known["true"].between(low, high).all()


@every_penalty
def test_the_optimum_is_marked_on_the_curves_and_on_the_bars(penalty):
    model, result = compared("diabetes")[penalty], compared("diabetes")
    spec = loss_spec("diabetes", penalty)
    assert axes_in(spec)["loss"] == pytest.approx(model.optimum_loss)
    bars = rows_of(weight_spec("diabetes", penalty)).set_index("feature")["optimum"]
    features = list(result.problem.design.features)
    np.testing.assert_allclose(bars[features], model.optimum.W[:, 0], rtol=1e-12)


def test_where_there_is_no_optimum_none_is_marked():
    assert not compared("wine")["none"].optimum.exists
    assert np.isnan(axes_in(loss_spec("wine", "none"))["loss"])
    bars = weight_spec("wine", "none")
    assert "optimum" not in rows_of(bars)
    assert "optimum" not in str(bars["layer"])


def test_the_tick_of_a_zero_that_is_right_does_not_hide_it():
    spec = weight_spec("diabetes", "L1")
    (tick,) = [layer for layer in spec["layer"] if layer["mark"]["type"] == "tick"]
    assert tick["transform"] == [
        {"filter": "datum.weight !== 0 || datum.optimum !== 0"}
    ]
    rows = rows_of(spec)
    assert ((rows["weight"] == 0) & (rows["optimum"] == 0)).any()


@every_comparison
@every_penalty
def test_a_log_axis_is_never_given_a_loss_that_has_no_logarithm(name, penalty):
    spec = loss_spec(name, penalty, log_losses=True)
    y = next(c for key, c in channels(spec) if key == "y")
    assert y["scale"]["type"] == "log"
    assert domain_of(y, spec)[0] > 0
    assert (rows_of(spec).set_index("epoch") > 0).all(axis=None)


def test_a_loss_of_exactly_zero_is_there_and_drawn_on_the_linear_axis():
    assert (compared("perfect")["none"].run.train_loss == 0).any()
    assert (rows_of(loss_spec("perfect", "none"))["training"] == 0).any()


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
    rows = rows_of(loss_spec("long", penalty))
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
    rows = rows_of(loss_spec("diabetes", "L1"))
    np.testing.assert_array_equal(rows["epoch"], np.arange(run.epochs + 1))
    np.testing.assert_array_equal(rows["training"], run.train_loss)
    np.testing.assert_array_equal(rows["validation"], run.validation_loss)


def test_without_rows_held_out_there_is_one_curve():
    spec = loss_spec("nothing held out", "L2")
    assert set(rows_of(spec)) == {"epoch", "training"}
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
        rows = rows_of(loss_spec(name, penalty))
        last = rows.iloc[-1]
        assert last["training"] == pytest.approx(result.train_scores.loss[i], rel=1e-9)


@pytest.mark.parametrize("log_epochs", [False, True])
def test_the_switch_of_the_epochs_changes_their_axis_only(log_epochs):
    axes = curve_charts.loss_axes(
        compared("diabetes"), log_epochs=log_epochs, log_losses=False
    )
    spec = curve_charts.loss_curves(compared("diabetes"), "L2", axes).to_dict()
    scales = {key: c["scale"]["type"] for key, c in channels(spec) if key in "xy"}
    assert scales == {"x": "symlog" if log_epochs else "linear", "y": "linear"}


def test_every_chart_is_a_valid_specification():
    specs = [*all_specs("nasty"), *all_specs("wine")]
    for spec in specs:
        assert alt.LayerChart.from_dict(spec).to_dict() == spec


@every_penalty
def test_a_specification_stays_while_the_numbers_move(penalty):
    def specifications(**settings):
        result = compare_sample(DIABETES, **settings)
        axes = curve_charts.loss_axes(result, log_epochs=True, log_losses=False)
        weights = ranked_weights(result, None, original_units=False)
        domain = weight_charts.weight_domain(weights)
        pictures = (
            curve_charts.loss_curves(result, penalty, axes),
            weight_charts.weight_bars(weights, penalty, domain, "per SD"),
        )
        drawn = [str(picture.tables) for picture in pictures]
        return [picture.specification for picture in pictures], drawn

    before, numbers = specifications(lam=3.0, epochs=40)
    after, others = specifications(lam=30.0, epochs=60)
    assert before == after
    assert all(old != new for old, new in zip(numbers, others, strict=True))
