"""Labels beside lines: apart, in order, as near as can be."""

import ast
import itertools
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest

import regcore
from regcore.drawing import layered
from regcore.drawing.names import (
    feature_rows,
    short_names,
    shortened,
    spread,
    with_rows,
)


def test_places_that_are_apart_stay():
    places = np.array([5.0, 1.0, 9.0])
    np.testing.assert_array_equal(spread(places, 1.0, 0.0, 10.0), places)


@pytest.mark.parametrize("seed", range(20))
def test_neighbours_end_up_apart_inside_and_in_the_same_order(seed):
    rng = np.random.default_rng(seed)
    places = rng.normal(5.0, 1.5, rng.integers(2, 9)).clip(0.0, 10.0)
    moved = spread(places, 1.0, 0.0, 10.0)
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) >= 1.0 - 1e-12).all()
    assert moved.min() >= -1e-12
    assert moved.max() <= 10.0 + 1e-12


def test_they_move_as_little_as_any_other_arrangement_on_a_grid():
    places = np.array([3.0, 3.2, 3.3])
    moved = spread(places, 1.0, 0.0, 10.0)
    grid = np.linspace(1.0, 6.0, 51)
    least = min(
        ((np.array(three) - places) ** 2).sum()
        for three in itertools.combinations(grid, 3)
        if np.diff(three).min() >= 1.0 - 1e-9
    )
    assert ((moved - places) ** 2).sum() <= least + 1e-9


def test_without_room_they_are_spaced_evenly():
    moved = spread(np.array([2.0, 2.0, 2.0]), 5.0, 0.0, 4.0)
    np.testing.assert_allclose(moved, [0.0, 2.0, 4.0])


@pytest.mark.parametrize("places", [[], [3.0]])
def test_one_label_or_none_stays_where_it_is(places):
    assert spread(np.array(places), 1.0, 0.0, 10.0).tolist() == places


def test_a_long_name_keeps_both_ends():
    assert shortened("short") == "short"
    assert shortened("ocean_proximity = INLAND", 12) == "ocean_…NLAND"
    assert len(shortened("x" * 99, 12)) == 12


ALIKE = (
    "population in 2010, estimated in total",
    "population in 2011, estimated in total",
    "population in 2011, corrected in total",
)


def test_names_that_differ_are_cut_so_that_they_still_do():
    assert len({shortened(name) for name in ALIKE}) == 1
    assert short_names(["short", ALIKE[0], "short"]) == {
        "short": "short",
        ALIKE[0]: shortened(ALIKE[0]),
    }
    assert set(short_names(ALIKE[:2], 20).values()) == {
        "popula…0, estimated…",
        "popula…1, estimated…",
    }
    # Where one place does not tell all of them apart, the others stay whole.
    short = short_names([*ALIKE, "population in 2011, established total"], 20)
    assert len(set(short.values())) == 4


def test_a_level_is_never_cut_to_what_a_level_of_another_column_shares_with_it():
    level = "Subscription of TV = no internet"
    other = "Subscription of films = no internet"
    assert shortened(level) == shortened(other)
    frame = pd.DataFrame({"feature": [level, "age"]})
    assert with_rows(frame)["row"].tolist() == [shortened(level), "age"]
    (row, _) = with_rows(frame, [level, "age", other])["row"]
    assert row == "Subscr…TV = no inte…"
    assert row == short_names([other, level])[level]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_names_no_two_are_cut_to_the_same(seed):
    rng = np.random.default_rng(seed)
    names = {
        "".join(rng.choice(["a", "b", "é"], 30, p=[0.9, 0.05, 0.05])) for _ in range(60)
    }
    short = short_names(names, 12)
    assert len(set(short.values())) == len(names)


def test_a_row_of_a_chart_is_labelled_with_what_its_name_is_cut_to():
    frame = with_rows(pd.DataFrame({"feature": [*ALIKE, "short", *ALIKE]}))
    assert frame["row"].nunique() == frame["feature"].nunique()
    assert frame["row"].tolist()[3] == "short"
    assert frame["place"].tolist() == [*range(4), *range(3)]
    rows = feature_rows().to_dict()
    assert rows["field"] == "row"
    assert rows["sort"] == {"field": "place", "op": "min"}


def test_layers_without_parameters_are_not_copied_and_are_written_as_altair_would():
    data = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    line = alt.Chart(data).mark_line().encode(x="x:Q", y="y:Q")
    dots = alt.Chart(data.iloc[:1]).mark_point().encode(x="x:Q", y="y:Q")
    ours = layered(line, dots, height=90)
    assert [one is two for one, two in zip(ours.layer, (line, dots), strict=True)]
    theirs = alt.layer(line, dots, height=90, config=ours.config)
    assert ours.to_dict() == theirs.to_dict()


def test_a_parameter_of_a_layer_is_one_of_the_whole():
    chosen = alt.selection_point(name="chosen", fields=["x"])
    data = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    dots = alt.Chart(data, name="dots").mark_point().encode(x="x:Q", y="y:Q")
    whole = layered(dots.mark_line(), dots.add_params(chosen), height=90).to_dict()
    assert [one["views"] for one in whole["params"]] == [["dots"]]


def test_no_text_stands_for_a_channel_for_altair_would_look_through_all_its_classes():
    calls = [
        (file.name, call)
        for file in Path(regcore.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "encode"
        and call.keywords
    ]
    assert len(calls) > 50
    for name, call in calls:
        for keyword in call.keywords:
            values = getattr(keyword.value, "elts", [keyword.value])
            texts = [value for value in values if isinstance(value, ast.Constant)]
            assert keyword.arg, (name, call.lineno)
            assert not texts, (name, call.lineno, keyword.arg)
