import json
import warnings

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import DesignError
from regcore.export.fitted import rows_of, run_lengths
from tests.export.tables import compared, everything, hostile, new_rows
from tests.tables import PENALTIES, TASKS


def both(one, other, table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return one.predict(table), other.predict(table)


@pytest.mark.parametrize(
    ("task", "dates"), [*zip(TASKS, ["parts"] * 3, strict=True), (TASKS[0], "days")]
)
def test_a_model_read_back_predicts_the_same_to_the_last_bit(task, dates):
    ours, data = compared(task, dates=dates), everything(task)
    for table in (data, new_rows(data), data.iloc[:0]):
        for name in PENALTIES:
            back = regcore.from_json(ours.to_json(name))
            predicted, again = both(ours, back, table)
            pd.testing.assert_frame_equal(again, predicted[[name]], check_exact=True)


def test_no_model_depends_on_what_the_others_predict():
    ours = compared("binary")
    far = everything("binary").assign(x0=lambda data: data["x0"] * 1e4)
    for name in PENALTIES:
        predicted, again = both(ours, ours.fitted(name), far)
        pd.testing.assert_frame_equal(again, predicted[[name]], check_exact=True)


def test_a_model_read_back_is_written_the_same():
    text = compared("multiclass").to_json("L2")
    back = regcore.from_json(text)
    assert regcore.export.to_json(back) == text
    np.testing.assert_array_equal(back.rows, compared("multiclass").problem.design.rows)


def test_a_level_that_is_new_is_told_as_the_comparison_tells_it():
    back = regcore.from_json(compared().to_json())
    new = new_rows(everything())
    with pytest.warns(UserWarning, match="no training row has") as told:
        back.predict(new)
    assert tuple(str(one.message) for one in told) == (
        compared().problem.design.unseen_levels(new)
    )


def test_hostile_names_come_back():
    ours = regcore.compare(hostile(), regcore.Settings("''", lam=3.0))
    back = regcore.from_json(ours.to_json("L2"))
    predicted, again = both(ours, back, hostile())
    pd.testing.assert_frame_equal(again, predicted[["L2"]], check_exact=True)


def changed(**parts):
    return json.dumps({**json.loads(compared().to_json()), **parts})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no fitted model"),
        ("[" * 100_000, "no fitted model"),
        ("[]", "no fitted model"),
        ('{"format": "another"}', "no fitted model that regcore wrote; take"),
        (changed(version=2), "version 2 of the format"),
        (changed(biases=[1.0, 2.0]), "no fitted model"),
        (changed(biases=[float("nan")]), "no fitted model"),
        (changed(columns=[]), "no fitted model"),
        (changed(columns=[{"kind": "lambda"}]), "no fitted model"),
        (changed(training_rows=[1, 2]), "no fitted model"),
        (changed(training_rows="1 1000000000000000"), "no fitted model"),
        (changed(training_rows="1 -1"), "no fitted model"),
        (changed(target={"column": "y", "task": "guess"}), "no fitted model"),
    ],
)
def test_what_is_no_model_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(DesignError, match=sentence):
        regcore.from_json(text)


def test_a_model_that_is_none_of_the_three_is_refused():
    with pytest.raises(DesignError, match="no model «l3»; choose one of none, L1"):
        compared().fitted("l3")
    assert compared().fitted("l2").penalty == "L2"


@pytest.mark.parametrize("rows", [[0], [3], [0, 1, 5], [2, 3, 4, 9], [9, 0]])
def test_rows_come_back_from_lengths_of_runs(rows):
    assert rows_of(run_lengths(np.array(rows))).tolist() == sorted(rows)
