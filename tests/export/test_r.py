import io
import shutil
import subprocess
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import DesignError, Settings
from regcore.export.r import text, to_r
from tests.export.tables import compared, everything, hostile, new_rows
from tests.tables import table as plain_table
from tests.tables import train_to_the_end

R = shutil.which("Rscript")

with_r = pytest.mark.skipif(R is None, reason="Rscript is not on the PATH")


def r(*words, folder):
    done = subprocess.run(
        [R, *words], cwd=folder, capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def has(package):
    return r("-e", f"cat(requireNamespace('{package}'))", folder=".") == "TRUE"


@pytest.mark.parametrize(
    ("task", "name", "call"),
    [
        ("regression", "none", "lm(y ~ Z)"),
        ("binary", "none", "glm(y ~ Z, family = binomial"),
        ("multiclass", "none", "nnet::multinom("),
        ("regression", "L1", 'family = "gaussian",\n    alpha = 1, lambda = lam / n'),
        ("regression", "L2", 'family = "gaussian",\n    alpha = 0, lambda = lam / n'),
        ("binary", "L1", 'family = "binomial",\n    alpha = 1, lambda = lam / n'),
        (
            "multiclass",
            "L2",
            'family = "multinomial",\n    alpha = 0, lambda = lam / n',
        ),
    ],
)
def test_each_model_is_fitted_by_what_r_has_for_it(task, name, call):
    script = to_r(compared(task).fitted(name))
    assert call in script
    assert f"\nlam <- {0.0 if name == 'none' else 8.0}\n" in script
    assert ("standardize = FALSE" in script) == (name != "none")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('a"; quit()', r'"a\"; quit()"'),
        ("a\\", r'"a\\"'),
        ("two\nlines\r\t", r'"two\nlines\r\t"'),
        ("é😀\x07\u2028", r'"\u00e9\U0001f600\u0007\u2028"'),
        ("`x`", '"`x`"'),
    ],
)
def test_a_text_is_one_literal_of_ascii(value, written):
    assert text(value) == written


def test_a_text_that_r_does_not_know_is_refused():
    with pytest.raises(DesignError, match="R knows no text with the character 0"):
        text("a\0b")


def test_hostile_names_are_literals_and_comments_stay_comments():
    model = regcore.compare(hostile(), Settings("''", lam=2.0)).fitted("L2")
    script = to_r(replace(model, origin="x.csv\nquit()"))
    assert all(text(name) in script for name in model.features)
    assert not [line for line in script.splitlines() if line.startswith("quit")]


@with_r
def test_r_predicts_as_the_model_does(tmp_path):
    ours, data = compared("multiclass", dates="parts"), everything("multiclass")
    model, new = ours.fitted("L2"), new_rows(data)
    model.cleaned(new).to_csv(tmp_path / "table.csv", index=False)
    (tmp_path / "model.R").write_text(to_r(model), encoding="utf-8")
    what = (
        "source('model.R'); options(digits = 17);"
        "write.csv(predictions(load_table('table.csv')), row.names = FALSE)"
    )
    found = pd.read_csv(io.StringIO(r("-e", what, folder=tmp_path)))
    with pytest.warns(UserWarning, match="no training row has"):
        wanted = model.predict(new)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


@with_r
@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("binary", "none"),
        ("regression", "L1"),
        ("binary", "L2"),
        ("multiclass", "L1"),
    ],
)
def test_r_finds_the_same_weights_and_the_same_zeros(task, name, tmp_path):
    data = plain_table(task, n=80, seed=3).assign(
        z=np.random.default_rng(1).normal(size=80)
    )
    ours = train_to_the_end(data, lam=4.0, validation_share=0.25)
    model = ours.fitted(name)
    model.cleaned(data).to_csv(tmp_path / "table.csv", index=False)
    (tmp_path / "model.R").write_text(to_r(model), encoding="utf-8")
    package = "glmnet" if name != "none" else "stats"
    if not has(package):
        pytest.skip(f"R has no {package}")
    found = pd.read_csv(io.StringIO(r("model.R", "table.csv", folder=tmp_path)))
    weights = found.iloc[:, 1:].to_numpy(dtype=float)
    np.testing.assert_allclose(weights[:, 1::2], weights[:, ::2], atol=1e-5)
    np.testing.assert_array_equal(weights[:, 1::2] == 0, weights[:, ::2] == 0)


@with_r
def test_r_reaches_a_lambda_that_glmnet_does_not_reach_by_itself(tmp_path):
    # Two columns with one row each in which they are not 0, and these draws.
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 4))
    rare = np.arange(300)
    data = pd.DataFrame(X, columns=list("abcd"))
    data = data.assign(first=1.0 * (rare == 9), second=1.0 * (rare == 10))
    z = X[:, 0] - X[:, 1] + rng.normal(size=300)
    data["y"] = np.where(z > 0.3, "yes", "no")
    model = train_to_the_end(data, lam=7.6).fitted("L1")
    model.cleaned(data).to_csv(tmp_path / "table.csv", index=False)
    (tmp_path / "model.R").write_text(to_r(model), encoding="utf-8")
    if not has("glmnet"):
        pytest.skip("R has no glmnet")
    found = pd.read_csv(io.StringIO(r("model.R", "table.csv", folder=tmp_path)))
    np.testing.assert_allclose(found["R 1"], found["regcore 1"], atol=1e-5)
    assert (found["R 1"] != 0).sum() >= 2
