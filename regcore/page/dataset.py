"""Which table is looked at: a file of the user's own, or a sample."""

import hashlib
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from regcore.intake import IntakeError, read
from regcore.page.memory import remembered
from regcore.page.text import literal
from regcore.samples import SAMPLES
from regcore.target import propose_target

TABLES_KEPT = 3


@dataclass(frozen=True)
class Dataset:
    """A table that was read, and what is known of it.

    Attributes
    ----------
    digest : of the bytes it was read from; part of every key that depends on it
    origin : where a sample comes from; empty for a file
    weights : the true weights in original units, where they are known
    """

    title: str
    digest: str
    table: pd.DataFrame
    notes: tuple[str, ...]
    target: str
    origin: str = ""
    weights: pd.Series | None = None


def choose_dataset() -> tuple[Dataset, str]:
    """Draw the data controls; return the table, and a refusal if a file cannot be read.

    A file that cannot be read leaves the table that was there before.
    """
    st.header("Data")
    upload = st.file_uploader(
        "CSV file",
        key="upload",
        help="Stays in this session on the machine that runs the page. Any text table "
        "will do: comma, semicolon, tab or pipe; a header line with the column names.",
    )
    sample = st.selectbox(
        "or a sample",
        SAMPLES,
        key="sample",
        format_func=lambda sample: sample.title,
        disabled=upload is not None,
        help="Small tables that come with the page. Remove the file to use them.",
    )
    refusal = ""
    if upload is None:
        dataset = _read(sample.raw(), sample.title, sample.target)
        dataset = Dataset(
            title=sample.title,
            digest=dataset.digest,
            table=dataset.table,
            notes=(),
            target=sample.target,
            origin=sample.origin,
            weights=sample.weights,
        )
    else:
        try:
            dataset = _read(upload.getvalue(), upload.name)
        except IntakeError as error:
            refusal = f"{literal(upload.name)}: {literal(error)}"
            dataset = st.session_state["dataset"]
    st.session_state["dataset"] = dataset
    return dataset, refusal


def _read(raw: bytes, name: str, target: str | None = None) -> Dataset:
    digest = hashlib.sha256(raw).hexdigest()

    def parse() -> Dataset:
        intake = read(raw, filename=name)
        proposed = target or propose_target(intake.table)[0]
        return Dataset(name, digest, intake.table, intake.notes, proposed)

    return remembered("tables", digest, parse, TABLES_KEPT)
