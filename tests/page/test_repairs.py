"""Guesses of the reading that one click on the page undoes."""

import numpy as np
import pandas as pd

from tests.visits import Visit, csv_of

N = 80


def sleep() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "kind": rng.choice(["None", "Apnea", "Insomnia"], N, p=[0.05, 0.6, 0.35]),
            "hours": np.where(rng.random(N) < 0.1, -999, rng.normal(7, 1, N).round(2)),
            "age": rng.integers(20, 80, N) + 0.5,
        }
    )


def labels(visit: Visit) -> list[str]:
    return [button.label for button in visit.at.button]


def click(visit: Visit, label: str) -> None:
    (button,) = [b for b in visit.at.button if b.label.replace("\\", "") == label]
    button.click().run()
    assert visit.usable()


def test_a_word_and_a_number_for_no_value_are_values_after_one_click_each():
    table = sleep()
    gaps = int((table["kind"] == "None").sum())
    assert 0 < gaps < 6
    visit = Visit().upload(csv_of(table))
    visit.set("target of", "kind").set("features for", ["age", "hours"])
    design = visit.comparison.problem.design
    assert design.classes == ("Apnea", "Insomnia")
    assert "hours is missing" in design.features
    click(visit, "Take «None» as a value")
    design = visit.comparison.problem.design
    assert design.target == "kind"
    assert set(design.classes) == {"None", "Apnea", "Insomnia"}
    assert {*design.sources} == {"age", "hours"}
    click(visit, "Take «-999» as a number")
    assert visit.comparison.problem.design.features == ("age", "hours")
    assert not [label for label in labels(visit) if "999" in label]


def test_the_words_for_no_value_are_a_control_that_can_be_edited():
    visit = Visit().upload(csv_of(sleep()))
    found = visit.control("missing of")
    assert found.value == ["-999", "None"]
    visit.set("missing of", ["-999", "None", "Apnea"])
    dataset = visit.at.session_state["dataset"]
    assert dataset.table["kind"].dropna().unique().tolist() == ["Insomnia"]
    visit.set("missing of", ["-999"])
    dataset = visit.at.session_state["dataset"]
    assert dataset.table["kind"].notna().all()


def test_the_table_that_is_still_shown_beside_a_refused_file_can_be_repaired():
    visit = Visit().upload(csv_of(sleep()), "good.csv").upload(b"", "empty.csv")
    assert visit.refusals[0].endswith("What you see is still good.csv.")
    click(visit, "Take «-999» as a number")
    assert visit.at.session_state["dataset"].table["hours"].min() == -999
    assert visit.refusals[0].endswith("What you see is still good.csv.")
    assert visit.described.startswith("good.csv · ")
