"""A type that the user sets: what can be taken is, the rest is missing and counted."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from regcore import DesignError, Settings, compare
from regcore.design import build_design
from regcore.design.guesses import guess_type
from regcore.design.sheet import Sheet
from regcore.settings import ColumnType

N = 80


def table(*cells: object, y: object = None) -> pd.DataFrame:
    """A table with these cells, over and over, two numbers, and a target."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=N).round(3)
    column = pd.Series([cells[i % len(cells)] for i in range(N)])
    values = 3 * x + rng.normal(size=N) if y is None else y
    return pd.DataFrame({"x": x, "c": column, "y": np.round(values, 2)})


def notes_of(frame: pd.DataFrame, **types: str) -> list[str]:
    return [
        note
        for note in build_design(frame, Settings("y", types=types)).notes
        if note.startswith("«c» is")
    ]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            ["1.5", "2.5", "3.5", "unknown"],
            "«c» is a number, as chosen: 20 of its 80 cells are no number, such as "
            "«unknown», and became missing.",
        ),
        (
            [*map(str, range(79)), "k. A."],
            "«c» is a number, as chosen: 1 of its 80 cells is no number, such as "
            "«k. A.», and became missing.",
        ),
        (
            ["1", "red", "red", "red", "dark blue", "dark blue", "?", "dim", "2", "3"],
            "«c» is a number, as chosen: 56 of its 80 cells are no number, such as "
            "«red», «dark blue» and «?», and became missing.",
        ),
        (
            ["<0.05", ">3", "9 kg", "7.5*"],
            "«c» is a number, as chosen: 80 cells such as «<0.05», «>3» and «9 kg» "
            "became the number in them.",
        ),
        (
            [*map(str, range(79)), "85+"],
            "«c» is a number, as chosen: 1 cell such as «85+» became the number in it.",
        ),
        (
            ["1.234", "2.500", "ask me"],
            "«c» is a number, as chosen: 26 of its 80 cells are no number, such as "
            "«ask me», and became missing; the point was taken as decimal sign, which "
            "no cell decides.",
        ),
    ],
)
def test_a_column_that_is_made_a_number_says_what_was_taken(cells, sentence):
    assert notes_of(table(*cells), c="number") == [sentence]


def test_a_column_of_plain_numbers_in_text_is_made_a_number_without_a_word():
    frame = table("1.5", "2.5", "4.5").astype({"c": "str"})
    assert notes_of(frame, c="number") == []
    assert build_design(frame, Settings("y", types={"c": "number"})).features == (
        "x",
        "c",
    )


def test_what_is_taken_is_the_number_itself():
    frame = table("1.5", "<2.5", "4,5", "unknown", "€3K")
    values = build_design(frame, Settings("y", types={"c": "number"}))
    raw = [{"1.5": 1.5, "<2.5": 2.5, "4,5": 4.5, "€3K": 3e3}.get(c) for c in frame["c"]]
    ours = pd.DataFrame({"x": frame["x"], "c": raw, "y": frame["y"]})
    theirs = build_design(ours, Settings("y", types={"c": "number"}))
    np.testing.assert_allclose(values.X, theirs.X)
    assert values.features == theirs.features == ("x", "c", "c is missing")


def test_another_table_is_predicted_as_the_first_was_read():
    frame = table("1.5", "<2.5", "unknown", "€3K", "€2M")
    result = compare(frame, Settings("y", types={"c": "number"}, validation_share=0))
    new = pd.DataFrame({"x": [0.5] * 4, "c": ["€3K", "unheard of", None, "<1"]})
    bare = new.assign(c=[3000.0, np.nan, np.nan, 1.0])
    pd.testing.assert_frame_equal(result.predict(new), result.predict(bare))


def test_the_target_can_be_made_a_number():
    frame = table(1, 2, 3)
    frame["y"] = [f"{value} €" if i % 8 else "open" for i, value in enumerate(frame.y)]
    design = build_design(frame, Settings("y", types={"y": "number"}))
    assert design.task == "regression"
    marked = [f"«{text}»" for text in frame["y"][1:4]]
    assert design.dropped == (
        "«y» is a number, as chosen: 10 of its 80 cells are no number, such as «open», "
        f"and became missing; 70 cells such as {marked[0]}, {marked[1]} and "
        f"{marked[2]} became the number in them.",
        "10 rows without a target left out.",
    )
    assert len(design.rows) + len(design.validation_rows) == 70


def test_a_column_without_any_number_is_refused_and_says_what_to_do():
    with pytest.raises(DesignError) as refusal:
        build_design(table("red", "green"), Settings("y", types={"c": "number"}))
    assert str(refusal.value) == (
        "Column «c» holds no numbers: row 1: «red» is no number; choose another type "
        "for it."
    )


