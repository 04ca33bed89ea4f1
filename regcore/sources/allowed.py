"""The tables that whoever runs a page lets its visitors use, from a file of their own.

A visitor chooses one by its name, and learns neither where it is nor what else there
is.
"""

import hashlib
import logging
import os
import re
import threading
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit
from weakref import WeakValueDictionary

from regcore.model.blocks import Tick, no_tick
from regcore.settings import DesignError
from regcore.sources.connecting import INSTALL, POSTGRES, duck, files_at, postgres
from regcore.sources.discreet import Discreet, hidden
from regcore.sources.engine import Engine, held
from regcore.sources.source import Source
from regcore.words import listed, named

if TYPE_CHECKING:
    from regcore.sources.duck import DuckDB

VARIABLE = "REGULARIZE_TABLES"
"""Names the file."""

TEXTS = ("name", "address", "table", "key", "password", "most_bytes", "memory", "disk")
"""What is said of a table in words; beside them there is a list of columns."""

AMOUNT = re.compile(r"([1-9]\d{0,8})(KB|MB|GB|TB)")

UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

_log = logging.getLogger(__name__)

_connecting = threading.Lock()
_connected: "WeakValueDictionary[str, DuckDB]" = WeakValueDictionary()


@dataclass(frozen=True)
class Allowed:
    """A table of the house.

    Attributes
    ----------
    name : that visitors see
    address, table, key : see `connect`
    columns : that visitors may use; None for all
    most_bytes : of files, or of the table in its database, such as "20GB"
    memory, disk : the most that DuckDB takes for it, for all visitors together
    password : the environment variable that holds the password of the address
    """

    name: str
    address: str = field(repr=False)
    table: str | None = None
    key: str | None = None
    columns: tuple[str, ...] | None = None
    most_bytes: str | None = None
    memory: str = "1GB"
    disk: str = "20GB"
    password: str | None = None

    @property
    def in_database(self) -> bool:
        """Whether it is in a database, and not in files."""
        return self.address.startswith(POSTGRES)

    def fingerprint(self) -> str:
        """Digest of which table it is, and of the size and the time of its files.

        Raises
        ------
        DesignError
            if it has no file any more
        """
        parts = [self.name, self.address, str(self.table), str(self.columns)]
        if not self.in_database:
            for file, stat in self._files():
                parts += [str(file), str(stat.st_size), str(stat.st_mtime_ns)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def open(self, tick: Tick = no_tick) -> Source:
        """Connect it for one visitor.

        Parameters
        ----------
        tick : called every moment; what it raises ends the work

        Raises
        ------
        DesignError
            one sentence without an address, which is in the log
        """
        try:
            engine = self._in_database() if self.in_database else self._in_files(tick)
        except TooLargeError:
            raise
        except DesignError as error:
            raise hidden(self.name, error) from None
        return Source(Discreet(engine, self.name), tick)

    def _in_database(self) -> Engine:
        address = urlsplit(self.address)
        if self.password is not None:
            word = quote(os.environ.get(self.password, ""), safe="")
            user, _, host = address.netloc.rpartition("@")
            address = address._replace(netloc=f"{user}:{word}@{host}")
        found = postgres(urlunsplit(address), self.table, self.key, self.columns)
        self._refuse(found.size)
        return found

    def _in_files(self, tick: Tick) -> Engine:
        """Look at the files, or beside a visitor who does: one limit is for both."""
        self._refuse(sum(stat.st_size for _, stat in self._files()))
        known = self.fingerprint()
        with held(_connecting, tick):
            first = _connected.get(known)
            if first is None:
                limits = {"memory": self.memory, "disk": self.disk}
                files = [file for file, _ in self._files()]
                first = duck(files, self.columns, **limits, tick=tick)
                _connected[known] = first
            return first.beside()

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        try:
            return [(file, file.stat()) for file in files_at(self.address)]
        except (DesignError, OSError) as error:
            raise hidden(self.name, error) from None

    def _refuse(self, size: int) -> None:
        if self.most_bytes is not None and size > _amount(self.most_bytes):
            raise TooLargeError(
                f"{named(self.name)} has {size / 1e6:,.0f} MB, and at most "
                f"{self.most_bytes} of it are read here; who runs the page can allow "
                "more."
            )


class TooLargeError(DesignError):
    """A table has more bytes than are allowed."""


@cache
def tables_of_the_house() -> tuple[Allowed, ...]:
    """Read the file that `VARIABLE` names, once; what is wrong with it is logged.

    Without the variable, without what reads a table, or where the file is wrong, there
    is none.
    """
    file = os.environ.get(VARIABLE, "").strip()
    if not file:
        return ()
    try:
        found = read_allowed(Path(file))
    except DesignError as error:
        _log.error("%s: no table of the house is shown. %s", VARIABLE, error)
        return ()
    missing = {one for one in found if not find_spec(_driver(one))}
    for one in missing:
        extra = "postgres" if one.in_database else "tables"
        said = INSTALL.replace("tables", extra)
        _log.error("%s: %s is not shown; it needs %s", VARIABLE, named(one.name), said)
    return tuple(one for one in found if one not in missing)


def _driver(one: Allowed) -> str:
    return "psycopg" if one.in_database else "duckdb"


def read_allowed(file: Path) -> tuple[Allowed, ...]:
    """Read an operator's file.

    Raises
    ------
    DesignError
        one sentence for whoever wrote it
    """
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DesignError(f"{named(file)} cannot be read: {error}.") from error
    tables = said.pop("table", [])
    if said or not isinstance(tables, list):
        raise DesignError(
            f"{named(file)} has {listed([named(key) for key in said] or ['[table]'])}; "
            "write each table as [[table]], and nothing else."
        )
    found = tuple(_allowed(file, at, one) for at, one in enumerate(tables, 1))
    names = [one.name for one in found]
    twice = [named(name) for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise DesignError(f"{named(file)} has two tables {listed(twice)}; rename one.")
    return found


def _allowed(file: Path, at: int, said: object) -> Allowed:
    """Check what is said of one table."""
    what = f"Table {at} of {named(file)}"
    if not isinstance(said, dict):
        raise DesignError(f"{what} is no table; write it as [[table]].")
    for sentence in (*_wrong(said), *_wrong_address(str(said.get("address")))):
        raise DesignError(f"{what} {sentence}.")
    columns = said.get("columns")
    return Allowed(**{**said, "columns": None if columns is None else tuple(columns)})


def _wrong(said: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with an entry, the first first."""
    for key, value in said.items():
        if key not in (*TEXTS, "columns"):
            yield f"says {named(key)}; known are columns, {', '.join(TEXTS)}"
        elif key in TEXTS and not (isinstance(value, str) and value):
            yield f"has {named(value)} for {key}, which must be a text"
    yield from (f"has no {key}" for key in ("name", "address") if key not in said)
    if "columns" in said and not _is_texts(said["columns"]):
        yield "has columns that are no list of names"
    for key in ("most_bytes", "memory", "disk"):
        if key in said and not AMOUNT.fullmatch(str(said[key])):
            yield f"has {named(said[key])} for {key}; write it as 500MB or 20GB"
    if str(said.get("address")).startswith(POSTGRES) and "table" not in said:
        yield "is a database, and says no table"


def _wrong_address(address: str) -> Iterator[str]:
    try:
        password = urlsplit(address).password
    except ValueError:
        yield "has an address that is none"
        return
    if "://" in address and not address.startswith(POSTGRES):
        yield "has an address that is neither files of this machine nor PostgreSQL"
    elif password is not None:
        yield (
            "has a password in its address; put it into an environment variable, and "
            "the name of that into password"
        )


def _is_texts(value: object) -> bool:
    if not isinstance(value, list):
        return False
    return bool(value) and all(isinstance(one, str) for one in value)


def _amount(text: str) -> int:
    found = AMOUNT.fullmatch(text)
    assert found is not None
    return int(found[1]) * UNITS[found[2]]
