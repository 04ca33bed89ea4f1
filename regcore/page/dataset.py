"""Which table is looked at: a file of the user's own, or a sample."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from regcore.design.sheet import Sheet
from regcore.intake import Intake, IntakeError, Reading, first_lines, read
from regcore.intake.repairs import Repair
from regcore.page.address import among, keep, kept, take, went_back
from regcore.page.capacity import NoRoomError, read_within
from regcore.page.computing import Heartbeat, computed, resume
from regcore.page.house import choose_table, connect
from regcore.page.memory import remembered, set_to
from regcore.page.pasted import Pasted, digest_of_bytes, paste
from regcore.page.reading import (
    choose_reading,
    chosen_reading,
    describe,
    take_reading,
)
from regcore.page.style import close_once
from regcore.page.text import literal
from regcore.samples import SAMPLES, Sample
from regcore.sources import Source

TABLES, TABLES_KEPT = "tables", 3

OWN = among((False, True), {False: "sample", True: "own"}.__getitem__)

AWAITED = (
    "The page was loaded anew, and a file is not kept. Choose it again on the left, or "
    "see the sample there. The settings of the training are kept, and are used then; "
    "how the file is read and what its columns are is guessed anew."
)

CANCELLED = IntakeError("Its reading was cancelled.")


@dataclass(frozen=True)
class Dataset:
    """A table that was read, and what is known of it.

    Attributes
    ----------
    digest : of the bytes it was read from; part of every key that depends on it
    sheet : the table, with what is guessed of it
    target : the column that is predicted unless another is chosen
    reading : how the bytes were read
    source : digest of the bytes alone
    repairs : guesses of the reading that one click undoes
    missing : the words and the numbers that stood for no value
    sheets : what the table was chosen from, if there are several in the file
    opening : the first lines, if there are lines
    origin : where a sample comes from; empty for a file
    weights : the true weights in original units, where they are known
    elsewhere : where all rows are, of which the table holds a sample
    """

    title: str
    digest: str
    sheet: Sheet
    notes: tuple[str, ...]
    target: str
    reading: Reading
    source: str = ""
    repairs: tuple[Repair, ...] = ()
    missing: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    origin: str = ""
    weights: pd.Series | None = None
    elsewhere: Source | None = None

    @property
    def table(self) -> pd.DataFrame:
        """The table itself."""
        return self.sheet.table

    @property
    def length(self) -> int:
        """How many rows there are in all."""
        return len(self.table) if self.elsewhere is None else self.elsewhere.length

    @property
    def in_address(self) -> bool:
        """Whether places of its columns may stand in the address, for it is no file."""
        return bool(self.origin) or self.elsewhere is not None


def choose_dataset() -> tuple[Dataset | None, str]:
    """Draw the data controls; return the table, and a refusal if a file cannot be read.

    A file that cannot be read leaves the table that was there before. Where a file is
    missing that the browser still names, there is no table.
    """
    st.markdown("**Data**")
    upload = st.file_uploader(
        "CSV file",
        key="upload",
        help="Stays in this session on the machine that runs the page. Any text table "
        "will do: comma, semicolon, tab or pipe; a header line with the column names. "
        "So will Parquet, Feather, .xlsx and .ods, and a gzip or zip with one in it.",
    )
    missing = isinstance(st.session_state["upload"], DeletedFile)
    own = upload or paste(disabled=upload is not None or missing)
    house = choose_table(disabled=own is not None or missing, on_change=_forget_file)
    by_name = among(SAMPLES, lambda sample: sample.name)
    sample = st.selectbox(
        "or a sample",
        SAMPLES,
        key=kept("sample", "sample", by_name, SAMPLES[0]),
        on_change=_forget_file,
        format_func=lambda sample: sample.title,
        disabled=own is not None or missing or house is not None,
        help="Small tables that come with the page. Remove the file to use them.",
    )
    _await_file(there=own is not None or missing)
    if missing:
        return None, _ask_again()
    if file_awaited():
        st.button("Show the sample", on_click=_forget_file)
        return None, AWAITED
    if house is not None:
        found = connect(house, st.empty())
        if isinstance(found, str):
            return None, found
        return _sample_of(house.name, *found), ""
    refusal = ""
    if own is None:
        dataset = _read_sample(sample)
    else:
        dataset, refusal = _read_upload(own, sample)
        close_once(own.file_id)
        _run_on_return()
    if not refusal:
        st.session_state["read from"] = own
    st.session_state["dataset"] = dataset
    return dataset, refusal


def read_as(dataset: Dataset, reading: Reading) -> None:
    """Read the table in this way from the next run on, where it has its turn.

    Raises
    ------
    IntakeError
        one sentence, if a sample cannot be read so; for a file, see `choose_dataset`
    """
    if st.session_state.get("read from") is None:
        # A sample is small, and is read where nothing is refused.
        sample: Sample = st.session_state["sample"]
        read(sample.raw(), reading=reading)
    take_reading(dataset.source, reading)


def file_awaited() -> bool:
    """Whether there was a file before the page was loaded anew, of which it speaks."""
    awaited: bool = st.session_state.get("file awaited", False)
    return awaited


def _await_file(*, there: bool) -> None:
    """Await the file of which the address speaks, if it is not there."""
    state = st.session_state
    asked = take("file", OWN)
    if asked is not None or went_back():
        state["file awaited"] = bool(asked)
    if there:
        _forget_file()
    state["file of one's own"] = there or file_awaited()
    keep("file of one's own", "file", OWN, first=False)


def _forget_file() -> None:
    st.session_state["file awaited"] = False


def _ask_again() -> str:
    """Say that a file must be uploaded again.

    A server that was started again, or a session that has ended while there was no
    connection, holds no file any more; what the browser shows in its controls it tells
    the new session.
    """
    place = st.empty()
    name = place.text_input("File", key="file name")
    place.empty()
    what = f"«{name}»" if name else "The file that you had uploaded"
    return (
        f"{what} is no longer here: the page was started again, or its connection was "
        "away too long. Upload it again on the left, or remove it there to see a "
        "sample. The settings of the training are kept; how the file is read and what "
        "its columns are is guessed anew."
    )


@st.fragment(run_every=timedelta(days=1))
def _run_on_return() -> None:
    """Make the browser run the page as soon as a lost connection is back.

    It does so only where something is to be run from time to time; else a page whose
    file is missing would not say so before it is touched.
    """


def _show_name(name: str) -> None:
    """Show the name of the file, for the reader and for `_ask_again`."""
    set_to("file name", name)
    st.text_input("File", key="file name", disabled=True)


def _read_sample(sample: Sample) -> Dataset:
    return _sample_as(sample.name, chosen_reading(digest_of_bytes(sample.raw())))


@lru_cache(maxsize=4 * len(SAMPLES))
def _sample_as(name: str, reading: Reading) -> Dataset:
    """Read a sample in this way, once for all visitors: each begins with one."""
    sample = next(sample for sample in SAMPLES if sample.name == name)
    raw = sample.raw()
    intake = read(raw, reading=reading)
    return replace(
        _dataset(sample.title, digest_of_bytes(raw), reading, intake),
        target=sample.target,
        notes=(),
        origin=sample.origin,
        weights=sample.weights,
    )


def _sample_of(name: str, digest: str, source: Source) -> Dataset:
    """Return the sample of a table elsewhere."""
    sheet = source.sheet
    first, how = sheet.target[0], Reading()
    return Dataset(name, digest, sheet, (), first, how, digest, elsewhere=source)


def _read_upload(upload: UploadedFile | Pasted, sample: Sample) -> tuple[Dataset, str]:
    # The bytes are hashed once, not at every touch of a control.
    digest = remembered(
        "digests",
        upload.file_id,
        lambda: digest_of_bytes(upload.getvalue()),
        TABLES_KEPT,
    )
    slot = st.empty()
    found = _read_in_turn(upload, digest, slot)
    used: tuple[Reading, Sequence[str], Sequence[str], Sequence[str] | None]
    if isinstance(found, IntakeError):
        if found is CANCELLED:
            st.button("Read the file", on_click=resume)
        dataset = _read_earlier(sample, slot)
        refusal = f"{upload.name}: {found} What you see is still {dataset.title}."
        used = chosen_reading(digest), (), first_lines(upload.getvalue()), None
    else:
        dataset, refusal = found, ""
        used = found.reading, found.missing, found.opening, found.sheets
    how = describe(used[0])
    with st.expander(f"How it was read: {literal(how)}" if how else "How to read it"):
        _show_name(upload.name)
        choose_reading(digest, *used)
    return dataset, refusal


def _read_earlier(sample: Sample, slot: DeltaGenerator) -> Dataset:
    """Return the table that was there before, read as is said of it by now."""
    earlier: Dataset | None = st.session_state.get("dataset")
    own: UploadedFile | Pasted | None = st.session_state.get("read from")
    if earlier is None or own is None:
        return _read_sample(sample)
    again = _read_in_turn(own, earlier.source, slot)
    return earlier if isinstance(again, IntakeError) else again


def _read_in_turn(
    upload: UploadedFile | Pasted, digest: str, slot: DeltaGenerator
) -> Dataset | IntakeError:
    """Return the table, or the refusal, which is remembered if it will not pass."""
    reading = chosen_reading(digest)

    def build(heartbeat: Heartbeat) -> Dataset | IntakeError:
        try:
            intake = read_within(upload.getvalue(), reading, heartbeat)
        except NoRoomError:
            raise
        except IntakeError as error:
            return error
        return _dataset(upload.name, digest, reading, intake)

    key = (digest, upload.name, reading)
    heartbeat = Heartbeat(slot, "Reading the file")
    try:
        return computed(TABLES, key, build, heartbeat, TABLES_KEPT) or CANCELLED
    except NoRoomError as error:
        return error


def _dataset(name: str, digest: str, reading: Reading, intake: Intake) -> Dataset:
    """Return what was read in this way from bytes with this digest."""
    sheet = Sheet.of(intake.table)
    return Dataset(
        title=name,
        digest=digest_of(digest, reading),
        sheet=sheet,
        notes=intake.notes,
        target=sheet.target[0],
        reading=intake.reading,
        source=digest,
        repairs=intake.repairs,
        missing=intake.missing,
        sheets=intake.sheets,
        opening=intake.opening,
    )


def digest_of(source: str, reading: Reading) -> str:
    """Digest of a table: of its bytes, and of what was said of how to read them."""
    return hashlib.sha256(f"{source} {reading}".encode()).hexdigest()
