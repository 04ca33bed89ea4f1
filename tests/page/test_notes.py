"""At most three notes stand open, those that change the result most, with a repair."""

import numpy as np
import pandas as pd

from tests.visits import Visit, csv_of


def orders():
    """Rows without a target, ids, a constant, a wide category, and a rating."""
    rng = np.random.default_rng(0)
    n = 120
    frame = pd.DataFrame(
        {
            "order": [f"A-{i:05d}" for i in range(n)],
            "always": 1.0,
            "town": np.resize([f"town {i}" for i in range(12)], n),
            "x": rng.standard_normal(n),
        }
    )
    frame["rating"] = pd.Series(np.resize(range(1, 6), n), dtype="Int64")
    frame.loc[:3, "rating"] = pd.NA
    return frame[["order", "always", "town", "x", "rating"]]


def open_notes(visit):
    """The small print above the results that is one of the notes."""
    lines = visit.notes.removeprefix("- ").split("\n- ")
    return [text for text in visit.captions if text in lines], lines


def press(visit, label):
    """Press the button with this label."""
    (button,) = [one for one in visit.at.button if one.label == label]
    button.click().run()


def test_three_notes_stand_open_and_one_click_undoes_each():
    visit = Visit().upload(csv_of(orders())).set("target", "rating")
    found, lines = open_notes(visit)
    assert len(found) == 3
    assert "4 rows" in found[0]
    assert found[1].startswith("«order»: left out: ")
    assert found[2].startswith("«always»: left out: ")
    # Sorted among the notes too, and not said twice.
    assert lines[:3] == found
    assert len(set(lines)) == len(lines)
    (wide,) = [line for line in lines if line == "«town» became 12 features."]
    (rating,) = [line for line in lines if line.startswith("«rating» is taken as")]
    assert lines.index(wide) < lines.index(rating) == 4
    features = visit.comparison.problem.design.features
    assert not any(name.startswith("order") for name in features)
    press(visit, "Use it")
    features = visit.comparison.problem.design.features
    assert any(name.startswith("order") for name in features)


def test_a_rating_is_said_to_be_classes_and_one_click_makes_it_a_number():
    frame = orders()[["x", "town", "rating"]].dropna().astype({"rating": int})
    visit = Visit().upload(csv_of(frame)).set("target", "rating")
    found, _ = open_notes(visit)
    assert found[0] == "«town» became 12 features."
    assert found[1].startswith("«rating» is taken as 5 classes, for ")
    press(visit, "Take it as a number")
    assert not visit.comparison.problem.design.classes
    press(visit, "Leave it out")
    assert visit.comparison.problem.design.features == ("x",)
    assert open_notes(visit)[0] == []
