import io
import runpy
import subprocess
import sys
import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import DesignError, Settings
from regcore.export.python import to_python, to_scikit_learn, to_statsmodels
from tests.export.tables import compared, everything, hostile, new_rows
from tests.tables import PENALTIES, TASKS, table, train_to_the_end


def run(script, frame, folder, header=0, **options):
    """What a script prints for a table, in a process of its own."""
    write(script, frame, folder)
    command = [sys.executable, "-W", "error", "script.py", "table.csv"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return pd.read_csv(io.StringIO(done.stdout), header=header, **options)


def write(script, frame, folder):
    frame.to_csv(folder / "table.csv", index=False)
    (folder / "script.py").write_text(script, encoding="utf-8")


@pytest.fixture
def run_here(tmp_path, monkeypatch, capsys):
    """The same in this process, which takes seconds less."""

    def run_here(script, frame):
        write(script, frame, tmp_path)
        monkeypatch.setattr(sys, "argv", ["script.py", str(tmp_path / "table.csv")])
        runpy.run_path(str(tmp_path / "script.py"), run_name="__main__")
        return pd.read_csv(io.StringIO(capsys.readouterr().out), header=[0, 1])

    return run_here


def predicted(model, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return model.predict(frame).to_numpy()


def imported(script):
    """The names that a script defines."""
    names = {"__name__": "a script"}
    exec(compile(script, "script.py", "exec"), names)
    return names


def test_a_script_predicts_as_the_model_does_in_a_process_of_its_own(tmp_path):
    model, new = compared(dates="parts").fitted("L2"), new_rows(everything())
    found = run(to_python(model), model.cleaned(new), tmp_path)
    wanted = predicted(model, new)
    np.testing.assert_allclose(found.to_numpy(), wanted, rtol=1e-9)


@pytest.mark.parametrize("task", TASKS)
def test_a_pipeline_has_the_predictions_of_the_model(task):
    ours, new = compared(task), new_rows(everything(task))
    for name in PENALTIES:
        model = ours.fitted(name)
        frame = model.cleaned(new)
        pipeline = imported(to_python(model))["pipeline"]()
        if task == "regression":
            found = pipeline.predict(frame)[:, np.newaxis]
        else:
            found = pipeline.predict_proba(frame)
            found = found[:, 1:] if task == "binary" else found
        np.testing.assert_allclose(found, predicted(model, new), rtol=1e-9, atol=1e-12)


def test_hostile_names_stay_names():
    model = regcore.compare(hostile(), Settings("''", lam=2.0)).fitted(
        "L1", origin='""" + x.csv\nimport os # \\'
    )
    found = imported(to_python(model))["predictions"](model.cleaned(hostile()))
    wanted = predicted(model, hostile())
    np.testing.assert_allclose(found.iloc[:, :-1].to_numpy(), wanted, rtol=1e-9)
    for script in (to_scikit_learn(model), to_statsmodels(replace(model, lam=0.0))):
        assert imported(script)["FEATURES"] == list(model.features)


def with_levels(task):
    data = table(task, n=80, seed=3)
    rng = np.random.default_rng(1)
    data = data.assign(level=rng.choice(["p", "q", "r"], 80), z=rng.normal(size=80))
    data.loc[rng.random(80) < 0.2, "x1"] = np.nan
    return data


def weights(found):
    """Those of the model, and those that a script found."""
    by_output = found.iloc[:, 1:].to_numpy(dtype=float)
    return by_output[:, ::2], by_output[:, 1::2]


@cache
def to_the_end(task):
    return train_to_the_end(with_levels(task), lam=4.0, validation_share=0.25)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", PENALTIES)
def test_scikit_learn_finds_the_same_weights_and_the_same_zeros(task, name, run_here):
    model = to_the_end(task).fitted(name)
    found = run_here(to_scikit_learn(model), model.cleaned(with_levels(task)))
    ours, theirs = weights(found)
    np.testing.assert_allclose(theirs, ours, atol=1e-6)
    np.testing.assert_array_equal(theirs == 0, ours == 0)
    assert (ours == 0).any() == (name == "L1")


def test_scikit_learn_does_so_in_a_process_of_its_own(tmp_path):
    model, data = to_the_end("binary").fitted("L1"), with_levels("binary")
    found = run(to_scikit_learn(model), model.cleaned(data), tmp_path, [0, 1])
    ours, theirs = weights(found)
    np.testing.assert_allclose(theirs, ours, atol=1e-6)
    np.testing.assert_array_equal(theirs == 0, ours == 0)


def test_features_that_are_not_scaled_are_not_scaled_there():
    data = with_levels("regression")
    model = train_to_the_end(data, lam=4.0, standardise=False).fitted("L2")
    names = imported(to_scikit_learn(model))
    rows = names["training_rows"](model.cleaned(data))
    np.testing.assert_allclose(names["fitted"](rows).coef_, model.W[:, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("task", "name", "close"),
    [
        ("regression", "none", 1e-6),
        ("regression", "L1", 1e-6),
        ("regression", "L2", 1e-6),
        ("binary", "none", 1e-6),
        ("binary", "L1", 1e-5),
        # Its optimizer of a penalised GLM goes no further.
        ("binary", "L2", 1e-4),
        ("multiclass", "none", 1e-5),
    ],
)
def test_statsmodels_finds_the_same_weights(task, name, close, run_here):
    # All levels of a category make its matrix singular.
    data = with_levels(task).drop(columns="level")
    model = train_to_the_end(data, lam=4.0).fitted(name)
    ours, theirs = weights(run_here(to_statsmodels(model), model.cleaned(data)))
    np.testing.assert_allclose(theirs, ours, atol=close)


def test_what_statsmodels_cannot_fit_is_refused_in_a_sentence():
    with pytest.raises(DesignError, match="no weights, so that it has another penalty"):
        to_statsmodels(compared("multiclass").fitted("L2"))
    assert "MNLogit" in to_statsmodels(compared("multiclass").fitted("none"))


def test_another_table_than_the_one_trained_on_is_refused(tmp_path):
    model = compared().fitted("L1")
    short = model.cleaned(everything()).iloc[:50]
    names = imported(to_scikit_learn(model))
    with pytest.raises(SystemExit, match="not the table that the model was trained on"):
        names["training_rows"](short)


def test_a_script_says_how_far_the_run_is_from_the_optimum():
    script = to_scikit_learn(compared().fitted("L2"))
    assert "The objective here is at most 0." in script
