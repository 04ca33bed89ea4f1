"""What would take long is not begun before it is asked for; the smaller is offered."""

import numpy as np
import pandas as pd
import pytest

from regcore.page import costs
from regcore.page.costs import SMALLER
from regcore.page.shares import SHARES
from regcore.solve import effort
from tests.visits import Visit, csv_of, plain

LEVELS = (3, 9, 5, 2, 9, 4)


def levels() -> bytes:
    """Six categories of 2 to 9 levels, and a target of three classes."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {f"c{i}": rng.integers(0, count, 120) for i, count in enumerate(LEVELS)}
    )
    table = "l" + table.astype(str)
    table["kind"] = np.array(["a", "b", "c"])[rng.integers(0, 3, 120)]
    return csv_of(table)


@pytest.fixture
def slow(monkeypatch):
    """A machine on which an exact answer takes a hundred thousand times as long."""
    monkeypatch.setattr(effort, "EXACT", 1e5 * effort.EXACT)


@pytest.fixture
def asked(slow):
    return Visit().upload(levels(), "levels.csv")


def question(visit) -> str:
    """What a training would take, if that is asked about."""
    said = [plain(warning.value) for warning in visit.at.warning]
    return "".join(text for text in said if text.startswith("Training would take"))


def buttons(visit):
    return {button.label: button for button in visit.at.button}


def test_what_takes_more_than_a_minute_is_not_begun_but_said_with_the_reason(asked):
    assert question(asked).startswith(
        "Training would take about 1 minute, for there are 93 weights: 31 features of "
        "6 columns, for 3 classes. Below is the earlier result: Diabetes"
    )
    assert "Diabetes" in asked.described
    assert "Train all the same" in buttons(asked)


def test_fewer_columns_leave_out_those_with_the_most_levels_and_are_trained(asked):
    (label,) = [label for label in buttons(asked) if label.startswith("Train on ")]
    assert label == "Train on 4 of 6 columns"
    assert plain(buttons(asked)[label].help).startswith(
        "Leaves out «c4» and «c1»: those "
    )
    buttons(asked)[label].click().run()
    assert not question(asked)
    assert asked.comparison.settings.features == ("c0", "c2", "c3", "c5")
    done = effort.training_effort(90, 14, 3, 0.0, quadratic=False)
    more = effort.training_effort(90, 23, 3, 0.0, quadratic=False)
    assert done.exact <= SMALLER < more.exact


def test_who_wants_it_all_the_same_is_asked_once_for_every_strength(asked):
    buttons(asked)["Train all the same"].click().run()
    assert not question(asked)
    assert asked.comparison.problem.design.target == "kind"
    lam = asked.comparison.settings.lam
    asked.set("share", SHARES[20])
    assert not question(asked)
    assert asked.comparison.settings.lam != lam
    asked.set("seed", 3)
    assert question(asked)
    asked.set("seed", 0)
    assert not question(asked)


def test_what_the_memory_has_no_room_for_is_not_trained_all_the_same(monkeypatch):
    monkeypatch.setattr(costs, "spare_memory", lambda: 200_000)
    visit = Visit().upload(levels(), "levels.csv")
    assert question(visit).startswith(
        "Training would take up to about 1 s and 0 MB of memory, of which 0 MB are free"
    )
    assert "Train all the same" not in buttons(visit)
    (label,) = [label for label in buttons(visit) if label.startswith("Train on ")]
    buttons(visit)[label].click().run()
    assert not question(visit)


def test_many_epochs_are_asked_about_and_fewer_offered(monkeypatch):
    visit = Visit()
    monkeypatch.setattr(effort, "EPOCHS", 1e5)
    visit.set("epochs", 5_000)
    said = "for there are 5,000 epochs of 1 step each. Below is the earlier result"
    assert said in question(visit)
    assert question(visit).startswith("Training would take up to about ")
    (label,) = [label for label in buttons(visit) if label.startswith("Train for ")]
    buttons(visit)[label].click().run()
    assert not question(visit)
    epochs = visit.comparison.settings.epochs
    assert label == f"Train for {epochs:,} epochs"
    assert 0 < epochs < 5_000


def test_where_one_epoch_is_too_long_it_is_trained_for_a_second(monkeypatch):
    visit = Visit()
    monkeypatch.setattr(effort, "EPOCHS", 1.0)
    visit.set("epochs", 5_000)
    buttons(visit)["Train for at most 1 s"].click().run()
    assert not question(visit)
    assert visit.comparison.settings.seconds is not None
