import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings, compare
from regcore.design import build_design

N = 80
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "customer": RNG.integers(0, 16, N) * 3,
        "x": RNG.standard_normal(N),
        "kind": ["a"] * 60 + ["b"] * 20,
        "y": RNG.standard_normal(N),
    }
)


def test_rows_of_one_customer_are_on_one_side():
    settings = Settings("y", split="groups", group="customer")
    design = build_design(TABLE, settings)
    customers = TABLE["customer"]
    assert not set(customers[design.rows]) & set(customers[design.validation_rows])
    assert 12 <= len(design.validation_rows) <= 28
    assert "customer" not in design.sources
    other = build_design(TABLE, Settings("y", split="groups", group="customer", seed=1))
    assert not np.array_equal(design.rows, other.rows)


def test_rows_without_a_customer_are_a_group_of_their_own():
    table = TABLE.astype({"customer": float})
    table.loc[:9, "customer"] = np.nan
    for seed in range(8):
        chosen = Settings("y", split="groups", group="customer", seed=seed)
        train = np.isin(np.arange(10), build_design(table, chosen).rows)
        assert train.all() or not train.any()


def test_in_order_the_last_usable_rows_are_held_out():
    table = TABLE.copy()
    table.loc[79, "y"] = np.nan
    design = build_design(table, Settings("y", split="order"))
    np.testing.assert_array_equal(design.validation_rows, np.arange(59, 79))


@pytest.mark.parametrize("split", ["order", "groups"])
def test_a_class_without_a_training_row_is_refused(split):
    chosen = Settings("kind", split=split, group="kind" if split == "order" else "half")
    table = TABLE.assign(half=TABLE["kind"])
    with pytest.raises(
        DesignError, match=r"No training row is of the class «[ab]» when"
    ):
        build_design(table, chosen)


def test_a_random_split_keeps_the_shares_of_the_classes():
    design = build_design(TABLE, Settings("kind"))
    held_out = TABLE["kind"][design.validation_rows].value_counts()
    assert held_out.to_dict() == {"a": 15, "b": 5}


@pytest.mark.parametrize("split", ["order", "groups"])
def test_every_split_trains(split):
    chosen = Settings("y", split=split, group="customer", epochs=20)
    result = compare(TABLE, chosen)
    assert np.isfinite(result.summary["validation_loss"]).all()
