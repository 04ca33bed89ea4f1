"""Data flows one way. The rules go by folder, so that a module to come is held too."""

import ast
from functools import cache
from pathlib import Path

import pytest

CORE = Path(__file__).parent.parent / "regcore"
MODULES = sorted(CORE.rglob("*.py"))

LONGEST = 330
"""Lines of a module: beyond, it has two subjects, and is parted by them."""

FLOORS = (
    {"words", "shown"},
    {"heap", "model", "intake"},
    {"choices"},
    {"settings"},
    {"solve", "samples"},
    {"design"},
    {"problem"},
    {"sources"},
    {"coefficients", "trained"},
    {"export"},
    {"comparison"},
    {"compare", "regularization_path"},
    {"nested_validation"},
    {"drawing"},
    {"questions"},
    {"files"},
    {"notebook"},
    {"page"},
)
"""From the ground up; a folder or module knows what lies below it, and no more."""


def name(module):
    return str(module.relative_to(CORE))


def room(module):
    """The folder or module at the top of the core that this one belongs to."""
    return module.relative_to(CORE).with_suffix("").parts[0]


@cache
def imports(module):
    """Dotted names that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages(module):
    return {name.split(".")[0] for name in imports(module)}


def rooms_known(module):
    return {
        name.split(".")[1]
        for name in imports(module)
        if name.startswith("regcore.") and name.split(".")[1] != room(module)
    }


def floor(room):
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


def test_every_room_has_a_floor_and_every_floor_its_rooms():
    rooms = {room(module) for module in MODULES} - {"__init__"}
    assert rooms == set().union(*FLOORS)


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_knows_only_what_lies_below_it(module):
    own = len(FLOORS) if room(module) == "__init__" else floor(room(module))
    assert {known for known in rooms_known(module) if floor(known) >= own} == set()


def test_no_question_goes_round_in_a_circle():
    folder = CORE / "questions"
    knows = {}
    for module in folder.rglob("*.py"):
        question = module.relative_to(folder).parts[0]
        start = "regcore.questions."
        others = {n.split(".")[2] for n in imports(module) if n.startswith(start)}
        knows.setdefault(question, set()).update(others - {question})
    while knows:
        free = {question for question, others in knows.items() if not others & {*knows}}
        assert free, f"a circle among {sorted(knows)}"
        knows = {q: others for q, others in knows.items() if q not in free}


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_only_the_page_knows_streamlit(module):
    assert room(module) == "page" or "streamlit" not in packages(module)


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_only_sources_know_an_engine_of_tables(module):
    engines = {"duckdb", "psycopg", "sqlglot", "ibis", "polars", "pyspark"}
    assert room(module) == "sources" or not packages(module) & engines


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_only_drawings_know_altair(module):
    drawings = {"chart", "curves", "weights", "marks", "panels"}
    draws = room(module) in {"drawing"} or module.stem in drawings
    assert draws or "altair" not in packages(module)


@pytest.mark.parametrize(
    "module",
    [m for m in MODULES if room(m) in {"model", "solve"} or m.stem == "split"],
    ids=name,
)
def test_the_mathematics_knows_numpy_and_no_tables(module):
    assert not packages(module) & {"pandas", "sklearn", "scipy", "pyarrow"}


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_nothing_private_is_taken_from_another_module(module):
    private = {n for n in imports(module) if n.split(".")[-1].startswith("_")}
    assert {n for n in private if n.startswith("regcore")} == set()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_module_is_longer_than_a_reader_can_hold(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST
