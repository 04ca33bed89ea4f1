"""The page names what separates the classes, leaves it out, and takes it back."""

import numpy as np

from regcore.export import to_csv
from tests.design.test_copies import telco
from tests.questions.test_separation import overlapping
from tests.visits import Visit


def upload(table) -> Visit:
    visit = Visit()
    visit.upload(to_csv(table), "customers.csv")
    visit.set("target", "y")
    return visit


def click(visit, key):
    (button,) = [button for button in visit.at.button if button.key == key]
    button.click()
    visit.at.run()
    assert visit.usable()


def offered(visit):
    return [b.label for b in visit.at.button if b.key == "leave features out"]


def test_what_separates_is_left_out_with_one_click_and_taken_back():
    data = overlapping()
    data.loc[np.flatnonzero(data["y"] == "no")[:40], "height"] = np.nan
    visit = upload(data)
    assert "training rows with «height is missing» are «no»" in visit.notices
    assert offered(visit) == ["Leave out «height is missing»"]
    click(visit, "leave features out")
    assert visit.comparison.settings.without == ("height is missing",)
    assert not visit.comparison.separable
    assert "separation" not in visit.notices
    assert offered(visit) == []
    (left_out,) = [m for m in visit.at.multiselect if m.label == "Features left out"]
    assert left_out.value == ["height is missing"]
    left_out.set_value([])
    visit.at.run()
    assert visit.comparison.settings.without == ()
    assert offered(visit) == ["Leave out «height is missing»"]


def test_where_only_all_together_separate_no_button_is_drawn():
    rng = np.random.default_rng(0)
    data = overlapping()[["age", "height", "y"]]
    data["y"] = np.where(data["age"] + data["height"] > 0, "yes", "no")
    data["age"] += 0.01 * rng.normal(size=len(data))
    visit = upload(data)
    assert "Complete separation: no feature does it alone" in visit.notices
    assert offered(visit) == []
    assert not [m for m in visit.at.multiselect if m.label == "Features left out"]


def test_the_cards_count_columns_and_the_bars_name_copies():
    visit = upload(telco(n=400))
    assert visit.usable()
    assert visit.nonzero[0] == "15 of 15"
    assert ":small[from 8 of 11 columns]" in visit.heads[0].split("  \n")
    (bars, *_) = visit.charts("Weights of the features")
    assert "Internet = No, and 3 copies" in set(bars["feature"])
    assert "«Internet = No» stands for «Security = No internet»" in visit.notes
