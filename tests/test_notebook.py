"""What a notebook shows of a result: short, true, and with nothing that runs."""

from html.parser import HTMLParser

import altair as alt
import numpy as np
import pandas as pd
import pytest

import regcore
from regcore.drawing.paper import COLOURS
from regcore.questions.cards.headline import headline
from regcore.settings import DesignError
from tests.conftest import ROOT

HOSTILE = '<script>alert("1")</script>'


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((60, 4))
    y = X @ [2.0, -1.0, 0.0, 0.0] + 0.3 * rng.standard_normal(60)
    return pd.DataFrame(X, columns=["one", HOSTILE, "three", "four"]).assign(y=y)


@pytest.fixture(scope="module")
def result(table):
    return regcore.compare(table, regcore.Settings(target="y", lam=10.0))


class Tags(HTMLParser):
    """Which elements there are."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data.strip())


def test_a_comparison_is_shown_as_four_lines_with_the_numbers_of_its_summary(result):
    first, _, *lines = repr(result).splitlines()
    assert first == "«y» from 4 features · 45 training rows · λ = 10"
    for line, (name, row) in zip(lines, result.summary.iterrows(), strict=True):
        assert line.startswith(name)
        assert f"{row['nonzero']} of {row['coefficients']}" in line
        assert f"{row['score']:.3f}" in line


def test_a_comparison_in_a_notebook_shows_the_headline_and_three_models(result):
    html = result._repr_html_()
    texts = Tags(html).texts
    assert headline(result) in texts
    assert {"No penalty", "L1", "L2"} <= set(texts)
    for score in result.summary["score"]:
        assert f"{score:.3f}" in texts


@pytest.mark.parametrize("what", ["comparison", "path", "table"])
def test_no_name_of_the_file_runs_in_a_notebook(what, table, result):
    renamed = table.rename(columns={"y": f"y {HOSTILE}"})
    settings = regcore.Settings(target=f"y {HOSTILE}", lam=10.0)
    shown = {
        "comparison": lambda: regcore.compare(renamed, settings),
        "path": lambda: regcore.regularization_path(renamed, settings, folds=3),
        "table": lambda: regcore.read(renamed.to_csv(index=False).encode()),
    }[what]()
    html = shown._repr_html_()
    assert "script" not in Tags(html).tags
    assert "&lt;script&gt;" in html


def test_a_path_is_shown_with_its_two_lams_for_each_penalty(table):
    path = regcore.regularization_path(table, regcore.Settings("y"), folds=3)
    lines = repr(path).splitlines()[2:]
    assert len(lines) == 2 * len(path.best)
    for name, row in path.best.iterrows():
        best, simple = (line for line in lines if line.startswith(f"{name}, "))
        assert f"{row['lam_min']:.4g}" in best
        assert ("or less" in best) == row["falls_on"]
        assert f"{row['lam_1se']:.4g}" in simple


def test_a_table_that_was_read_shows_its_size_and_every_note():
    intake = regcore.read("a;b\n1,5;2\n2,5;n/a\n3,5;4\n".encode("utf-16"))
    assert intake.notes
    first, *notes = repr(intake).splitlines()
    assert first == "3 rows × 2 columns"
    assert notes == [f"- {note}" for note in intake.notes]
    html = intake._repr_html_()
    assert all(note in Tags(html).texts for note in intake.notes)


def test_the_picture_of_a_comparison_holds_its_weights_and_follows_the_schema(result):
    chart = result.chart()
    assert isinstance(chart, alt.VConcatChart)
    specification = chart.to_dict()
    bars = next(
        rows for rows in specification["datasets"].values() if "weight" in rows[0]
    )
    weights = result.coefficients
    assert len(bars) == weights.size
    for bar in bars:
        assert bar["weight"] == weights.loc[bar["feature"], bar["penalty"]]
    assert " ".join(specification["title"]["text"]) == headline(result)
    assert specification["config"]["numberFormat"] == ",~r"


def test_the_picture_of_a_path_is_that_of_the_page_at_the_best_lam(table):
    path = regcore.regularization_path(table, regcore.Settings("y"), folds=3)
    drawn = path.chart().to_dict()
    curves = drawn["datasets"]["curves"]
    assert {row["penalty"] for row in curves} == set(path.curves)
    assert "text/html" in path.chart()._repr_mimebundle_()


def test_a_report_comes_from_a_notebook_too(table, result):
    path = regcore.regularization_path(table, regcore.Settings("y"), folds=3)
    text = result.report("mine", path)
    assert headline(result) in Tags(text).texts
    assert "mine" in Tags(text).texts
    assert "Along λ" in text
    assert "SHA-256" not in text


def test_the_paper_has_the_colours_of_the_light_page():
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    light = config.partition("[theme.light]")[2].partition("[theme.dark]")[0]
    assert ", ".join(f'"{colour}"' for colour in COLOURS) in light


def test_what_is_not_a_result_is_not_shown():
    from regcore import shown

    with pytest.raises(NotImplementedError, match="int is not shown"):
        shown.html(3)


def test_a_refusal_is_still_one_sentence(table):
    with pytest.raises(DesignError, match=r"^[^\n]+\.$"):
        regcore.compare(table, regcore.Settings(target="none such"))
