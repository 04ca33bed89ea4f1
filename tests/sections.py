"""Draw one section of the page by itself, for its tests."""

import inspect
from functools import cache

import regcore
from regcore.design.sheet import Sheet
from regcore.page.dataset import Dataset
from regcore.samples import SAMPLES
from tests.sampled import table_of

DIABETES, PLANTED, CANCER, WINE = SAMPLES


def compared(sample, lam=10.0, **settings):
    """Compare on a sample, once for all tests."""
    return _compared(sample.title, lam, tuple(sorted(settings.items())))


@cache
def _compared(title, lam, settings):
    (sample,) = [sample for sample in SAMPLES if sample.title == title]
    chosen = regcore.Settings(target=sample.target, lam=lam, **dict(settings))
    return regcore.compare(table_of(sample), chosen)


def draw_section(section, title, lam, settings):
    """Is run by AppTest as a script: every import is within."""
    import importlib
    import inspect

    from regcore.design.sheet import Sheet
    from regcore.page.dataset import Dataset
    from regcore.samples import SAMPLES
    from tests.sampled import table_of
    from tests.sections import compared

    sample = next(sample for sample in SAMPLES if sample.title == title)
    result = compared(sample, lam, **settings)
    known = {"title": title, "digest": title, "target": sample.target}
    # What leaves from beside a chart speaks of the table.
    known["sheet"] = Sheet.of(table_of(sample))
    fields = inspect.signature(Dataset).parameters
    dataset = Dataset(**{name: known.get(name) for name in fields})
    from regcore.page.questions import draw_question

    question = importlib.import_module(f"regcore.questions.{section}").QUESTION
    draw_question(question, result, dataset)


def as_dataset(frame, target="y"):
    """Dataset of a table that was not read from a file."""
    known = {"title": "t", "digest": "t", "notes": (), "target": target}
    known["sheet"] = Sheet.of(frame)
    fields = inspect.signature(Dataset).parameters
    return Dataset(**{name: known.get(name) for name in fields})


def asked(app):
    """The buttons of a section, but for those that offer files of its charts."""
    return [one for one in app.button if not str(one.key).startswith("take of")]


def texts(app):
    """Everything that the section says."""
    return " ".join(
        element.value for element in [*app.markdown, *app.caption, *app.info]
    ).replace("\\", "")
