"""How the reader does on two collections of messy files, by class of trouble.

Run `python -m tests.corpus_report [words]`: a word shows only cases that hold it.
"""

import csv
import importlib.util
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from regcore.intake import Intake, IntakeError, read

# A wrong shape counts as silent when not one note is given.
OUTCOMES = ("right", "refused", "noted wrong", "silent wrong", "exception")
SAME_ENCODING = {
    "ascii": {"utf-8"},
    "utf-8": {"utf-8", "utf-8-sig"},
    "gb18030": {"gb18030", "gbk", "gb2312"},
    "koi8-r": {"koi8_r"},
}


@dataclass(frozen=True)
class Expected:
    """What is right for one file; a shape in `noted` needs a note."""

    name: str
    kind: str
    outcome: str
    shapes: frozenset[tuple[int | None, int | None]] = frozenset()
    noted: frozenset[tuple[int | None, int | None]] = frozenset()
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class Result:
    expected: Expected
    outcome: str
    detail: str
    seconds: float


def corpus_folder() -> Path:
    here = Path(__file__).resolve().parent.parent
    return Path(os.environ.get("REGCORE_CORPUS", here.parent / "shared" / "corpus"))


def open_cases() -> Iterator[tuple[Expected, bytes]]:
    folder = corpus_folder() / "open"
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield _from_manifest(row), (folder / row["file"]).read_bytes()


def _from_manifest(row: dict[str, str]) -> Expected:
    shapes, noted = set(), set()
    if row["rows"].strip("~"):
        shapes.add((int(row["rows"].strip("~")), int(row["cols"].strip("~"))))
    for part in filter(None, row["alt_shapes"].split(";")):
        rows, cols = map(int, re.match(r"\s*(\d+)x(\d+)", part).groups())
        (noted if "only with" in part else shapes).add((rows, cols))
    return Expected(
        row["file"],
        row["class"],
        row["right_outcome"],
        frozenset(shapes),
        frozenset(noted | shapes),
        row["encoding"],
    )


def adversarial() -> ModuleType:
    """Load the module that makes the hostile files."""
    path = corpus_folder() / "adversarial.py"
    spec = importlib.util.spec_from_file_location("adversarial", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["adversarial"] = module
    spec.loader.exec_module(module)
    return module


def adversarial_cases(
    word: str = "", *, heavy: bool = True
) -> Iterator[tuple[Expected, bytes]]:
    """Make the hostile files whose names hold a word."""
    for case in adversarial().cases(heavy=heavy):
        if word not in case.name:
            continue
        shapes = frozenset({(case.rows, case.cols)})
        yield (
            Expected(
                case.name,
                case.group,
                case.outcome,
                shapes,
                shapes,
                case.enc,
                case.delim,
            ),
            case.data(),
        )


def judge(expected: Expected, raw: bytes) -> Result:
    start = time.perf_counter()
    try:
        outcome, detail = _judge(expected, raw)
    # Whatever reading raises is what this report counts, beside what it reads wrongly.
    except Exception as error:
        outcome, detail = "exception", f"{type(error).__name__}: {error}"
    return Result(expected, outcome, detail, time.perf_counter() - start)


def _judge(expected: Expected, raw: bytes) -> tuple[str, str]:
    try:
        intake = read(raw, expected.name)
    except IntakeError as error:
        right = "error" in expected.outcome
        return "right" if right else "refused", f"refused: {error}"
    detail = f"{intake.table.shape} {intake.reading} {' '.join(intake.notes)}"
    if expected.outcome == "error":
        return "silent wrong", detail
    fits = _fits(intake, expected.noted if intake.notes else expected.shapes)
    if fits and expected.outcome == "table+note" and not intake.notes:
        return "silent wrong", "no note " + detail
    if not fits:
        return "noted wrong" if intake.notes else "silent wrong", detail
    return _decoded_right(intake, expected), detail


def _fits(intake: Intake, shapes: frozenset[tuple[int | None, int | None]]) -> bool:
    found = intake.table.shape
    return not shapes or any(
        all(want in (None, got) for want, got in zip(shape, found, strict=True))
        for shape in shapes
    )


def _decoded_right(intake: Intake, expected: Expected) -> str:
    used = intake.reading
    if expected.delimiter not in (None, used.delimiter):
        return "silent wrong"
    want = expected.encoding
    if want is None or want == used.encoding:
        return "right"
    if used.encoding in SAME_ENCODING.get(want, ()) or want == "ascii":
        return "right"
    return "right, other encoding" if intake.notes else "silent wrong"


def report(results: list[Result]) -> str:
    kinds = sorted({result.expected.kind for result in results})
    lines = [f"{'':14s}{'files':>6s}" + "".join(f"{o:>14s}" for o in OUTCOMES)]
    for kind in [*kinds, "all"]:
        group = [r for r in results if kind in ("all", r.expected.kind)]
        counts = Counter(
            "right" if r.outcome.startswith("right") else r.outcome for r in group
        )
        cells = "".join(f"{counts[outcome]:14d}" for outcome in OUTCOMES)
        share = counts["right"] / len(group)
        lines.append(f"{kind:14s}{len(group):6d}{cells}  {share:7.1%}")
    return "\n".join(lines)


def main(words: list[str]) -> None:
    heavy = "--light" not in words
    words = [word for word in words if not word.startswith("--")]
    both = (("Open", open_cases()), ("Adversarial", adversarial_cases(heavy=heavy)))
    for title, cases in both:
        results = [
            judge(expected, raw)
            for expected, raw in cases
            if not words or any(word in expected.name for word in words)
        ]
        if not results:
            continue
        print(title)
        print(report(results))
        for result in results:
            if words or result.outcome != "right" or result.seconds > 3:
                wanted = result.expected
                print(
                    f"\n{result.outcome}: {wanted.name} [{wanted.kind}] "
                    f"{result.seconds:.1f} s\n  want {wanted.outcome} "
                    f"{sorted(wanted.noted, key=str)} {wanted.encoding}"
                    f"\n  got  {result.detail[:600]}"
                )
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
