import dataclasses

import numpy as np
import pandas as pd
import pytest

from regcore import DesignError, Settings, Task
from regcore.design import build_design
from regcore.settings import (
    Choice,
    ColumnType,
    Dates,
    First,
    L1Step,
    Missing,
    Preparation,
    Repeats,
    Split,
    Totals,
)
from tests.tables import table, train

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
    ({"seconds": 0.0}, "seconds of training must be a number above 0"),
    ({"seconds": float("nan")}, "seconds of training must be a number above 0"),
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
    ({"date_order": "week"}, "the «day», the «month» or the «year»"),
    ({"totals": "drop"}, "either to «leave out» or to «keep»"),
    ({"split": "time"}, "«random», by «order» or by «groups»"),
    (
        {"split": "hash", "repeats": "together"},
        "by the hash of a key cannot keep rows together",
    ),
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
    "test_share": 0.2,
    "seed": 1,
    "standardise": False,
    "missing": "drop",
    "types": (("a", "category"),),
    "without": ("a = b",),
    "dates": "parts",
    "date_order": "month",
    "centuries": (("a", 1999),),
    "totals": "keep",
    "split": "order",
    "group": "a",
    "key": "a",
    "repeats": "together",
    "lam": 2.0,
    "lam_l2": 3.0,
    "l1_step": "textbook",
    "learning_rate": 0.1,
    "epochs": 7,
    "seconds": 2.0,
    "batch_size": 8,
    "tolerance": 0.1,
}
OF_THE_TABLE = (
    "target",
    "features",
    "task",
    "validation_share",
    "test_share",
    "seed",
    "standardise",
    "missing",
    "types",
    "without",
    "dates",
    "date_order",
    "centuries",
    "totals",
    "split",
    "group",
    "key",
    "repeats",
)


def test_every_setting_is_tried():
    assert set(OTHER_VALUES) == {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_the_preparation_changes_with_what_decides_the_design_and_nothing_else(name):
    plain = Settings("y")
    other = dataclasses.replace(plain, **{name: OTHER_VALUES[name]})
    assert (other.preparation() != plain.preparation()) == (name in OF_THE_TABLE)


CHOICES = {
    "task": Task,
    "missing": Missing,
    "dates": Dates,
    "date_order": First,
    "totals": Totals,
    "split": Split,
    "repeats": Repeats,
    "l1_step": L1Step,
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_may_be_given_as_its_text_and_is_the_same_setting(name):
    kind = CHOICES[name]
    for choice in kind:
        given = {name: str(choice), "group": "g"}
        assert getattr(Settings("y", **given), name) is choice
        assert Settings("y", **given) == Settings("y", **given | {name: choice})


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_has_words_of_its_own(name):
    words = [choice.words for choice in CHOICES[name]]
    assert "" not in words
    assert len(set(words)) == len(words)


def test_the_page_says_of_a_choice_what_its_text_does_not():
    assert [task.words for task in Task] == [
        "Regression (a number)",
        "Two classes",
        "Three or more classes",
    ]
    assert [split.words for split in Split] == [
        "chance",
        "order",
        "groups",
        "hash of a key",
    ]
    assert [step.words for step in L1Step] == ["clipped", "textbook"]


def test_no_choice_is_missing_from_these_tests():
    chosen = {
        field.name
        for field in dataclasses.fields(Settings)
        if isinstance(field.default, Choice)
    }
    assert chosen | {"task"} == set(CHOICES)


def test_a_type_may_be_given_as_its_text():
    for kind in ColumnType:
        ((_, taken),) = Settings("y", types={"a": str(kind)}).types
        assert taken is kind


def test_the_preparation_has_the_values_of_the_settings_it_is_of():
    settings = Settings(**{"target": "z", **OTHER_VALUES})
    assert dataclasses.asdict(settings.preparation()) == {
        name: getattr(settings, name) for name in OF_THE_TABLE
    }


def with_a_field(of):
    """Settings, or their preparation, with one field more."""
    extra = ("extra", int, dataclasses.field(default=0))
    return dataclasses.make_dataclass("More", [extra], bases=(of,), frozen=True)


def test_what_is_no_part_of_the_preparation_cannot_decide_the_design():
    table = pd.DataFrame({"x": [0.0, 1.0] * 8, "y": [0.5, 1.5, 0.0, 2.0] * 4})
    settings = with_a_field(Settings)("y", extra=1)
    design = build_design(table, settings.preparation())
    assert design.features == ("x",)
    with pytest.raises(AttributeError, match="extra"):
        assert settings.preparation().extra


def test_every_field_of_the_preparation_is_in_its_key():
    more = with_a_field(Preparation)
    assert more("y", extra=1) != more("y", extra=2)
    assert hash(more("y", extra=1)) == hash(more("y", extra=1))


@pytest.mark.parametrize("task", Task)
def test_a_task_has_all_that_follows_from_it(task):
    result = train(table(task), epochs=1)
    design = result.problem.design
    assert design.task is task
    assert task.loss.classes == bool(design.classes)
    assert task.metrics[0].key == ("accuracy" if task.loss.classes else "r_squared")
    assert [one.metric for one in result.measured] == [*task.metrics]
    assert task.constant == ("shares of the classes" if design.classes else "mean")
