"""What leaves the page: files, the lines for a notebook, another file's predictions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from operator import attrgetter

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from regcore.comparison import PENALTIES, Comparison
from regcore.export import FORMATS, FittedModel, to_csv
from regcore.files import FILES, File, Source, bundle
from regcore.files.pictures import drawable
from regcore.files.scoring import Scored, score_table
from regcore.files.script import notebook_lines
from regcore.files.source import Answer
from regcore.files.vega import prepare_library
from regcore.intake import Intake, IntakeError
from regcore.page import address
from regcore.page.capacity import read_within
from regcore.page.computing import Heartbeat, computed, known, resume
from regcore.page.dataset import Dataset
from regcore.page.leaving import about, download
from regcore.page.loading import draw_loading
from regcore.page.looks import done
from regcore.page.questions import open_answers
from regcore.page.text import literal
from regcore.questions import QUESTIONS
from regcore.questions.cards.headline import diverged
from regcore.questions.cards.scores import scores_shown
from regcore.questions.cards.words import TITLES
from regcore.questions.last_word import OPENED
from regcore.questions.path import PATHS
from regcore.questions.trust import RESAMPLED
from regcore.settings import DesignError
from regcore.words import counted

SHOWN = 5
"""Rows of another file's predictions that are shown."""

SHOWN_TEXT = 50_000
"""Characters of a model that are shown; a longer one is taken unread."""

LINK_TO_SAMPLE = (
    "This link opens the page with the sample and its settings; it holds no result."
)

LINK_TO_HOUSE = (
    "This link opens the page with this table of the house and its settings, for who "
    "can open the page; of the table it holds the name."
)

LINK_WITHOUT_FILE = (
    "This link holds how the models are trained and nothing of your file, no name and "
    "no cell: who opens it chooses the file, the target and the features anew."
)


@address.fragment
def draw_take(result: Comparison, dataset: Dataset) -> None:
    """Draw what leaves; what is closed costs nothing, and no file is made unasked."""
    key = address.kept("section: take", "open-take", address.switch(), first=False)
    section = st.expander("Take it with you", key=key, on_change="rerun")
    if section.open:
        with section:
            _draw(result, dataset)


def _draw(result: Comparison, dataset: Dataset) -> None:
    source = _source(result, dataset)
    if drawable():
        prepare_library()
    st.caption(
        "Each file is named after the table, the target, λ and the first letters of "
        "the file's SHA-256; the settings hold them whole, with the versions."
    )
    with st.container(horizontal=True):
        download(
            "Everything, as ZIP",
            partial(_bundled, source, open_answers(source.result)),
            f"{source.stem}.zip",
            "application/zip",
            primary=True,
        )
        for file in FILES:
            download(
                file.title,
                partial(_made, file, source, open_answers(source.result)),
                file.name(source),
                file.media_type,
                key=f"take {file.ending}",
                missing=file.needs(source),
            )
    if not diverged(result):
        st.subheader("The model itself", anchor=False)
        _draw_model(source)
    st.subheader("The same from a notebook", anchor=False)
    st.code(notebook_lines(source), language="python", wrap_lines=True)
    st.subheader("The settings, back again", anchor=False)
    draw_loading(dataset)
    st.code(address.link(), language=None, wrap_lines=True)
    st.caption(_of_link(dataset))
    if not diverged(result):
        st.subheader("Predict another file", anchor=False)
        _predict_another(result, dataset, source)


def _of_link(dataset: Dataset) -> str:
    if dataset.elsewhere is not None:
        return LINK_TO_HOUSE
    return LINK_TO_SAMPLE if dataset.origin else LINK_WITHOUT_FILE


