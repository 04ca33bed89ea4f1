"""Another file's predictions are those of the result; what was new in it is said."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

import regcore
from regcore.files.scoring import score_table
from regcore.settings import DesignError, Settings


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "size": rng.normal(80, 20, 200).round(1),
            "rooms": rng.integers(1, 6, 200),
            "kind": rng.choice(["flat", "house", "loft"], 200),
        }
    )
    z = 0.05 * (frame["size"] - 80) + 0.3 * frame["rooms"] + (frame["kind"] == "loft")
    z += rng.standard_normal(200)
    frame["price"] = (100 + 20 * z).round(2)
    frame["sold"] = np.where(z > 1.0, "yes", "no")
    frame["grade"] = np.where(z > 2.0, "A", np.where(z > 0.5, "B", "C"))
    return frame


def trained(table, target):
    features = ("size", "rooms", "kind")
    first = table.iloc[:150]
    return regcore.compare(first, Settings(target, features=features, lam=2.0))


@pytest.mark.parametrize("target", ["price", "sold", "grade"])
def test_another_table_gets_the_predictions_and_scores_of_the_models(table, target):
    result, rest = trained(table, target), table.iloc[150:].reset_index(drop=True)
    scored = score_table(result, rest)
    predicted = scored.table[[c for c in scored.table if c.startswith("predicted")]]
    np.testing.assert_array_equal(predicted, result.predict(rest))
    assert scored.table["actual"].tolist() == rest[target].tolist()
    assert scored.rows == len(rest)
    assert scored.notes == ()
    l2 = {one.metric.key: one.values[2] for one in scored.measured}
    own = result.predict(rest)["L2"]
    if target == "price":
        rmse = metrics.root_mean_squared_error(rest[target], own)
        assert l2["rmse"] == pytest.approx(rmse, rel=1e-12)
    else:
        probability = own if target == "grade" else np.c_[1 - own, own]
        loss = metrics.log_loss(rest[target], probability)
        assert l2["log_loss"] == pytest.approx(loss, rel=1e-12)


def test_without_the_target_there_are_predictions_and_no_scores(table):
    result = trained(table, "price")
    scored = score_table(result, table[["size", "rooms", "kind"]])
    assert scored.measured == ()
    assert scored.rows == 0
    assert "actual" not in scored.table


def test_rows_whose_target_is_not_known_are_predicted_and_not_scored(table):
    result, rest = trained(table, "sold"), table.iloc[150:].copy()
    rest.iloc[0, rest.columns.get_loc("sold")] = "perhaps"
    rest.iloc[1, rest.columns.get_loc("sold")] = None
    rest.iloc[2, rest.columns.get_loc("sold")] = " YES"
    scored = score_table(result, rest)
    assert scored.rows == len(rest) - 2
    assert scored.table["predicted probability of yes, L1"].notna().all()


def test_what_is_new_in_another_table_is_said(table):
    result = trained(table, "price")
    rest = table.iloc[150:].drop(columns="rooms").reset_index(drop=True)
    rest.loc[:3, "size"] = np.nan
    rest.loc[0, "kind"] = "castle"
    scored = score_table(result, rest)
    assert scored.notes == (
        "«rooms» is not in this file, and counted as gaps in every row.",
        "«size»: 4 cells without a value, which no training row has; taken as the "
        "median of the training rows.",
        "«kind»: 1 of the 50 rows has a level that no training row has, taken as the "
        "average of the column.",
    )
    # By hand: what lacks a value has the median of the training rows.
    rows = result.problem.design.rows
    median = table.iloc[:150].iloc[rows][["size", "rooms"]].median()
    filled = rest.assign(rooms=median["rooms"]).fillna({"size": median["size"]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = result.predict(filled)
    np.testing.assert_allclose(
        scored.table["predicted, L2"], expected["L2"], rtol=1e-12
    )


def test_a_missing_column_may_have_any_name(table):
    renamed = table.rename(columns={"rooms": "self"})
    settings = Settings("price", features=("size", "self"), lam=2.0)
    result = regcore.compare(renamed, settings)
    scored = score_table(result, renamed[["size"]])
    assert scored.notes[0].startswith("«self» is not in this file")


def test_a_table_of_something_else_is_refused_in_a_sentence(table):
    result = trained(table, "price")
    with pytest.raises(DesignError, match=r"^None of the columns that the models use"):
        score_table(result, pd.DataFrame({"other": [1, 2]}))


def test_text_where_there_were_numbers_is_refused_in_a_sentence(table):
    result = trained(table, "price")
    with pytest.raises(DesignError, match=r"^[^\n]*«size»[^\n]*\.$"):
        score_table(result, table.assign(size="large"))
