"""Random moves of one visitor beside another: whatever is touched, nothing breaks.

Run `python -m tests.moves --moves 300 --seed 1`. A move is a control, a section, a
button, a file of the collection or a hostile one, its removal, a reload, a lost
connection, or several of these before the page has answered; what runs long is
cancelled. After each the page must be whole, say what it shows, and hold no cell of the
other's file; memory and open files must not grow from the 100th to the last.
"""

import argparse
import gzip
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from websockets.exceptions import WebSocketException

from tests.conftest import ROOT
from tests.corpus_report import corpus_folder
from tests.tables import table
from tests.visitor import Part, Server, Visitor, serving
from tests.visits import csv_of, plain

MARKS = ("zebrafinch", "axolotl")
"""A word in each visitor's own file, in its name and in its column's."""

LARGEST = 1_500_000
"""Bytes of the files of the collection that are sent."""

PATIENCE, LONGEST = 3.0, 120.0
"""Seconds after which a computation is cancelled, and after which it hangs."""

GROWTH, LEAKED = 60.0, 8
"""Megabytes and open files by which the server may grow after the 100th move."""

ODD = (
    *(-1e308, -1.0, 0.0, 0.5, 1.0, 2.0, 7.0, 50.0, 1000.0, 1e308, 9007199254740991.0),
    None,
)
RAISED = r"\n(\w[\w.]*(?:Error|Exception)\b.*)"

WORDS = ("", "x", "−1", "<b>", "😀", "a,b\n1,2\n3,4\n", "a\tb\n1\t2\n2\t1\n4\t4")


def hostile() -> dict[str, bytes]:
    """Small files, each odd in its own way."""
    rows = b"".join(b"%d,%d,%d\n" % (i, i * i % 11, 3 * i % 17) for i in range(60))
    plain_file = b"a,b,y\n" + rows
    names = b"<img src=x onerror=alert(1)>,**b** $x$,:red[y]\n"
    return {
        "empty.csv": b"",
        "blank.csv": b"\n" * 500,
        "names only.csv": b"a,b,y\n",
        "one cell.csv": b"1",
        "one column.csv": b"y\n" + b"".join(b"%d\n" % i for i in range(40)),
        "constant.csv": b"a,b,y\n" + b"1,2,3\n" * 50,
        "open quote.csv": b'a,b,y\n1,"2,3\n' + rows,
        "zeros.bin": bytes(5_000),
        "noise.bin": np.random.default_rng(0).bytes(5_000),
        "utf-16.csv": plain_file.decode().encode("utf-16"),
        "returns.csv": plain_file.replace(b"\n", b"\r"),
        "equal names.csv": b"x," * 300 + b"y\n" + (b"1," * 300 + b"2\n") * 20,
        "wide.csv": b"1," * 6_000 + b"1\n",
        "markup.csv": names + rows,
        "formulas.csv": b"=1+1,@b,-y\n" + rows,
        "far.csv": b"a,b,y\n" + rows.replace(b"3", b"3e300"),
        "not numbers.csv": b"a,b,y\n" + b"nan,inf,-inf\n" * 30 + rows,
        "ragged.csv": b"a,b,y\n" + rows.replace(b"7\n", b"7,7,7\n"),
        "words.csv": b"a,b,y\n" + rows.replace(b"1", b"one").replace(b"2", b"two"),
        "packed.gz": gzip.compress(plain_file),
        "cut.gz": gzip.compress(plain_file)[:60],
        "cut.xlsx": b"PK\x03\x04" + bytes(200),
        "two.csv": plain_file + b"\n\nname,size\nu,1\nv,2\nw,3\n",
        "three classes.csv": csv_of(table("multiclass", n=80, p=4)),
        "two classes.csv": csv_of(table("binary", n=200, p=5)),
    }


def collected() -> dict[str, bytes]:
    """Files of the collection beside the project, where it is."""
    files = sorted((corpus_folder() / "open").rglob("*"))
    fit = [f for f in files if f.is_file() and f.stat().st_size < LARGEST]
    return {file.name: file.read_bytes() for file in fit}


def own(mark: str, seed: int) -> bytes:
    """A file with a word of its visitor's in every row."""
    frame = table("regression", n=60 + seed, p=4, seed=seed)
    frame[f"kind of {mark}"] = [f"{mark} {i % 3}" for i in range(len(frame))]
    return csv_of(frame)