def _draw_model(source: Source) -> None:
    """Offer one of the three as a text that runs elsewhere, from the table on."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Model",
            PENALTIES,
            index=1,
            format_func=TITLES.__getitem__,
            key="model to take",
        )
        made = source.result.fitted(name, source.origin)
        form = st.selectbox(
            "As",
            [f for f in FORMATS if f.has(made)],
            format_func=attrgetter("title"),
            key="format to take",
        )
    try:
        text = form.render(made)
    except DesignError as error:
        st.info(literal(error))
        return
    with st.container(horizontal=True):
        download(
            "Take this model",
            # Held ready it would be gone as soon as λ moves, while a browser asks.
            partial(str, text),
            f"{source.stem} {form.file_name(made)}",
            form.media_type,
        )
        if form.cleaned and not source.elsewhere:
            download(
                "The table that it reads",
                partial(_cleaned, made, source),
                f"{source.stem} cleaned.csv",
                "text/csv",
                note="Every cell as it was read, gaps left empty: for programs; a "
                "spreadsheet might run a cell that begins with =.",
            )
    if len(text) < SHOWN_TEXT:
        # A code that scrolls by itself cannot be scrolled with a keyboard.
        with st.container(height=300, border=False):
            st.code(text, language=None, wrap_lines=True)


def _cleaned(model: FittedModel, source: Source) -> bytes:
    return model.cleaned(source.table).to_csv(index=False).encode()


def _made(file: File, source: Source, answers: Mapping[str, Answer]) -> bytes:
    """Make a file when it is asked for, with the questions that are open then."""
    return file.make(_with(source, answers))


def _bundled(source: Source, answers: Mapping[str, Answer]) -> bytes:
    return bundle(_with(source, answers))


def _with(source: Source, answers: Mapping[str, Answer]) -> Source:
    asked = [answers[one.key] for one in QUESTIONS if one.key in answers]
    return replace(source, answers=tuple(asked))


def _source(result: Comparison, dataset: Dataset) -> Source:
    """All that was computed of what the page shows."""
    settings = result.settings
    resampled = known(RESAMPLED, (dataset.digest, RESAMPLED.decided_by(settings)))
    return replace(
        about(result, dataset),
        path=known(PATHS, (dataset.digest, PATHS.decided_by(settings))),
        stability=None if resampled is None else resampled.halves,
        opened=done(OPENED, dataset, result) is not None,
    )


def _predict_another(result: Comparison, dataset: Dataset, source: Source) -> None:
    upload = st.file_uploader(
        "Another file with the same columns",
        key=f"another for {dataset.digest[:16]}",
        help="Read as the first was. The target need not be there; where it is, the "
        "scores are said.",
    )
    if upload is None:
        return
    try:
        # Once for a file: every step of λ predicts it anew.
        intake = computed(
            "another table",
            (upload.file_id, dataset.digest),
            partial(_read_alike, upload, dataset),
            Heartbeat(st.empty(), "Reading the other file"),
            most=1,
        )
        if intake is None:
            st.button("Read the other file", on_click=resume)
            return
        scored = score_table(result, intake.table)
    except (IntakeError, DesignError) as error:
        st.error(literal(f"{upload.name}: {error}"))
        return
    for note in (*intake.notes, *scored.notes):
        st.caption(literal(note))
    if scored.measured:
        st.markdown(literal(_scores_in_words(result, scored)))
    st.dataframe(scored.table.head(SHOWN), hide_index=True)
    download(
        f"Predictions of {counted(len(scored.table), 'row')}",
        partial(to_csv, scored.table),
        f"{source.stem} predictions of another file.csv",
        "text/csv",
    )


def _read_alike(
    upload: UploadedFile, dataset: Dataset, tell: Callable[[float], None]
) -> Intake:
    """Read with the same separator, decimals and words; lines may be elsewhere."""
    reading = replace(
        dataset.reading,
        encoding=None,
        header_row=None,
        header_rows=None,
        first_row=None,
        last_row=None,
        sheet=None,
    )
    return read_within(upload.getvalue(), reading, tell)


def _scores_in_words(result: Comparison, scored: Scored) -> str:
    shown = scores_shown(
        result, [one.metric for one in scored.measured], scored.measured
    )
    lines = [
        f"{TITLES[name]}: "
        + ", ".join(f"{score.name} {score.values[i]}" for score in shown)
        for i, name in enumerate(PENALTIES)
    ]
    rows = counted(scored.rows, "row")
    return f"On the {rows} whose target is there. " + "; ".join(lines) + "."
