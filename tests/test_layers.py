import ast
from pathlib import Path

import pytest

CORE = Path(__file__).parent.parent / "regcore"
MODULES = sorted(CORE.rglob("*.py"))

PAGE = CORE / "page"
NUMPY_ONLY = (
    "blocks",
    "certificate",
    "descent",
    "fold_moments",
    "fold_rows",
    "folds",
    "homotopy",
    "losses",
    "moments",
    "newton",
    "optimum",
    "oracle",
    "path",
    "penalties",
    "quadratic",
    "rows",
    "systems",
    "walks",
)


def name(module):
    return str(module.relative_to(CORE))


def imported(module):
    """Names of the packages that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_there_are_modules_to_look_at():
    names = {module.stem for module in MODULES}
    assert {"losses", "penalties", "oracle", "descent", "matrix", "compare"} <= names
    assert "pandas" in imported(CORE / "design" / "matrix.py")


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_the_core_knows_no_page(module):
    page = module.is_relative_to(PAGE)
    assert page or not imported(module) & {"streamlit", "app"}
    assert page or "regcore.page" not in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_only_the_charts_know_altair(module):
    charts = module.is_relative_to(CORE / "charts")
    assert charts or "altair" not in imported(module)


@pytest.mark.parametrize(
    "module",
    [CORE / f"{stem}.py" for stem in NUMPY_ONLY] + [CORE / "design" / "split.py"],
    ids=name,
)
def test_the_mathematics_knows_numpy_and_no_tables(module):
    assert not imported(module) & {"pandas", "sklearn", "scipy"}
