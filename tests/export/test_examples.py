import doctest

import pytest

from regcore import export
from tests.export.tables import compared

SHOWN = [name for name in export.__all__ if name.startswith("to_") and name != "to_csv"]


@pytest.mark.parametrize("name", SHOWN)
def test_each_format_has_an_example_that_runs_on_a_result(name):
    globs = {**vars(export), "result": compared()}
    function = getattr(export, name)
    globs = {**function.__globals__, **globs}
    [test] = doctest.DocTestFinder(recurse=False).find(function, name, globs=globs)
    assert test.examples
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)
