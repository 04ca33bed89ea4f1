from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings, compare
from regcore.design import build_design
from regcore.design.guesses import Guess, guess_type, guess_types
from regcore.design.roles import assign_roles, roles_table
from regcore.design.sheet import Sheet
from regcore.settings import ColumnType

N = 40
RNG = np.random.default_rng(0)
NOISE = RNG.standard_normal(N).round(3)


def column(values, name="c", dtype=None):
    return pd.Series(values, name=name, dtype=dtype)


SENTENCES = [f"{word} went home again in the rain" for word in map(str, range(N))]

TYPES = [
    # column, type, part of the reason
    (column(NOISE), "number", "numbers"),
    (column([0, 1] * 20), "number", "numbers"),
    (column(range(100, 100 + N)), "id", "numbers the rows"),
    (column(RNG.permutation(N)), "id", "numbers the rows"),
    (column(range(1950, 1950 + N)), "number", "numbers"),
    (column(np.arange(N) * 7, "customer_id"), "id", "its name says id"),
    (column(np.arange(N) * 7, "userID"), "id", "its name says id"),
    (column(np.arange(N) * 7, "乘客编号"), "id", "its name says id"),
    (column(np.arange(N) * 7, "amount paid"), "number", "numbers"),
    (column([*np.arange(N - 1) * 7, 0], "customer_id"), "id", "rows share a number"),
    (column([*np.arange(N - 1) * 7, 0], "amount paid"), "number", "numbers"),
    (column(np.arange(N) + 0.5, "id"), "number", "numbers"),
    (column(range(7)), "number", "numbers"),
    (column([2.0**60, *range(N)]), "number", "numbers"),
    (column(["a", "b"] * 20), "category", "few distinct values"),
    (column([True, False] * 20), "category", "few distinct values"),
    (column(["a", None] * 20), "category", "few distinct values"),
    (column(["a"] * N), "constant", "same value"),
    (column([7.0] * N), "constant", "same value"),
    (column([7.0, None] * 20), "number", "numbers"),
    (column([None] * N), "empty", "no values"),
    (column([f"u-{i:04}" for i in range(N)]), "id", "codes are all different"),
    (
        column([f"name {chr(97 + i)}" for i in range(26)]),
        "text",
        "nearly every row has",
    ),
    (column([f"town {i // 30}" for i in range(60)]), "category", "few distinct values"),
    (column([f"town {i}" for i in range(30)] * 2), "category", "few distinct values"),
    (column(["town"] * 5 + [f"town {i}" for i in range(30)]), "text", "nearly every"),
    (column(SENTENCES), "text", "free text"),
    (column(pd.date_range("2024", periods=N).astype(str)), "date", "dates"),
    (column(pd.date_range("2024", periods=N)), "date", "dates"),
    (column(["03/04/2024", "05/06/2024"] * 20), "date", "the month as a guess"),
    (column(["10:30", "14:05"] * 20), "date", "times of day"),
]


@pytest.mark.parametrize(
    ("values", "kind", "reason"), TYPES, ids=lambda value: str(value)[:16]
)
def test_the_type_is_guessed_with_its_reason(values, kind, reason):
    guess = guess_type(values)
    assert guess.type == kind
    assert reason in guess.reason


