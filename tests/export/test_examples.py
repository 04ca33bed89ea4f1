import doctest

import pytest

import regcore
from regcore import Comparison, export
from tests.export.tables import compared

SHOWN = [
    getattr(room, name)
    for room in (export, Comparison)
    for name in vars(room)
    if name.startswith("to_") and name != "to_csv"
]


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.__qualname__)
def test_each_format_has_an_example_that_runs_on_a_result(function):
    globs = {**vars(export), "regcore": regcore, "result": compared()}
    [test] = doctest.DocTestFinder(recurse=False).find(function, "it", globs=globs)
    assert test.examples
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)
