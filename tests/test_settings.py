import dataclasses

import numpy as np
import pytest

from regcore import DesignError, Settings, Task

REFUSED = [
    ({"task": "clustering"}, "no task «clustering»"),
    ({"lam": -1.0}, "λ must be a number that is not negative"),
    ({"lam": float("nan")}, "λ must be a number"),
    ({"lam": float("inf")}, "λ must be a number"),
    ({"lam_l2": -1e-9}, "λ must be a number"),
    ({"l1_step": "soft"}, "L1 step is either «clipped» or «textbook»"),
    ({"learning_rate": 0.0}, "learning rate must be a number above 0"),
    ({"learning_rate": -0.1}, "learning rate must be a number above 0"),
    ({"learning_rate": float("inf")}, "learning rate must be a number above 0"),
    ({"learning_rate": float("nan")}, "learning rate must be a number above 0"),
    ({"epochs": 0}, "epochs must be a whole number, at least one"),
    ({"epochs": 1.5}, "epochs must be a whole number, at least one"),
    ({"batch_size": 0}, "batch must be a whole number, at least one"),
    ({"batch_size": 2.5}, "batch must be a whole number, at least one"),
    ({"tolerance": -1e-9}, "tolerance must not be negative"),
    ({"tolerance": float("nan")}, "tolerance must not be negative"),
    ({"validation_share": -0.1}, "between 0 and 0.9"),
    ({"validation_share": 0.91}, "between 0 and 0.9"),
    ({"validation_share": float("nan")}, "between 0 and 0.9"),
    ({"seed": -1}, "seed must be a whole number"),
    ({"seed": 0.5}, "seed must be a whole number"),
    ({"missing": "ignore"}, "«fill» or to «drop»"),
    ({"types": {"a": "colour"}}, "no column type «colour»; choose one of number, cat"),
    ({"dates": "weeks"}, "either «days» or «parts»"),
    ({"date_order": "year"}, "either the «day» or the «month»"),
    ({"totals": "drop"}, "either to «leave out» or to «keep»"),
    ({"split": "time"}, "«random», by «order» or by «groups»"),
    ({"split": "groups"}, "needs a column that says which rows belong together"),
]

ACCEPTED = [
    {},
    {"lam": 0},
    {"lam": 1e300, "lam_l2": 0.0},
    {"task": Task.BINARY},
    {"epochs": np.int64(1), "batch_size": 1, "seed": np.int32(7)},
    {"tolerance": 0.0, "validation_share": 0.9, "missing": "drop"},
]


@pytest.mark.parametrize(("wrong", "sentence"), REFUSED)
def test_a_value_out_of_its_range_is_refused_in_a_sentence(wrong, sentence):
    with pytest.raises(DesignError, match=sentence) as refusal:
        Settings("y", **wrong)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("given", ACCEPTED)
def test_a_value_at_its_limit_is_taken(given):
    settings = Settings("y", **given)
    assert {name: getattr(settings, name) for name in given} == given


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (None, None),
        (["b", "a"], ("b", "a")),
        (["b", "a", "b"], ("b", "a")),
        ("age", ("age",)),
        ([0, 1], (0, 1)),
    ],
)
def test_features_become_a_tuple_that_names_each_once(features, expected):
    assert Settings("y", features=features).features == expected


def test_types_are_equal_pairs_whatever_they_were_given_as():
    expected = (("a", "date"), ("b", "id"))
    for given in ({"b": "id", "a": "date"}, [("b", "id"), ("a", "date")], expected):
        assert Settings("y", types=given).types == expected


def test_settings_can_be_a_key():
    given = {"target": "y", "features": ["a"], "lam": 2.0}
    assert len({Settings(**given), Settings(**given)}) == 1


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings("y").lam = 2.0


OTHER_VALUES = {
    "target": "z",
    "features": ("a",),
    "task": "binary",
    "validation_share": 0.5,
    "seed": 1,
    "standardise": False,
    "missing": "drop",
    "types": (("a", "category"),),
    "dates": "parts",
    "date_order": "month",
    "totals": "keep",
    "split": "order",
    "group": "a",
    "lam": 2.0,
    "lam_l2": 3.0,
    "l1_step": "textbook",
    "learning_rate": 0.1,
    "epochs": 7,
    "batch_size": 8,
    "tolerance": 0.1,
}
OF_THE_TABLE = (
    "target",
    "features",
    "task",
    "validation_share",
    "seed",
    "standardise",
    "missing",
    "types",
    "dates",
    "date_order",
    "totals",
    "split",
    "group",
)


def test_every_setting_is_tried():
    assert set(OTHER_VALUES) == {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_the_preparation_changes_with_what_decides_the_design_and_nothing_else(name):
    plain = Settings("y")
    other = dataclasses.replace(plain, **{name: OTHER_VALUES[name]})
    assert (other.preparation() != plain.preparation()) == (name in OF_THE_TABLE)
