"""A chart leaves as it is drawn, on white, and with all that a reader needs of it."""

import io
import json
import random
import re
import subprocess
import threading
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import regcore
from regcore.drawing.names import in_full, short_names
from regcore.drawing.paper import COLOURS
from regcore.export import neutralise
from regcore.files import Source, figures, pictures, vega
from regcore.files.figures import figure_files, table_files
from regcore.questions import QUESTIONS, path, profile, refit, update
from regcore.questions.cards.panels import HEADS
from regcore.questions.cards.ranking import ranked_weights
from regcore.questions.cards.weights import weight_panels
from regcore.questions.question import Figure, answer
from regcore.settings import Settings
from tests.questions.test_questions import Plain, panels

LONG = (
    "A name of eighty characters, as surveys have them: how content are you with us? "
)
NAMES = (f"{LONG}1", f"{LONG}2", "=cmd|' /C calc'!A0", 'quo"te <b> & \x01', "Größe")


@pytest.fixture(scope="module")
def reader():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((80, 5)), columns=NAMES)
    table["y"] = table[[NAMES[0], NAMES[2]]].sum(axis=1) + rng.standard_normal(80)
    settings = Settings(target="y", lam=9.0, epochs=60)
    return Plain(regcore.compare(table, settings), on=True)


@pytest.fixture(scope="module")
def source(reader):
    return Source(reader.result, title="a <b> & c.csv", fingerprint="12345678" * 8)


def figures_of(question, reader):
    parts = list(answer(question, reader))
    return [panel.figure for panel in panels(parts) if panel.figure]


def files_of(question, reader, at=0):
    figure = figures_of(question, reader)[at]
    files = figure_files(figure, question.title, question.key)
    return {file.title: file for file in files}


def texts(svg: bytes) -> str:
    """What a reader of a picture reads."""
    drawn = ElementTree.fromstring(svg)
    return " ".join(
        "".join(one.itertext()) for one in drawn.iter() if one.tag.endswith("text")
    )


@pytest.fixture(scope="module")
def picture(reader, source):
    return files_of(refit.QUESTION, reader)["SVG"].make(source)


def test_a_picture_holds_its_question_the_file_the_target_lambda_and_names_in_full(
    picture,
):
    said = texts(picture)
    assert refit.QUESTION.title in said
    assert "a <b> & c.csv (SHA-256 12345678…)" in said
    assert "«y» from 5 features" in said
    assert "λ = 9" in said
    drawn = ElementTree.fromstring(picture)
    assert f": {NAMES[0]}" in said
    (kept,) = [one.text for one in drawn if one.tag.endswith("metadata")]
    assert json.loads(kept)["settings"]["lam"] == 9.0
    (paper,) = [one for one in drawn if one.tag.endswith("rect")]
    assert paper.attrib["fill"] == "white"


def test_nothing_of_a_picture_lies_beyond_its_paper(picture):
    svg = ElementTree.fromstring(picture)
    wide, tall = float(svg.attrib["width"]), float(svg.attrib["height"])
    (chart,) = [one for one in svg.iter() if one.attrib.get("class") == "marks"]
    assert float(chart.attrib["width"]) + 2 * figures.SIDE <= wide
    lines = [one for one in svg.iter() if one.attrib.get("font-size") == "11"]
    bottom = max(float(one.attrib.get("y", 0)) for one in lines)
    assert float(chart.attrib["height"]) < bottom < tall


def test_the_path_is_drawn_as_png_on_white_in_the_colours_of_l1_and_l2(reader, source):
    files = files_of(path.QUESTION, reader)
    svg = files["SVG"].make(source)
    # Nothing can be dragged on paper.
    assert "Drag" not in svg.decode()
    # No font needs to have subscripts, in whose place another would stand out.
    assert "λ as a share of λmax" in texts(svg)
    assert "λₘₐₓ" not in texts(svg)
    made = files["PNG"].make(source)
    image = Image.open(io.BytesIO(made)).convert("RGB")
    count = {colour: many for many, colour in image.getcolors(2**24)}
    assert count[255, 255, 255] == max(count.values())
    assert min(count[0, 0x72, 0xB2], count[0xC4, 0x51, 0]) > 1000
    (drawn,) = figures_of(path.QUESTION, reader)
    assert image.width >= figures.SCALE * drawn.picture.width


