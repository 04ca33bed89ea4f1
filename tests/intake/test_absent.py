"""Words and numbers that stand for no value, and those that only look so."""

import numpy as np
import pytest

from regcore.intake import Reading, read
from regcore.intake.absent import stand_ins

N = 80


def file_of(*columns: tuple[str, list[object]]) -> bytes:
    """A file of these columns, each given by cells that come over and over."""
    names = ",".join(name for name, _ in columns)
    rows = (
        ",".join(str(cells[i % len(cells)]) for _, cells in columns) for i in range(N)
    )
    return "\n".join([names, *rows]).encode()


def column(cells: list[object], reading: Reading | None = None, *others):
    done = read(file_of(("kind", cells), ("y", [1.5, 2.25, 3]), *others), "", reading)
    return done.table["kind"], done


NUMBERS = ("n", ["NA", 1.5, 2.5, 4])


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        (["None", "None", "Insomnia", "Apnea"], "None"),
        (["none", "low", "high", "mid"], "none"),
        (["NA", "EU", "EU", "AS", "AF", "AF", "SA"], "NA"),
        (["n/a", "n/a", *["yes"] * 3, *["no"] * 4], "n/a"),
        (["N/A"] * 9 + ["on"], "N/A"),
    ],
)
def test_a_word_that_comes_as_often_as_other_words_is_a_level_and_is_said(cells, word):
    kind, done = column(cells)
    assert set(kind) == set(cells)
    (note,) = done.notes
    assert note.startswith(f"«{word}» in {(kind == word).sum()} cells of column «kind»")


@pytest.mark.parametrize(
    "cells",
    [
        ["NA", *["yes"] * 20, *["no"] * 19],
        ["nan", "low", "high"],
        ["NULL", "low", "high"],
        ["NA", *[f"name {i}" for i in range(40)]],
    ],
)
def test_a_word_that_is_rare_or_of_a_program_is_no_level(cells):
    kind, done = column(cells)
    assert kind.isna().sum() == sum(cells[i % len(cells)] == cells[0] for i in range(N))
    assert "were taken as missing" in " ".join(done.notes)


@pytest.mark.parametrize(("share", "level"), [(1 / 4, False), (3 / 4, True)])
def test_where_the_numbers_of_a_file_have_the_word_for_a_gap_it_is_one(share, level):
    cells = ["NA"] * round(8 * share) + ["a", "b"] * round(4 * (1 - share))
    kind, _ = column(cells, None, NUMBERS)
    assert kind.notna().all() == level


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([-999, *range(2, 18)], (-999,)),
        ([-999.0, 2.5, 3.5, 7, 9], (-999,)),
        ([9999, *range(40)], (9999,)),
        ([99, 1, 2, 3, 4, 5], (99,)),
        ([97, 98, 99, 1, 2, 3, 4, 5], (97, 98, 99)),
        ([-99, -9, *range(6)], (-9, -99)),
        ([-1, *range(18, 90)], (-1,)),
        ([1e20, 0.5, 0.7, 0.1], (1e20,)),
        ([-9999, 9999, *range(200, 300)], (-9999, 9999)),
        ([-777, 7, 5.5, 8], (-777,)),
        ([77, 98, 99, 1, 2, 3, 4, 5], (77, 98, 99)),
        ([-9, -8, -7, 1, 2, 3, 4, 5], (-7, -8, -9)),
        ([-1e20, 0.5, 0.7, 0.1], (-1e20,)),
        # Negative where no other is, in whatever form.
        ([-200, 0.1, 2.5, 11.9], (-200,)),
        ([-111, *range(10, 30)], (-111,)),
        ([-9, 1, 2], (-9,)),
        ([-1, -2, *range(18, 90)], (-1, -2)),
        ([-999, *range(0, 90_000, 700)], (-999,)),
    ],
)
def test_numbers_of_a_known_form_far_from_all_others_stand_for_no_value(values, found):
    assert stand_ins(np.array(values * 5, float)) == found


@pytest.mark.parametrize(
    "values",
    [
        range(1, 101),
        [-1, 1],
        [-1, 0, 1],
        [*range(-1, 6)],
        [999.5, *range(40)],
        [99, *range(18, 98)],
        [9999, *range(0, 9000, 100)],
        [1e20, 1e22, 3e19],
        [-9, 9],
        [-3, -2, -1, 0, 1, 2, 3],
        [-100, *range(0, 900, 10)],
        [-200, -1.9, *range(44)],
        [-999, *range(-3000, 3000, 70)],
        [*range(-20, 35)],
        [1990, 1999, 2008],
    ],
)
def test_numbers_among_the_others_are_numbers(values):
    assert stand_ins(np.array([*values] * 5, float)) == ()


def test_a_stand_in_that_comes_once_must_be_farther_away():
    assert stand_ins(np.array([*range(20), -999.0])) == (-999.0,)
    assert stand_ins(np.array([*range(20), 99.0])) == ()
    assert stand_ins(np.array([*range(400), 999.0])) == ()


def test_what_stands_for_no_value_in_one_column_does_in_all_that_it_is_apart_from():
    warm = [-200, *(x / 10 for x in range(-19, 440, 7))]
    many = [-200, *range(2, 1_400, 17)]
    near = [-200, *range(-199, -110)]
    raw = "\n".join(
        ["co,warm,many,near"]
        + [
            ",".join(
                str(cells[i % len(cells)])
                for cells in ([-200, 1.5, 2], warm, many, near)
            )
            for i in range(4 * 90)
        ]
    )
    done = read(raw.encode())
    assert done.table[["co", "warm", "many"]].min().min() == -1.9
    assert done.table["near"].min() == -200
    assert len(done.repairs) == 3
    kept = read(raw.encode(), reading=done.repairs[0].reading)
    assert (kept.table.min() == -200).all()


def test_a_stand_in_is_said_and_its_repair_keeps_it():
    kind, done = column([-999, *range(2, 18)])
    assert kind.isna().sum() == 5
    assert done.missing == ("-999",)
    (repair,) = done.repairs
    assert done.notes == (repair.note,)
    assert repair.note == (
        "5 cells of column «kind» are «-999», apart from all others, and were taken as "
        "missing."
    )
    kept, again = column([-999, *range(2, 18)], repair.reading)
    assert kept.min() == -999
    assert (again.notes, again.repairs, again.missing) == ((), (), ())


@pytest.mark.parametrize(
    ("cells", "word"),
    [(["None", "low", "mid"], "None"), (["NA", *["yes"] * 20, *["no"] * 19], "NA")],
)
def test_one_repair_turns_a_level_into_a_gap_and_the_other_way_round(cells, word):
    kind, done = column(cells)
    (repair,) = done.repairs
    turned, again = column(cells, repair.reading)
    assert (turned.isna() == kind.eq(word)).all() or (
        kind.isna() == turned.eq(word)
    ).all()
    assert again.repairs == ()


def test_any_text_can_be_said_to_stand_for_no_value():
    reading = Reading(missing=("unknown", "7"))
    kind, done = column(["unknown", "low"], reading, ("n", [7, 8, "unknown", 9]))
    assert kind.isna().sum() == N / 2
    assert done.table["n"].isna().sum() == N / 2
    assert done.table["n"].dropna().isin([8, 9]).all()
