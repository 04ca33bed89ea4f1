"""The formulas are run by an evaluator that knows what they use of a spreadsheet."""

import math
import re
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import DesignError, Settings
from regcore.export.spreadsheet import (
    MOST_SIGNS,
    letters,
    of_several,
    text,
    to_spreadsheet,
)
from tests.export.databases import furthest
from tests.export.tables import compared, everything, hostile, new_rows
from tests.tables import PENALTIES, TASKS, train

ZERO = datetime(1899, 12, 30)

TOKEN = re.compile(
    r'"(?:[^"]|"")*"|[A-Z]+\d+|[A-Z]+(?=\()|\d+(?:\.\d*)?(?:E[+-]?\d+)?|>=|[-+*/=<>&(),]'
)


def when(serial):
    return ZERO + timedelta(seconds=round(serial * 86_400))


def shown(value):
    return str(value).upper() if isinstance(value, bool) else str(value)


FUNCTIONS = {
    "IF": lambda test, yes, no: yes() if test() else no(),
    "OR": lambda *tests: any(test() for test in tests),
    "AND": lambda *tests: all(test() for test in tests),
    "NOT": lambda one: not one(),
    "ISNUMBER": lambda one: (
        isinstance(one(), int | float) and not isinstance(one(), bool)
    ),
    "EXACT": lambda one, other: shown(one()) == shown(other()),
    "EXP": lambda one: math.exp(one()),
    "MAX": lambda *some: max(one() for one in some),
    "MOD": lambda one, other: one() % other(),
    "UNICHAR": lambda one: chr(one()),
    "YEAR": lambda one: when(one()).year,
    "MONTH": lambda one: when(one()).month,
    "DAY": lambda one: when(one()).day,
    "HOUR": lambda one: when(one()).hour,
    "WEEKDAY": lambda one, kind: when(one()).isoweekday(),
}


def python(formula):
    """A formula as an expression of Python; arguments are asked for one by one."""
    assert "".join(TOKEN.findall(formula[1:])) == formula[1:]
    written, calls = "", []
    for token in TOKEN.findall(formula[1:]):
        if token.isalpha():
            written += f"F[{token!r}]"
            calls.append("next")
        elif token == "(":
            call = bool(calls) and calls[-1] == "next"
            calls[-1:] = ["call"] if call else [*calls[-1:], "group"]
            written += "(lambda: " if call else "("
        elif token == ")":
            calls.pop()
            written += ")"
        elif token == ",":
            written += ", lambda: "
        elif token[0] == '"':
            written += repr(token[1:-1].replace('""', '"'))
        elif token[0].isalpha():
            written += f"C[{token!r}]"
        else:
            written += {"=": "==", "&": "+"}.get(token, token)
    return compile(written, "formula", "eval")


def in_a_cell(value):
    """What a spreadsheet holds for a cell of a table; an empty one is equal to ""."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return (value.to_pydatetime() - ZERO) / timedelta(days=1)
    if re.fullmatch(r"\d\d:\d\d:\d\d", str(value)):
        hour, minute, second = map(int, value.split(":"))
        return (hour * 3600 + minute * 60 + second) / 86_400
    return bool(value) if isinstance(value, np.bool_) else value


def calculated(model, frame):
    """The last row of cells of each row, by the titles."""
    found = re.findall(r"^([A-Z]+)1: (.*)\n\1\d: (=.*)$", to_spreadsheet(model), re.M)
    assert found
    assert all(len(formula) <= 8192 for _, _, formula in found)
    formulas = [(f"{cell}2", title, python(formula)) for cell, title, formula in found]
    lines = []
    for row in frame.to_dict("records"):
        cells = {
            f"{letters(at)}2": in_a_cell(row[name])
            for at, name in enumerate(model.columns)
            if name in row
        }
        for cell, _, formula in formulas:
            cells[cell] = eval(formula, {"F": FUNCTIONS, "C": cells})
        lines.append([cells[cell] for cell, _, _ in formulas])
    return pd.DataFrame(lines, columns=[title for _, title, _ in formulas])


def far(model, data):
    found = calculated(model, model.cleaned(data))
    wanted = model.predict(data).to_numpy()
    titles = ["prediction"]
    if model.classes:
        names = model.classes[1:] if len(model.classes) == 2 else model.classes
        titles = [" ".join(f"probability of {name}".split()) for name in names]
    return float(np.abs(found[titles].to_numpy(dtype=float) - wanted).max())


@pytest.mark.filterwarnings("ignore:.*no training row has")
@pytest.mark.parametrize(
    ("task", "dates"), [*zip(TASKS, ["parts"] * 3, strict=True), (TASKS[0], "days")]
)
def test_formulas_predict_as_the_model_does(task, dates):
    data = everything(task)
    rows = pd.concat([data.iloc[:30].drop(columns="y"), new_rows(data)])
    for name in PENALTIES:
        assert far(compared(task, dates=dates).fitted(name), rows) < 1e-9


def test_hostile_levels_and_classes_are_texts_and_one_line_each():
    model = regcore.compare(hostile(), Settings("''", lam=1.0)).fitted("L2")
    assert far(model, hostile().iloc[:60]) < 1e-9
    found = calculated(model, model.cleaned(hostile().iloc[:60]))
    assert set(found["class"]) <= set(model.classes)


def test_a_class_is_the_likelier_one():
    model, data = compared("binary").fitted("L1"), everything("binary").iloc[:40]
    likely = model.predict(data)["L1"] > 0.5
    wanted = np.where(likely, model.classes[1], model.classes[0])
    assert calculated(model, model.cleaned(data))["class"].tolist() == list(wanted)


def test_a_probability_of_a_far_row_is_no_error():
    model = compared("binary").fitted("none")
    data = everything("binary").iloc[:20].assign(x0=[-1e9, 1e9] * 10)
    assert far(model, data) < 1e-9


def test_a_model_of_many_columns_is_parted():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.standard_normal((150, 140))).add_prefix("x")
    model = train(data.assign(y=data["x0"]), epochs=2, lam=0.0).fitted("none")
    assert to_spreadsheet(model).count("part of y") > 1
    assert far(model, data.iloc[:5]) < 1e-9
    assert furthest(model, data, "sqlite") < 1e-9


def test_the_most_classes_make_no_formula_too_long():
    z = [f"{letters(at)}2" for at in range(5000, 5050)]
    free = map(letters, range(5050, 6000))
    cells = list(of_several([f"class {i}" for i in range(50)], z, free))
    assert len(cells) == 53
    assert max(len(cell.formula) for cell in cells) < MOST_SIGNS


def test_levels_too_long_for_a_formula_are_refused_in_a_sentence():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"c": rng.choice([i * MOST_SIGNS for i in "abc"], 60)})
    model = train(data.assign(y=rng.standard_normal(60)), lam=0.0).fitted("none")
    with pytest.raises(DesignError, match="levels of «c» are too long"):
        to_spreadsheet(model)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('a "b', '"a "&UNICHAR(34)&"b"'),
        ("a\nb", '"a"&UNICHAR(10)&"b"'),
        ("a\\", '"a"&UNICHAR(92)'),
        ("", '""'),
        ("x" * 300, f'"{"x" * 250}"&"{"x" * 50}"'),
    ],
)
def test_a_text_is_quoted(value, written):
    assert text(value) == written


@pytest.mark.parametrize(
    ("at", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_letters(at, name):
    assert letters(at) == name
