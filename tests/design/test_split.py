import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings, Task
from regcore.design.holdout import hold_out, row_groups, usable_rows
from regcore.design.split import (
    choose_groups,
    split,
    split_groups,
    split_in_order,
)
from regcore.design.target import Target

STRATA = np.array([0.0] * 40 + [1.0] * 12 + [2.0] * 3 + [3.0])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.9])
def test_every_row_is_on_exactly_one_side(share):
    train, held_out = split(STRATA, share, seed=0)
    both = np.concatenate([train, held_out])
    np.testing.assert_array_equal(np.sort(both), np.arange(len(STRATA)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(held_out) > 0).all()


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, [0, 0, 0, 0]), (0.25, [10, 3, 1, 0]), (0.9, [36, 11, 2, 0])],
)
def test_every_stratum_gives_its_share_and_keeps_a_row(share, expected):
    _, held_out = split(STRATA, share, seed=0)
    counts = np.bincount(STRATA[held_out].astype(int), minlength=4)
    np.testing.assert_array_equal(counts, expected)


def test_the_seed_alone_decides_the_draw():
    first, again, other = (split(STRATA, 0.25, seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_row_is_held_out_by_some_seed():
    held_out = {row for seed in range(60) for row in split(STRATA, 0.25, seed)[1]}
    assert held_out == set(range(len(STRATA) - 1))


@pytest.mark.parametrize(
    ("n", "share", "held_out"), [(8, 0.25, [6, 7]), (8, 0, []), (4, 0.9, [1, 2, 3])]
)
def test_in_order_the_last_rows_are_held_out(n, share, held_out):
    train, ours = split_in_order(n, share)
    np.testing.assert_array_equal(ours, held_out)
    np.testing.assert_array_equal(train, np.arange(n - len(held_out)))


GROUPS = np.random.default_rng(0).integers(0, 12, 200)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_no_group_is_on_both_sides(share, seed):
    train, held_out = split_groups(GROUPS, share, seed)
    assert not set(GROUPS[train]) & set(GROUPS[held_out])
    both = np.sort(np.concatenate([train, held_out]))
    np.testing.assert_array_equal(both, np.arange(200))
    assert abs(len(held_out) / 200 - share) < 0.1
    again = split_groups(GROUPS, share, seed)[1]
    np.testing.assert_array_equal(held_out, again)


@pytest.mark.parametrize("seed", range(6))
def test_a_group_that_would_miss_the_share_by_as_much_is_passed_over(seed):
    # 2 of 20 rows are wanted: with 4 of them the share is as far off as without any.
    assert choose_groups(np.array([4, 4, 4, 2, 6]), 0.1, seed) == [3]


def test_the_seed_decides_which_groups_are_held_out():
    drawn = {tuple(split_groups(GROUPS, 0.25, seed)[1]) for seed in range(10)}
    assert len(drawn) > 5


@pytest.mark.parametrize(
    ("groups", "share", "held_out"),
    [
        ([0, 0, 0], 0.25, 0),
        ([0, 0, 0, 1], 0, 0),
        ([0] * 9 + [1] * 9, 0.1, 9),
        ([0] * 90 + [1], 0.9, 90),
    ],
)
def test_few_groups_leave_one_to_train(groups, share, held_out):
    groups = np.array(groups)
    counts = {len(split_groups(groups, share, seed)[1]) for seed in range(20)}
    assert held_out in counts
    assert max(counts) < len(groups)


# Which rows can be used


def usable(settings=None, totals=(), **gaps):
    """Twelve rows with these rows missing in «y», «a» or «b»; «c» is always missing."""
    table = pd.DataFrame({name: np.arange(12.0) for name in ("y", "a", "b", "c")})
    for name, at in {**gaps, "c": range(12)}.items():
        table.loc[list(at), name] = np.nan
    chosen = Settings("y", **(settings or {})).preparation()
    rows, dropped = usable_rows(table, chosen, ("a", "b", "c"), totals)
    return rows.tolist(), dropped


DROP, KEEP = {"missing": "drop"}, {"totals": "keep"}


@pytest.mark.parametrize(
    ("settings", "totals", "gaps", "without", "notes"),
    [
        ({}, (), {}, (), ()),
        ({}, (), {"a": [1], "b": [2]}, (), ()),
        ({}, (), {"y": [3]}, [3], ("1 row without a target left out.",)),
        ({}, (), {"y": [0, 3]}, [0, 3], ("2 rows without a target left out.",)),
        ({}, [11], {}, [11], ("1 row left out as a total (row 12).",)),
        ({}, [5, 11], {}, [5, 11], ("2 rows left out as totals (rows 6, 12).",)),
        ({}, [11], {"y": [11]}, [11], ("1 row without a target left out.",)),
        (KEEP, [11], {}, (), ()),
        (DROP, (), {}, (), ()),
        (DROP, (), {"a": [1]}, [1], ("1 row with a missing feature dropped.",)),
        (
            DROP,
            [5],
            {"a": [1, 2, 5], "b": [2, 3], "y": [3]},
            [1, 2, 3, 5],
            (
                "1 row without a target left out.",
                "1 row left out as a total (row 6).",
                "2 rows with a missing feature dropped.",
            ),
        ),
    ],
)
def test_rows_that_cannot_be_used_are_left_out_with_a_note(
    settings, totals, gaps, without, notes
):
    rows, dropped = usable(settings, totals, **gaps)
    assert rows == [row for row in range(12) if row not in without]
    assert dropped == notes


NEEDED = ", and at least 8 are needed; choose another target or a longer file."


def test_fewer_than_eight_rows_are_refused_with_what_became_of_the_others():
    assert len(usable(y=range(4))[0]) == 8
    with pytest.raises(DesignError) as refusal:
        usable(DROP, y=range(3), a=[4, 5])
    assert str(refusal.value) == (
        "Only 7 rows can be used (3 rows without a target left out. 2 rows with a "
        f"missing feature dropped){NEEDED}"
    )
    short = pd.DataFrame({"y": np.arange(7.0)})
    with pytest.raises(DesignError) as refusal:
        usable_rows(short, Settings("y").preparation(), (), ())
    assert str(refusal.value) == f"Only 7 rows can be used{NEEDED}"


# Which of them train


def chosen(split="random", share=0.25, locked=0.0):
    shares = {"validation_share": share, "test_share": locked}
    return Settings("y", split=split, group="g", **shares).preparation()


@pytest.mark.parametrize(
    ("share", "locked", "refused"),
    [(0.25, 0.0, True), (0.0, 0.2, True), (0.0, 0.0, False)],
)
def test_one_group_alone_cannot_be_held_out_or_locked_away(share, locked, refused):
    table = pd.DataFrame({"g": ["u"] * 10})
    settings = chosen("groups", share, locked)
    if refused:
        with pytest.raises(DesignError, match=r"«g» puts all rows into one group"):
            row_groups(table, np.arange(10), settings)
    else:
        assert row_groups(table, np.arange(10), settings).tolist() == [0] * 10


def test_groups_are_the_equal_cells_of_the_rows_that_are_used():
    table = pd.DataFrame({"g": ["v", "u", None, "v", None, "w"]})
    codes = row_groups(table, np.array([0, 1, 2, 3, 4]), chosen("groups"))
    assert codes[0] == codes[3]
    assert codes[2] == codes[4]
    assert len(set(codes.tolist())) == 3
    assert row_groups(table, np.arange(5), chosen("order")) is None


def numbers(n):
    return Target(Task.REGRESSION, (), np.arange(float(n)))


@pytest.mark.parametrize("split", ["random", "order", "groups"])
def test_what_is_held_out_is_a_share_of_all_rows_whatever_is_locked_away(split):
    groups = np.arange(100) if split == "groups" else None
    parts = hold_out(groups, numbers(100), chosen(split, 0.25, 0.2))
    assert [len(rows) for rows in parts] == [55, 25, 20]
    assert sorted(np.concatenate(parts)) == list(range(100))
    if split == "order":
        assert np.concatenate(parts).tolist() == list(range(100))
    nothing = hold_out(groups, numbers(100), chosen(split, 0.0))
    assert [len(rows) for rows in nothing] == [100, 0, 0]


def test_ten_rows_that_are_locked_away_can_judge_and_nine_cannot():
    assert len(hold_out(None, numbers(100), chosen(locked=0.1))[2]) == 10
    with pytest.raises(DesignError) as refusal:
        hold_out(None, numbers(93), chosen(locked=0.1))
    assert str(refusal.value) == (
        "10 % of 93 rows lock 9 rows away, and at least 10 are needed to judge by; "
        "lock away a larger share, or none."
    )


def test_two_groups_can_be_trained_on_and_locked_away_but_not_held_out_as_well():
    groups = np.repeat([0, 1], 20)
    train, held_out, test = hold_out(groups, numbers(40), chosen("groups", 0.0, 0.5))
    assert (len(train), len(held_out), len(test)) == (20, 0, 20)
    with pytest.raises(DesignError, match=r"^There are too few groups to train on"):
        hold_out(groups, numbers(40), chosen("groups", 0.25, 0.5))


@pytest.mark.parametrize(
    ("split", "how"), [("order", "in order"), ("groups", "by groups")]
)
def test_a_class_that_no_row_trains_is_refused_unless_rows_are_drawn(split, how):
    """The last ten of forty rows are of one class, and a group of their own."""
    last = np.arange(40) >= 30
    target = Target(Task.BINARY, ("no", "yes"), last.astype(float))
    groups = last.astype(int) if split == "groups" else None
    with pytest.raises(
        DesignError,
        match=f"^No training row is of the class «yes» when rows are held out "
        f"{how}; hold out fewer rows, or split at random.$",
    ):
        hold_out(groups, target, chosen(split))
    train, held_out, _ = hold_out(None, target, chosen())
    for rows, count in ((train, 30), (held_out, 10)):
        assert len(rows) == count
        assert target.values[rows].mean() == pytest.approx(0.25, abs=0.06)
