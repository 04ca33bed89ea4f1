"""The same from a notebook: the lines of Python that give what the page shows."""

from dataclasses import MISSING, fields

from regcore.export.rendering import environment
from regcore.files.source import Source, reproducing
from regcore.intake import Reading
from regcore.settings import Settings

TEMPLATES = environment("regcore.files", escaped=False)
TEMPLATES.filters["literal"] = lambda value: repr(_plain(value))


def notebook_lines(source: Source) -> str:
    """Write what reads the file, trains the three models and follows the path.

    The numbers are those of the page to the last bit: the settings say how many epochs
    were trained, not for how long.
    """
    return TEMPLATES.get_template("notebook.py.j2").render(
        title=source.title,
        sample=source.sample,
        elsewhere=source.elsewhere,
        reading=_chosen(source.reading),
        settings=_chosen(reproducing(source.result)),
        folds=source.path.folds if source.path is not None else None,
    )


def _chosen(record: Reading | Settings) -> dict[str, object]:
    """What differs from the defaults."""
    return {
        field.name: getattr(record, field.name)
        for field in fields(record)
        if field.default is MISSING or getattr(record, field.name) != field.default
    }


def _plain(value: object) -> object:
    """Without the classes of our choices, which are texts."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    return value