VISITS = np.repeat(np.arange(1001, 1001 + N // 2), 2)
DRAWN = RNG.permutation(500)[:N]

IDS = [
    # An id that several rows share.
    (column(VISITS, "patient_id"), "id", "several rows share a number"),
    (column(RNG.permutation(VISITS), "ID"), "id", "several rows share a number"),
    (column([*VISITS[:-1], None], "customerId"), "id", "several rows share"),
    (column(VISITS, "kundennr"), "id", "several rows share a number"),
    (column(VISITS, "id of the patient"), "id", "several rows share a number"),
    (column(VISITS, "客户编号"), "id", "several rows share a number"),
    # What its name does not call an id, or has few values or halves, is a number.
    (column(VISITS, "number of rooms"), "number", "numbers"),
    (column(VISITS, "zip code"), "number", "numbers"),
    (column(VISITS, "paid"), "number", "numbers"),
    (column(VISITS, "class_id"), "number", "numbers"),
    (column(VISITS + 0.5, "patient_id"), "number", "numbers"),
    (column([*VISITS[:-1], 0.5], "patient_id"), "number", "numbers"),
    (column(np.arange(N) % 7, "region_id"), "number", "numbers"),
    (column(np.arange(N) % 8, "region_id"), "id", "several rows share a number"),
    # A left-over index.
    (column(DRAWN, ""), "id", "as in a left-over index"),
    (column(DRAWN, "Unnamed: 0"), "id", "as in a left-over index"),
    (column(DRAWN, "Unnamed: 0.1"), "id", "as in a left-over index"),
    (column(DRAWN, "col1"), "id", "as in a left-over index"),
    (column(np.sort(DRAWN), ""), "id", "as in a left-over index"),
    (column([*range(20), *range(20)], "Unnamed: 0"), "id", "numbers rows anew"),
    # What is not all different, below 0, or a year, is none; nor has it gaps.
    (column(RNG.integers(0, 9, N), "Unnamed: 0"), "number", "numbers"),
    (column(DRAWN - 300, "Unnamed: 0"), "number", "numbers"),
    (column(DRAWN + 0.5, "Unnamed: 0"), "number", "numbers"),
    (column([*DRAWN[:-1], None], "Unnamed: 0"), "number", "numbers"),
    (column(1950 + 3 * np.arange(N), "Unnamed: 0"), "number", "numbers"),
    # To be all different makes no id of what has a name.
    (column(DRAWN * 1000, "price"), "number", "numbers"),
    (column(DRAWN, "weight"), "number", "numbers"),
]


@pytest.mark.parametrize(
    ("values", "kind", "reason"), IDS, ids=lambda value: str(value)[:16]
)
def test_an_id_is_what_names_a_row_or_its_owner(values, kind, reason):
    guess = guess_type(values)
    assert guess.type == kind
    assert reason in guess.reason


def test_without_any_names_to_have_none_says_nothing():
    headless = pd.DataFrame({"col1": DRAWN, "col2": NOISE})
    assert guess_types(headless)["col1"].type == "number"
    headed = headless.rename(columns={"col2": "x"})
    assert guess_types(headed)["col1"].type == "id"


def test_a_split_by_groups_is_offered_for_an_id_that_repeats():
    data = pd.DataFrame({"patient_id": VISITS, "x": NOISE, "y": NOISE**2})
    assert build_design(data, Settings("y")).notes[0] == (
        "«patient_id»: left out: its name says id and several rows share a number; a "
        "split by its groups keeps the rows of one together."
    )
    grouped = build_design(data, Settings("y", split="groups", group="patient_id"))
    assert grouped.notes[0] == (
        "«patient_id»: left out: its name says id and several rows share a number; it "
        "says which rows belong together."
    )
    held_out = set(VISITS[grouped.validation_rows])
    assert held_out
    assert held_out.isdisjoint(VISITS[grouped.rows])


@pytest.mark.parametrize("name", ["patient_id", "Unnamed: 0"])
def test_an_id_that_is_all_there_is_is_used_as_the_number_it_is(name):
    cells = VISITS if name == "patient_id" else DRAWN
    ours = build_design(pd.DataFrame({name: cells, "y": NOISE}), Settings("y"))
    assert ours.features == (name,)
    assert "there is no other column to use" in ours.ledger[0].reason


PAIRED = [f"of {i}" for i in range(60)] * 2


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (
            ["town"] * 20 + [f"in {i}" for i in range(80)],
            "nearly every row has a value of its own: 80 of 100 rows",
        ),
        (
            ["town"] * 21 + [f"in {i}" for i in range(79)],
            "it has 80 different values in the 100 rows",
        ),
        (
            [*PAIRED, *[f"in {i}" for i in range(80)]],
            "it has 140 different values in the 200 rows",
        ),
        (
            [*[f"in {i}" for i in range(1150)], *[None] * 50],
            "nearly every row has a value of its own: 1,150 of 1,200 rows",
        ),
        (
            [*[f"in {i}" for i in range(1150)], *[None] * 850],
            "it has 1,150 different values in the 1,150 rows that are not empty",
        ),
        (SENTENCES, "it is free text, about 7 words a cell"),
        (PAIRED, "it has few distinct values"),
        (
            ["town", *[f"in {i % 14}" for i in range(15)]],
            "it has 15 different values in the 16 rows",
        ),
        (
            [*"abcdefg", None],
            "it has 7 different values in the 7 rows that are not empty",
        ),
        (["town", *[None] * 9], "it has a single value"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_reason_for_a_column_of_words_is_true_of_it_as_counted(cells, reason):
    assert guess_type(column(cells, dtype="str")).reason == reason


TABLE = pd.DataFrame(
    {
        "number": range(1, N + 1),
        "text": SENTENCES,
        "const": [1] * N,
        "day": np.roll(pd.date_range("2024", periods=N).astype(str), 7),
        "colour": ["red", "green"] * 20,
        "size": NOISE,
        "y": NOISE * 2 + RNG.standard_normal(N),
    }
)


def roles(**chosen):
    return {r.column: r for r in assign_roles(Sheet.of(TABLE), Settings("y", **chosen))}


def test_ids_texts_and_constants_are_left_out_and_say_why():
    ours = roles()
    used = {name for name, role in ours.items() if role.role == "feature"}
    assert used == {"day", "colour", "size"}
    assert ours["y"].role == "target"
    assert ours["number"].reason == "it numbers the rows"


@pytest.mark.parametrize(
    ("types", "used"),
    [
        ({"number": "number"}, {"number", "day", "colour", "size"}),
        ({"text": "category"}, {"text", "day", "colour", "size"}),
        ({"size": "id", "day": "text"}, {"colour"}),
        ({"colour": "constant"}, {"day", "size"}),
    ],
)
def test_a_chosen_type_decides_what_is_used(types, used):
    ours = roles(types=types)
    assert {n for n, role in ours.items() if role.role == "feature"} == used
    assert {ours[name].reason for name in types} == {"its type was chosen"}
    design = build_design(TABLE, Settings("y", types=types))
    assert set(design.sources) == used


def test_chosen_features_are_used_whatever_they_look_like():
    chosen = ("number", "text", "const", "size")
    ours = roles(features=chosen)
    assert ours["number"].type is ColumnType.NUMBER
    assert ours["text"].type is ColumnType.CATEGORY
    assert "but it was chosen" in ours["number"].reason
    assert ours["const"].role == "left out"
    assert ours["day"].reason.endswith("it was not chosen")
    design = build_design(TABLE, Settings("y", features=chosen))
    assert set(design.sources) == {"number", "text", "size"}


def test_the_group_is_no_feature_unless_chosen():
    groups = {"split": "groups", "group": "colour"}
    assert roles(**groups)["colour"].role == "left out"
    assert "which rows belong together" in roles(**groups)["colour"].reason
    assert roles(**groups, features=["colour", "size"])["colour"].role == "feature"
    assert roles(group="colour")["colour"].role == "feature"


def test_running_numbers_are_used_where_there_is_nothing_else():
    table = pd.DataFrame({"x": range(N), "y": NOISE})
    (x, _) = assign_roles(Sheet.of(table), Settings("y"))
    assert (x.type, x.role) == (ColumnType.NUMBER, "feature")
    assert "there is no other column to use" in x.reason
    assert compare(table, Settings("y", epochs=5)).problem.design.features == ("x",)


def test_free_text_alone_is_refused_with_its_reason():
    table = pd.DataFrame({"t": SENTENCES, "y": NOISE})
    with pytest.raises(DesignError, match="«t»: it is free text"):
        build_design(table, Settings("y"))


OPEN = pd.DataFrame(
    {
        "open": [f"{i:02}/{i % 5 + 1:02}/2024" for i in range(1, 9)] * 5,
        "size": NOISE,
        "y": NOISE * 2 + RNG.standard_normal(N),
    }
)


@pytest.mark.parametrize(
    ("date_order", "day_first", "reason"),
    [
        ("auto", True, "the day before the month as a guess"),
        ("day", True, "the day before the month as chosen"),
        ("month", False, "the month before the day as chosen"),
    ],
)
def test_the_order_of_day_and_month_is_chosen_where_no_cell_decides(
    date_order, day_first, reason
):
    settings = Settings("y", date_order=date_order)
    (dates, *_) = assign_roles(Sheet.of(OPEN), settings)
    assert dates.order.day_first == day_first
    assert dates.reason.endswith(reason)
    (entry, *_) = build_design(OPEN, settings).ledger
    order = "day before the month" if day_first else "month before the day"
    assert f"read with the {order}, which no cell decides" in entry.note


def test_dates_that_decide_nothing_are_read_as_those_of_another_column():
    shown = OPEN.assign(shown=["01/31/2024", "02/28/2024"] * (N // 2))
    guess = guess_types(shown)["open"]
    assert not guess.order.day_first
    assert "the month before the day as in other columns" in guess.reason
    told = assign_roles(Sheet.of(shown), Settings("y", date_order="day"))
    assert [role.order.day_first for role in told if role.order] == [True, False]


REFUSED = [
    ({"types": {"colour": "number"}}, "row 1: «red» is no number; choose another type"),
    ({"types": {"colour": "date"}}, "cells that are no dates, for instance «red»"),
    ({"types": {"nowhere": "date"}}, "no column «nowhere»"),
    ({"split": "groups", "group": "nowhere"}, "no column «nowhere»"),
    ({"split": "groups", "group": "y"}, "«y» is the target and cannot say as well"),
    ({"split": "groups", "group": "const"}, "«const» puts all rows into one group"),
]


@pytest.mark.parametrize(("chosen", "sentence"), REFUSED)
def test_a_choice_that_cannot_be_is_refused_in_a_sentence(chosen, sentence):
    with pytest.raises(DesignError, match=sentence) as refusal:
        build_design(TABLE, Settings("y", **chosen))
    assert str(refusal.value).endswith(".")


def test_the_roles_make_a_table():
    table = roles_table(TABLE, assign_roles(Sheet.of(TABLE), Settings("y")))
    assert table["column"].tolist() == list(TABLE.columns)
    assert table.loc[4].tolist() == [
        "colour",
        "category",
        "feature",
        "it has few distinct values",
        "red, green",
        0,
        2,
    ]


def test_guesses_made_before_are_taken_as_they_are():
    sheet = Sheet.of(TABLE)
    assert sheet.types == guess_types(TABLE)
    told = replace(sheet, types=sheet.types | {"colour": Guess(ColumnType.ID, "told")})
    roles = {role.column: role for role in assign_roles(told, Settings("y"))}
    assert (roles["colour"].role, roles["colour"].reason) == ("left out", "told")
    del roles["colour"]
    others = {r.column: r for r in assign_roles(sheet, Settings("y"))}
    assert all(others[name] == role for name, role in roles.items())


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([f"name {i}" for i in range(21)], ColumnType.TEXT),
        ([f"name {i % 19}" for i in range(20)], ColumnType.CATEGORY),
        ([f"name {i // 2}" for i in range(60)], ColumnType.CATEGORY),
        (
            [f"name {i // 2}" if i < 50 else f"n {i}" for i in range(60)],
            ColumnType.TEXT,
        ),
        ([None] * 100 + [f"name {i}" for i in range(21)], ColumnType.TEXT),
    ],
    ids=["all differ", "few", "pairs", "most differ", "gaps"],
)
def test_text_is_no_category_when_hardly_any_comes_twice(values, kind):
    assert guess_type(pd.Series(values, dtype="str", name="c")).type is kind


@pytest.mark.parametrize(
    "cells", [SENTENCES, [f"k{i:03}" for i in range(N)], ["a", "b c"] * 20, ["x"] * N]
)
@pytest.mark.parametrize("dtype", ["category", "object"])
def test_texts_are_guessed_alike_however_pandas_keeps_them(cells, dtype):
    assert guess_type(column(cells, dtype=dtype)) == guess_type(column(cells))
