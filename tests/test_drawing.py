"""Labels beside lines: apart, in order, as near as can be."""

import itertools

import numpy as np
import pytest

from regcore.drawing import shortened, spread


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
