"""Everything that decides a result, as JSON; and back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from regcore.files.source import Source, reproducing, versions
from regcore.intake import IntakeError, Reading
from regcore.settings import DesignError, Settings
from regcore.words import listed, named

FORMAT = "regcore settings"

VERSION = 1

NOT_OURS = "This is no file of settings that this page wrote; choose one that it did."


@dataclass(frozen=True)
class Saved:
    """Settings as they were saved, and of which file they spoke.

    Attributes
    ----------
    title, fingerprint : of the file, the latter SHA-256 of its bytes
    reading, settings : how it was read and trained on
    """

    title: str
    fingerprint: str
    reading: Reading
    settings: Settings

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the file that the settings speak of, each once."""
        settings = self.settings
        typed = (name for name, _ in settings.types)
        features = settings.features or ()
        names = (settings.target, *features, *typed, *settings.grouped_by)
        return tuple(dict.fromkeys(names))

    def misfits(self, title: str, fingerprint: str, columns: Iterable[str]) -> str:
        """Say what of these settings does not fit another file; empty if all does."""
        if fingerprint == self.fingerprint:
            return ""
        known = {*columns}
        missing = [named(name) for name in self.names if name not in known]
        other = (
            f"These settings were saved for {named(self.title)}, and {named(title)} is "
            "another file"
        )
        if missing:
            return f"{other}, without {listed(missing)}."
        return f"{other}; it has the columns, but gives other numbers."


def settings_to_json(source: Source) -> str:
    """Write the file's name and fingerprint, its reading, the settings, the versions.

    On the same file these settings give the same numbers to the last bit; they say how
    many epochs were trained, not for how long.
    """
    settings = reproducing(source.result)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "file": {"name": source.title, "sha256": source.fingerprint},
        "reading": _written(source.reading),
        "settings": _written(settings),
        "versions": versions(),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def settings_from_json(text: str | bytes) -> Saved:
    """Read them back.

    Raises
    ------
    DesignError
        one sentence, if the text holds no settings, or values that cannot be
    """
    try:
        content = json.loads(text)
        ours = content["format"] == FORMAT and content["version"] <= VERSION
        file, reading = content["file"], _known(Reading, content["reading"])
        chosen = _known(Settings, content["settings"])
        title, fingerprint = str(file["name"]), str(file["sha256"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise DesignError(NOT_OURS) from error
    if not ours:
        raise DesignError(NOT_OURS)
    try:
        settings = Settings(**chosen)
        saved = Saved(title, fingerprint, Reading(**reading), settings)
        hash(saved)
    except (DesignError, IntakeError) as error:
        raise DesignError(str(error)) from error
    except (ValueError, TypeError) as error:
        raise DesignError(NOT_OURS) from error
    names = (*saved.names, *settings.without, *dict(settings.centuries))
    if not all(isinstance(name, str) for name in names):
        raise DesignError(NOT_OURS)
    return saved


def _written(record: Reading | Settings) -> dict[str, object]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _known(
    record: type[Reading] | type[Settings], content: Mapping[str, object]
) -> dict[str, Any]:
    """Take the fields, and refuse what is none, for it would be lost in silence."""
    names = {field.name for field in fields(record)}
    strange = [named(name) for name in content if name not in names]
    if strange:
        raise DesignError(
            f"The settings hold {listed(strange)}, which this version does not know."
        )
    return {name: _tupled(value) for name, value in dict(content).items()}


def _tupled(value: object) -> object:
    """Pairs come back as lists."""
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