@dataclass
class Driven:
    """A visitor, what its file is called, and what was done, to do it again."""

    visitor: Visitor
    mark: str
    other: str
    draw: np.random.Generator
    files: dict[str, bytes]
    name: str = ""
    told: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def among(self, several: Sequence) -> object:
        """Draw one of several."""
        return several[int(self.draw.integers(len(several)))]

    def move(self) -> None:
        """Do something, wait for the answer, and look at the page."""
        self.told.clear()
        self.faults.clear()
        try:
            self._move()
        except (TimeoutError, WebSocketException) as error:
            self.faults.append(f"no answer: {error!r}")
            self._begin()

    def _move(self) -> None:
        moves: list[tuple[float, Callable[[], None]]] = [
            (10.0, self._touch),
            (3.0, self._press),
            (2.0, self._upload),
            (0.7, self._own),
            (0.5, self._remove),
            (0.5, self._reload),
            (0.3, self._lose_connection),
        ]
        weights = np.array([weight for weight, _ in moves])
        several = 1 + int(self.draw.random() < 0.2) * int(self.draw.integers(1, 4))
        for _ in range(several):
            at = int(self.draw.choice(len(moves), p=weights / weights.sum()))
            moves[at][1]()
            if several > 1:
                self.visitor.settle(float(self.draw.random()) * 0.3)
        self._settle()
        self._look()

    def _settle(self) -> None:
        page = self.visitor
        if page.settle(PATIENCE):
            return
        buttons = [part for part in page.all("button") if part.proto.label == "Cancel"]
        if buttons:
            self.told.append("cancel")
            page.press(buttons[-1])
        if not page.settle(LONGEST):
            self.faults.append("hangs")

    def _touch(self) -> None:
        found = [p for p in self.visitor.all(*VALUES_OF) if _is_free(p)]
        if not found:
            return
        part = self.among(found)
        value = VALUES_OF[part.kind](self, part)
        self.told.append(f"{part.kind} {part.proto.label[:40]!r} = {value!r}")
        self.visitor.touch(part, value)

    def _press(self) -> None:
        found = [p for p in self.visitor.all("button") if _is_free(p)]
        if found:
            part = self.among(found)
            self.told.append(f"press {part.proto.label!r}")
            self.visitor.press(part)

    def _upload(self) -> None:
        self._send(str(self.among([*self.files])))

    def _own(self) -> None:
        self._send(f"{self.mark} {self.draw.integers(3)}.csv")

    def _send(self, name: str) -> None:
        raw = self.files.get(name)
        if raw is None:
            raw = own(self.mark, int(name.split()[-1][0]))
        self.told.append(f"upload {name!r}")
        uploaders = self.visitor.all("file_uploader")
        if uploaders and not uploaders[0].proto.disabled:
            self.visitor.upload(raw, name)
            self.name = name

    def _remove(self) -> None:
        if self.visitor.all("file_uploader"):
            self.told.append("remove")
            self.visitor.remove()
            self.name = ""

    def _reload(self) -> None:
        self.told.append("reload")
        self._begin()
        self.name = ""

    def _lose_connection(self) -> None:
        self.told.append("lose connection")
        self._begin(self.visitor.session)

    def _begin(self, session: str = "") -> None:
        """Open the page anew, or go on with a session."""
        before = self.visitor
        self.faults += before.faults
        before.close()
        self.visitor = Visitor(before.port, before.query, session)
        if session:
            self.visitor.settle(LONGEST)
            self.visitor.states = before.states
            self.visitor.ask()

    def _look(self) -> None:
        page = self.visitor
        self.faults += page.faults
        page.faults.clear()
        heard = b"".join(page.seen)
        page.seen.clear()
        if self.other.encode() in heard:
            self.faults.append(f"a cell of the other: {self.other}")
        said = [plain(text) for text in page.said()]
        if not page.all("metric") and not said and not page.all("button"):
            self.faults.append("white page: neither models nor a sentence")
        self.faults += self._untrue(said)

    def _untrue(self, said: list[str]) -> list[str]:
        """What the first line says that is not so."""
        awaited = any("no longer here" in text for text in said)
        lines = [
            plain(part.proto.label)
            for part in self.visitor.all("expandable")
            if " rows × " in plain(part.proto.label)
        ]
        refused = any("What you see is still" in text for text in said)
        earlier = any("Below is the earlier result" in text for text in said)
        if not lines or not self.name or awaited or refused or earlier:
            return []
        shown = lines[0].partition(" · ")[0]
        return [] if shown == self.name else [f"{shown!r} stands for {self.name!r}"]