def test_the_weights_are_drawn_under_the_names_of_the_models_and_no_optimum_as_none(
    reader, source
):
    weights = ranked_weights(reader.result, None, original_units=False)
    weights["optimum of none"] = np.nan
    panels = weight_panels(weights, (-1.0, 1.0), "per SD")
    files = figure_files(Figure(panels, "Weights", heads=HEADS), "Three", "weights")
    svg = files[1].make(source).decode()
    heads = re.findall(r'x="([\d.]+)"[^>]*fill="(#\w+)"[^>]*>(No penalty|L1|L2)<', svg)
    assert [(colour, name) for _, colour, name in heads] == list(
        zip(COLOURS, ("No penalty", "L1", "L2"), strict=False)
    )
    first, *others = [float(x) for x, _, _ in heads]
    assert first > 0.1 * panels.width
    assert others == sorted(others)
    ticks = svg.count('aria-roledescription="tick"')
    there = weights[["L1", "optimum of L1"]].any(axis=1).sum() + len(weights)
    assert ticks == there


EVERY = (profile.QUESTION, *QUESTIONS)


@pytest.mark.parametrize("question", EVERY, ids=lambda question: question.key)
def test_every_chart_of_every_question_can_be_had_under_a_name_of_its_own(
    question, reader, source, monkeypatch
):
    def blank(call, **arguments):
        json.dumps(arguments)
        return b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'

    monkeypatch.setattr(figures, "drawn", blank)
    names = []
    for figure in figures_of(question, reader):
        files = figure_files(figure, question.title, question.key)
        tables = [file for file in files if file.media_type == "text/csv"]
        assert [file.title for file in files][:2] == ["PNG", "SVG"]
        assert tables
        assert all(pd.read_csv(io.BytesIO(f.make(source))).size for f in tables)
        assert question.title in texts(files[1].make(source))
        names += [file.name(source) for file in files]
    start = f"{source.stem} {question.key} "
    assert all(name.startswith(start) for name in names)
    assert len(set(names)) == len(names)


def test_the_table_of_a_chart_has_all_digits_and_no_formula(reader, source):
    file = files_of(refit.QUESTION, reader)["CSV"]
    table = pd.read_csv(io.BytesIO(file.make(source)))
    assert "'=cmd|' /C calc'!A0" in set(table["Feature"])
    weights = table.set_index("Feature")["L1, shrunken"]
    optimum = reader.result.optimum["L1"]
    kept = optimum[optimum != 0].rename(neutralise)
    assert dict(weights) == dict(kept)


def test_the_table_of_a_question_leaves_with_the_names_of_its_rows(reader, source):
    parts = list(answer(update.QUESTION, reader))
    (shown,) = [one.table for one in panels(parts) if one.table is not None]
    (file,) = table_files(shown, update.QUESTION.key)
    table = pd.read_csv(io.BytesIO(file.make(source)), dtype=str, index_col=0)
    assert list(table.index) == list(shown.index)
    assert list(table["none"].str.lstrip("'")) == list(shown["none"])


def test_without_what_draws_the_numbers_of_a_chart_stay(reader, source, monkeypatch):
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    needs = {
        f.title: f.needs(source) for f in files_of(refit.QUESTION, reader).values()
    }
    assert needs == {"PNG": pictures.NEEDED, "SVG": pictures.NEEDED, "CSV": ""}


def test_names_that_were_cut_are_found_again_within_any_text():
    drawn = random.Random(4)
    for _ in range(200):
        stem = "".join(drawn.choices("abc ", k=drawn.randrange(30)))
        ends = ["".join(drawn.choices("abcdef", k=20)) for _ in range(4)]
        names = [f"{stem}{end}{'z' * drawn.randrange(9)}" for end in ends]
        short = short_names(names)
        shown = {cut: name for name, cut in short.items() if cut != name}
        assert in_full(shown, names) == shown
        said = {f"{cut}, per SD": cut for cut in shown}
        assert in_full(said, names).keys() == shown.keys()


def test_a_text_that_no_name_was_cut_in_is_not_taken_for_one():
    assert in_full(["Loss … of all", "…", "a…", ""], NAMES) == {}


def test_what_draws_may_end_without_ending_the_page(source):
    with pytest.raises(subprocess.SubprocessError):
        vega.drawn("svg_to_png", svg="no picture")
    # Vega's engine would end with this sign.
    assert pictures.picture_svg(source).startswith(b"<svg")


def test_the_library_is_made_once_for_all_who_ask_at_the_same_time(monkeypatch):
    asked = []

    def slow(call, **arguments):
        asked.append(call)
        ready.wait(20)
        return b"script"

    ready = threading.Event()
    monkeypatch.setattr(vega, "drawn", slow)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(vega.library())) for _ in range(3)
    ]
    vega._library.cache_clear()
    try:
        for thread in threads:
            thread.start()
        ready.set()
        for thread in threads:
            thread.join(20)
    finally:
        vega._library.cache_clear()
    assert found == ["script"] * 3
    assert asked == ["javascript_bundle"]