def test_true_and_false_can_be_a_number():
    settings = Settings("y", types={"c": "number"}, validation_share=0)
    design = build_design(table(True, False), settings)
    np.testing.assert_allclose(design.X[:, 1], [1.0, -1.0] * (N // 2))


TAIL = "It was read as text; choose the type «{0}» to read it as {0}s."


@pytest.mark.parametrize(
    ("cells", "sentence", "reason"),
    [
        (
            ["1.5", "2.5", "low", "high"],
            "«c» looks like numbers: 40 of 80 cells are; the others are such as «low» "
            "and «high». " + TAIL.format("number"),
            "it has few distinct values, though 40 of 80 cells look like numbers",
        ),
        (
            ["2024-01-31", "2024-02-01", "soon", "late", "2024-02-02"],
            "«c» looks like dates: 48 of 80 cells are; the others are such as «soon» "
            "and «late». " + TAIL.format("date"),
            "it has few distinct values, though 48 of 80 cells look like dates",
        ),
        (
            ["31/01/2024", "01/31/2024", "02/28/2024", "02/27/2024"],
            "«c» looks like dates: 60 of 80 cells are; the others are such as "
            "«31/01/2024». " + TAIL.format("date"),
            "it has few distinct values, though 60 of 80 cells look like dates",
        ),
        (
            ["Mar-22", "Apr-22", "Dec-21"],
            "«c» looks like dates: all 80 cells are, in notations such as «Mar-22», "
            "«Apr-22» and «Dec-21». " + TAIL.format("date"),
            "it has few distinct values, though 80 of 80 cells look like dates",
        ),
    ],
)
def test_a_column_that_looks_like_something_else_says_so(cells, sentence, reason):
    frame = table(*cells)
    design = build_design(frame, Settings("y"))
    assert design.notes[0] == sentence
    assert guess_type(frame["c"]).reason == reason
    (_, entry, _) = design.ledger
    assert entry.reason == reason


@pytest.mark.parametrize("kind", ["number", "category", "text"])
def test_what_the_user_has_said_of_a_column_is_not_asked_again(kind):
    frame = table("1.5", "2.5", "low", "high")
    design = build_design(frame, Settings("y", types={"c": kind}))
    assert not [note for note in design.notes if "looks like" in note]


@pytest.mark.parametrize(
    "cells",
    [
        ["red", "green"],
        ["2024-01-31", "2024-02-01"],
        ["2024-01-31", "red", "green", "blue"],
    ],
)
def test_what_hardly_looks_like_numbers_or_dates_has_no_look(cells):
    assert guess_type(table(*cells)["c"]).looks is None


ODD_CELLS = [
    *("<0.05", "85+", "7*", "€1.5M", "3K", "2 kg", "1.234", "1,5", "٣٫٥", '="1"'),
    *("unknown", "k. A.", "red", "yes", "no", "NA", "-", "(D)", "∞", "True"),
    *("2024-01-31", "31/01/2024", "Mar-22", "14:05", "2021", "20240131", "1e400"),
]
CELLS = st.one_of(
    st.integers(-9, 9).map(str),
    st.floats(-1e3, 1e3).map(lambda x: f"{x:.2f}"),
    st.sampled_from(ODD_CELLS),
    st.none(),
)
COLUMNS = st.one_of(
    st.lists(CELLS, min_size=12, max_size=12).map(lambda x: pd.Series(x, dtype="str")),
    st.lists(st.integers(-99, 99), min_size=12, max_size=12).map(pd.Series),
    st.lists(st.floats(), min_size=12, max_size=12).map(pd.Series),
    st.lists(st.booleans(), min_size=12, max_size=12).map(pd.Series),
    st.lists(st.dates(), min_size=12, max_size=12).map(pd.to_datetime).map(pd.Series),
)


@profile(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    first=COLUMNS,
    second=COLUMNS,
    kinds=st.tuples(*[st.sampled_from([None, *ColumnType])] * 3),
    target=st.sampled_from(["a", "y"]),
)
def test_any_type_on_any_column_gives_a_result_or_one_honest_sentence(
    first, second, kinds, target
):
    frame = pd.DataFrame({"a": first, "b": second, "y": np.arange(12.0) % 5})
    pairs = zip(frame, kinds, strict=True)
    types = {name: str(kind) for name, kind in pairs if kind is not None}
    settings = Settings(target, types=types, epochs=3)
    try:
        result = compare(frame, settings)
    except DesignError as refusal:
        sentence = str(refusal)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        if "holds no numbers" in sentence:
            (name,) = [name for name in types if f"«{name}»" in sentence]
            text = frame[name].dropna().astype("str")
            assert not text.str.fullmatch(r"-?\d+(\.\d+)?").any()
        return
    assert np.isfinite(result.problem.design.X).all()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert result.predict(frame).notna().all().all()
    # Rows that did not train may have levels of their own.
    new = result.problem.design.unseen_levels(frame)
    assert tuple(str(warning.message) for warning in told) == new


def test_guesses_with_a_look_are_taken_as_they_are():
    frame = table("1.5", "2.5", "low", "high")
    again = build_design(frame, Settings("y"), sheet=Sheet.of(frame))
    assert again.notes == build_design(frame, Settings("y")).notes
