"""Files that leave the page: each made when it is asked for, and in its turn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import streamlit as st

from regcore.comparison import Comparison
from regcore.files import File, Source
from regcore.page.computing import in_turn
from regcore.page.dataset import Dataset
from regcore.page.text import literal


def about(result: Comparison, dataset: Dataset) -> Source:
    """Of what a file speaks that leaves."""
    return Source(
        result=result,
        table=dataset.table,
        title=dataset.title,
        fingerprint=dataset.source,
        reading=dataset.reading,
        sample=bool(dataset.origin),
        elsewhere=dataset.elsewhere is not None,
    )


def download(
    label: str,
    make: Callable[[], bytes | str],
    name: str,
    media_type: str,
    *,
    key: str | None = None,
    note: str = "",
    missing: str = "",
    primary: bool = False,
) -> None:
    """Draw a button with which a file leaves.

    Parameters
    ----------
    make : its content, when it is asked for
    note : what it is
    missing : what would have to be done first, one sentence; empty if nothing
    """
    st.download_button(
        label,
        in_turn(make),
        name,
        media_type,
        key=key,
        help=missing or note or None,
        type="primary" if primary else "secondary",
        disabled=bool(missing),
        on_click="ignore",
    )


@contextmanager
def taken_along(
    alt: str, key: str, files: Callable[[], Sequence[File]], source: Source
) -> Iterator[None]:
    """Draw a chart or a table, and on its edge a quiet button with its files.

    Parameters
    ----------
    alt : what it shows
    key : unlike that of any other on the page
    files : told when the button is opened; before that nothing is made or drawn
    """
    with st.container(gap=None):
        yield
        _offer(alt, key, files, source)


@st.fragment
def _offer(
    alt: str, key: str, files: Callable[[], Sequence[File]], source: Source
) -> None:
    # A menu would cost a browser as much at every step of λ as the chart does.
    label, icon = literal(f"Download: {alt}"), ":material/download:"
    if st.button(label, icon=icon, type="tertiary", key=f"take of {key}"):
        _draw_files(alt, key, files, source)


@st.dialog("Download")
def _draw_files(
    alt: str, key: str, files: Callable[[], Sequence[File]], source: Source
) -> None:
    st.caption(literal(alt))
    with st.container(horizontal=True):
        missing = dict.fromkeys(_draw_file(file, key, source) for file in files())
    for sentence in filter(None, missing):
        st.caption(literal(sentence))


def _draw_file(file: File, key: str, source: Source) -> str:
    """Draw its button, or return what would have to be done first."""
    missing = file.needs(source)
    if not missing:
        download(
            literal(file.title),
            partial(file.make, source),
            file.name(source),
            file.media_type,
            key=f"{key} {file.ending}",
        )
    return missing
