"""The samples are what they say, and each shows what the page is about."""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from regcore import compare
from regcore.design.target import propose_task
from regcore.samples import PLANTED_WEIGHTS, SAMPLES, planted
from regcore.settings import Settings, Task
from regcore.solve.runs import Outcome
from tests.sampled import (
    CANCER,
    DIABETES,
    PLANTED,
    WINE,
    compare_sample,
    read_sample,
    table_of,
)

each_sample = pytest.mark.parametrize(
    "sample", SAMPLES, ids=[sample.title.split()[0] for sample in SAMPLES]
)


@each_sample
def test_a_sample_is_read_without_a_guess_worth_a_note(sample):
    intake = read_sample(sample)
    assert intake.notes == ()
    assert not intake.table.isna().any(axis=None)
    assert intake.table.columns[-1] == sample.target


@pytest.mark.parametrize(
    ("sample", "task"),
    [
        (DIABETES, Task.REGRESSION),
        (PLANTED, Task.REGRESSION),
        (CANCER, Task.BINARY),
        (WINE, Task.MULTICLASS),
    ],
)
def test_the_task_in_the_title_is_the_task_proposed(sample, task):
    proposed, _ = propose_task(table_of(sample)[sample.target])
    assert proposed is task


@each_sample
def test_the_default_strength_shows_a_difference_between_the_three(sample):
    result = compare_sample(sample)
    none, l1, l2 = result.W
    assert Outcome.DIVERGED not in {run.outcome for run in result.runs}
    assert np.count_nonzero(none) == none.size
    assert 0 < np.count_nonzero(l1) < 0.75 * l1.size
    assert np.linalg.norm(l2) < 0.99 * np.linalg.norm(none)


def originals():
    """The data as scikit-learn ships it, targets spelled as in our files."""
    diabetes = load_diabetes(scaled=False)
    cancer, wine = load_breast_cancer(), load_wine()
    return {
        DIABETES: (diabetes.data, diabetes.target),
        CANCER: (cancer.data, cancer.target_names[cancer.target]),
        WINE: (wine.data, np.array(["A", "B", "C"])[wine.target]),
    }


@pytest.mark.parametrize("sample", [DIABETES, CANCER, WINE], ids=lambda s: s.title)
def test_a_file_equals_the_copy_of_the_data_in_scikit_learn(sample):
    table = table_of(sample)
    X, y = originals()[sample]
    features = table.drop(columns=sample.target)
    np.testing.assert_array_equal(features.to_numpy(float), X)
    np.testing.assert_array_equal(table[sample.target].to_numpy(), y)


def test_the_planted_sample_says_its_own_size_and_noise():
    table = table_of(PLANTED)
    noise = [name for name in table.columns if name.startswith("noise")]
    assert PLANTED.origin.startswith(f"{len(table)} rows")
    assert len(noise) == 30
    assert (PLANTED_WEIGHTS[noise] == 0).all()


@pytest.fixture(scope="module")
def many_planted():
    return pd.read_csv(BytesIO(planted(rows=20_000)))


def test_the_planted_groups_are_correlated_and_the_rest_is_not(many_planted):
    correlation = many_planted.drop(columns="yield").corr().abs()
    group = [name.split()[0] for name in correlation.columns]
    for name in ("twin", "team"):
        inside = np.array([g == name for g in group])
        own = correlation.to_numpy()[np.ix_(inside, inside)]
        assert own[~np.eye(3, dtype=bool)].min() > 0.85
        assert correlation.to_numpy()[np.ix_(inside, ~inside)].max() < 0.05


def test_a_long_fit_on_many_rows_recovers_the_planted_weights(many_planted):
    result = compare(
        many_planted,
        Settings(target="yield", lam=0.0, epochs=20_000, validation_share=0.0),
    )
    found = result.coefficients_original_units["none"]
    # The standard error of a twin's weight is 4/√(20000·0.1·3/2.9), near 0.09.
    pd.testing.assert_series_equal(
        found, PLANTED_WEIGHTS, check_names=False, rtol=0, atol=0.3
    )
    assert result.intercepts.loc["yield", "none"] == pytest.approx(50, abs=0.1)


def test_the_planted_file_is_the_same_at_every_visit():
    assert planted() == planted()
    assert planted(seed=3) != planted()
