"""The two scores on the cards: those that tell the models apart, or the reader's."""

import re

import numpy as np
import pandas as pd
import pytest

from tests.sampled import CANCER
from tests.visits import Visit, csv_of


@pytest.fixture
def visit():
    return Visit()


def heads(visit):
    """What stands under the number of each of the three, as it is sent."""
    texts = [text.value for text in visit.at.main.markdown]
    return [text for text in texts if text.startswith(":small[")]


def shown(visit):
    """Names of the scores in each head, a line each, without the escapes."""
    line = re.compile(r"^:small\[(.*?) \*\*.*\*\* :gray\[.*\]\]$", re.MULTILINE)
    # Two blanks at its end break a line.
    plain = [re.sub(r"\\|  $", "", head, flags=re.MULTILINE) for head in heads(visit)]
    return [tuple(line.findall(head)) for head in plain]


def rare(name="no"):
    """A target of 94 : 6 whose classes are told apart in part."""
    rng = np.random.default_rng(0)
    y = rng.random(400) < 0.06
    X = rng.standard_normal((400, 3)) + y[:, np.newaxis]
    return pd.DataFrame(X, columns=list("uvw")).assign(y=np.where(y, "yes", name))


def test_every_card_shows_the_two_that_tell_and_its_control_says_why(visit):
    assert shown(visit) == [("R²", "RMSE")] * 3
    visit.take(CANCER)
    assert shown(visit) == [("accuracy", "ROC-AUC")] * 3
    control = visit.control("scores")
    assert control.placeholder == "accuracy and ROC-AUC"
    assert "Accuracy is the share" in control.help.replace("\\", "")


def test_on_a_rare_class_accuracy_is_not_shown(visit):
    visit.upload(csv_of(rare()))
    names = ("ROC-AUC", "average precision for «yes»")
    assert shown(visit) == [names] * 3


def test_the_reader_chooses_others_and_gets_the_first_back_by_choosing_none(visit):
    visit.take(CANCER).set("scores", [4, 3])
    assert shown(visit) == [("log loss", "balanced accuracy")] * 3
    visit.set("share", 0.5)
    assert shown(visit) == [("log loss", "balanced accuracy")] * 3
    visit.set("scores", [])
    assert shown(visit) == [("accuracy", "ROC-AUC")] * 3


def test_the_name_of_a_class_is_text_on_the_cards(visit):
    frame = rare("**no** :smile:")
    visit.upload(csv_of(frame)).set("scores", [0])
    guesses = [head for head in heads(visit) if "always" in head]
    assert guesses
    assert not any("**no**" in guess or ":smile:" in guess for guess in guesses)
