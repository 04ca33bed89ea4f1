"""Every example that a reader can copy runs: of docstrings, and of the README."""

import doctest
import re

import pytest

import regcore
from regcore.samples import SAMPLES
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")

PYTHON = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)

SHELL = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("name", regcore.__all__)
def test_a_public_name_has_an_example_that_runs(name):
    found = doctest.DocTestFinder(recurse=False).find(getattr(regcore, name), name)
    examples = [test for test in found if test.examples]
    assert examples, f"{name} has no example"
    for test in examples:
        said: list[str] = []
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
        assert not said, "".join(said)


@pytest.mark.parametrize("block", PYTHON, ids=range(len(PYTHON)))
def test_the_python_of_the_readme_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    diabetes = next(sample for sample in SAMPLES if sample.target == "progression")
    houses = diabetes.raw().replace(b"progression", b"price")
    (tmp_path / "houses.csv").write_bytes(houses)
    exec(compile(block, "README.md", "exec"), {})


def test_each_command_of_the_readme_is_one_that_is_run():
    """The test line by .ci/run, the other by the tests of the server."""
    marked = re.findall(r"<!-- (\w+) -->", README)
    assert marked == ["run", "test"]
    assert len(SHELL) == len(marked)