def _is_free(part: Part) -> bool:
    proto = part.proto
    return bool(getattr(proto, "id", "")) and not getattr(proto, "disabled", False)


def _slider(driven: Driven, part: Part) -> object:
    options = [*part.proto.options]
    size = max(1, len(part.proto.default))
    if options:
        chosen = sorted(int(driven.draw.integers(len(options))) for _ in range(size))
        return [options[at] for at in chosen]
    low, step = part.proto.min, part.proto.step
    steps = round((part.proto.max - low) / step) + 1
    drawn = (int(driven.draw.integers(steps)) for _ in range(size))
    return sorted(low + step * at for at in drawn)


def _number(driven: Driven, part: Part) -> object:
    proto = part.proto
    low = proto.min if proto.has_min else -1e9
    high = proto.max if proto.has_max else 1e9
    value = driven.among(ODD)
    # A browser lets no other through.
    return None if value is None else float(np.clip(value, low, min(high, 1e15)))


def _some(driven: Driven, part: Part) -> object:
    options = [*part.proto.options]
    names = [getattr(one, "content", one) for one in options]
    return [name for name in names if driven.draw.random() < 0.4]


def _group(driven: Driven, part: Part) -> object:
    names = [option.content for option in part.proto.options]
    single = part.proto.click_mode == part.proto.SINGLE_SELECT
    return [str(driven.among(names))] if single and names else _some(driven, part)


def _section(driven: Driven, part: Part) -> object:
    state = driven.visitor.states.get(part.proto.id)
    return not (state.bool_value if state else part.proto.expanded)


VALUES_OF: dict[str, Callable[[Driven, Part], object]] = {
    "slider": _slider,
    "number_input": _number,
    "selectbox": lambda d, part: d.among([*part.proto.options] or [None]),
    "multiselect": _some,
    "button_group": _group,
    "expandable": _section,
    "checkbox": lambda d, _: bool(d.draw.integers(2)),
    "text_area": lambda d, _: d.among(WORDS),
}


def drive(
    server: Server,
    moves: int,
    seed: int,
    files: dict[str, bytes],
    *,
    tell: bool = False,
) -> list[str]:
    """Let two visitors make their moves in turn; return what was wrong."""
    both = []
    for at, (mark, other) in enumerate((MARKS, MARKS[::-1])):
        draw = np.random.default_rng([seed, at])
        both.append(Driven(Visitor(server.port), mark, other, draw, files))
        both[-1].visitor.settle(LONGEST)
    wrong: list[str] = []
    start, logged = (0.0, 0), 0
    for number in range(moves):
        if number == 100:
            start = server.memory(), server.open_files()
        for driven in both:
            driven.move()
            log = server.log.read_text()
            raised = re.findall(
                r"\n(?! )(\w[\w.]*(?:Error|Exception)\b.*)", log[logged:]
            )
            logged = len(log)
            where = f"move {number} of {driven.mark}: {'; '.join(driven.told)}"
            found = [f"{where}: {fault}" for fault in [*driven.faults, *raised]]
            if tell:
                print(*(found or [where]), sep="\n", flush=True)
            wrong += found
    if moves > 100:
        end = server.memory(), server.open_files()
        print(f"{start[0]:.0f} MB, {start[1]} files; then {end[0]:.0f} MB, {end[1]}")
        grown = end[0] - start[0] > GROWTH or end[1] - start[1] > LEAKED
        wrong += [f"grows from {start} to {end}"] * grown
    for driven in both:
        driven.visitor.close()
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        # A lost connection is known again, one for good is forgotten soon.
        with serving(ROOT / "app.py", log, life=5) as server:
            wrong = drive(
                server, asked.moves, asked.seed, collected() | hostile(), tell=True
            )
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
