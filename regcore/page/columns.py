"""What each column is, what it is used for and what became of it, in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from regcore.design import Design
from regcore.design.ledger import ledger_table
from regcore.design.roles import ColumnRole, assign_roles, roles_table
from regcore.export import to_csv
from regcore.files.source import file_stem
from regcore.page.address import Written, kept
from regcore.page.dataset import Dataset
from regcore.page.leaving import download
from regcore.page.remarks import remark
from regcore.page.text import literal
from regcore.settings import ColumnType, Settings, Totals
from regcore.words import named

ROLES = ["feature", "target", "left out"]

LEDGER = ["filled", "filled with", "merged levels", "design columns", "what was done"]
"""Parts of the ledger that stand beside the roles."""


def key_of(dataset: Dataset, what: str) -> str:
    """Key of a control that each table has for itself."""
    return f"{what} of {dataset.digest[:16]}"


def target_key(dataset: Dataset) -> str:
    """Key of the control of the target."""
    return key_of(dataset, "target")


def features_key(dataset: Dataset, target: str) -> str:
    """Key of the control of the features."""
    place = list(dataset.table.columns).index(target)
    return key_of(dataset, f"features for {place}")


def task_key(dataset: Dataset, target: str) -> str:
    """Key of the control of the task."""
    return f"task with {features_key(dataset, target)}"


def chosen_types(dataset: Dataset) -> tuple[tuple[str, ColumnType], ...]:
    """Return the types that the user has given to columns, as pairs."""
    chosen = st.session_state.get(_types_key(dataset), {})
    return tuple((name, ColumnType(kind)) for name, kind in chosen.items())


def keep_types(dataset: Dataset) -> None:
    """Let the address hold the types that were given to columns of a sample."""
    columns = list(dataset.table.columns)

    def write(types: Mapping[str, ColumnType]) -> str:
        return ".".join(f"{columns.index(name)}-{kind}" for name, kind in types.items())

    def read(text: str) -> dict[str, ColumnType]:
        pairs = [pair.split("-") for pair in text.split(".")]
        by_place = {str(at): name for at, name in enumerate(columns)}
        return {by_place[at]: ColumnType(kind) for at, kind in pairs}

    kept(_types_key(dataset), "types", Written(write, read), {})


def _names_of(columns: Sequence[str]) -> Written[Sequence[str]]:
    """Names of features, each of which begins with that of its column."""

    def read(text: str) -> list[str]:
        names = text.split("\n")
        if all(name.startswith(tuple(columns)) for name in names):
            return names
        raise ValueError(text)

    return Written("\n".join, read)


def choose_totals(dataset: Dataset) -> Totals:
    """Draw whether totals are left out, if there are any below the data."""
    if not dataset.sheet.totals:
        return Totals.LEAVE_OUT
    rows = ", ".join(str(at + 1) for at in dataset.sheet.totals)
    out = st.toggle(
        Totals.LEAVE_OUT.words,
        value=True,
        key=key_of(dataset, "totals"),
        persist_state="page",
        help=f"Row {rows} of the data looks like a sum of the others; trained on, it "
        "would outweigh them all.",
    )
    return Totals.LEAVE_OUT if out else Totals.KEEP


def choose_without(dataset: Dataset, target: str) -> tuple[str, ...]:
    """Draw the features that were left out, to take them back, if there were any."""
    key = _without_key(dataset, target)
    state = st.session_state
    if dataset.origin:
        kept(key, "without", _names_of(list(dataset.table.columns)), [])
        leave_out(dataset, target, state.get(key, ()))
    ever = state.get(f"ever {key}", ())
    if not ever:
        return ()
    return tuple(
        st.multiselect(
            "Features left out",
            ever,
            key=key,
            persist_state="page",
            placeholder="None any more",
            help="Levels, marks of gaps and numbers that the models do without. Take "
            "one away here to use it again.",
        )
    )


def leave_out(dataset: Dataset, target: str, names: Sequence[str]) -> None:
    """Leave features out, from the next run on."""
    now = st.session_state.get(_without_key(dataset, target), ())
    set_without(dataset, target, [*now, *names])


def set_without(dataset: Dataset, target: str, names: Sequence[str]) -> None:
    """Leave just these features out, from the next run on."""
    key, state = _without_key(dataset, target), st.session_state
    state[key] = [*dict.fromkeys(names)]
    state[f"ever {key}"] = [*dict.fromkeys([*state.get(f"ever {key}", ()), *names])]


def offer_types(dataset: Dataset, most: int) -> int:
    """Draw what looks like numbers or dates, with a button each; count them."""
    chosen = dict(chosen_types(dataset))
    found = [
        (name, guess.looks)
        for name, guess in dataset.sheet.types.items()
        if guess.looks is not None and name not in chosen
    ]
    for name, looks in found[:most]:
        place = list(dataset.table.columns).index(name)
        remark(looks.in_words(name)).button(
            literal(f"Read {named(name)} as {looks.what}"),
            key=f"read {place} of {dataset.digest[:16]}",
            type="tertiary",
            on_click=_set_type,
            args=(dataset, name, looks.type),
        )
    return len(found[:most])


def draw_columns(dataset: Dataset, settings: Settings, design: Design | None) -> None:
    """Draw the table of the columns; a type or a role that is changed acts at once."""
    roles = assign_roles(dataset.sheet, settings)
    table = roles_table(dataset.table, roles)
    if design is not None:
        ledger = ledger_table(design.ledger).set_index("column")
        table = table.join(ledger[LEDGER], on="column")
    key = f"columns of {dataset.digest[:16]}, {_version(dataset)}"
    st.data_editor(
        table,
        key=key,
        hide_index=True,
        disabled=[name for name in table.columns if name not in ("type", "role")],
        column_config={
            "type": st.column_config.SelectboxColumn(
                "type", options=[str(kind) for kind in ColumnType], required=True
            ),
            "role": st.column_config.SelectboxColumn(
                "role", options=ROLES, required=True
            ),
        },
        on_change=_apply,
        args=(dataset, settings, roles, key),
    )
    st.caption(
        "Change a type or a role in the table. Ids, free text and constants are left "
        "out unless they are made features. Every figure is from training rows only."
    )
    if design is not None:
        stem = file_stem(dataset.title, dataset.source, design.target)
        download(
            "Download this table as CSV",
            lambda: to_csv(ledger_table(design.ledger)),
            f"{stem} columns.csv",
            "text/csv",
            key="download columns",
        )


def _apply(
    dataset: Dataset, settings: Settings, roles: Sequence[ColumnRole], key: str
) -> None:
    """Turn what was edited into the state of the controls, and draw a fresh table."""
    for row, changes in st.session_state[key]["edited_rows"].items():
        role = roles[int(row)]
        if "type" in changes:
            _set_type(dataset, role.column, changes["type"])
        if "role" in changes:
            _set_role(dataset, settings, roles, role.column, changes["role"])
    st.session_state[_version_key(dataset)] = _version(dataset) + 1


def _set_type(dataset: Dataset, column: str, kind: str) -> None:
    types = dict(chosen_types(dataset))
    types.pop(column, None)
    if kind != dataset.sheet.types[column].type:
        types[column] = ColumnType(kind)
    set_types(dataset, types)


def set_types(dataset: Dataset, types: Mapping[str, ColumnType]) -> None:
    """Give these columns a type, and the others what is guessed of them."""
    st.session_state[_types_key(dataset)] = dict(types)
    st.session_state[_version_key(dataset)] = _version(dataset) + 1


def _set_role(
    dataset: Dataset,
    settings: Settings,
    roles: Sequence[ColumnRole],
    column: str,
    role: str,
) -> None:
    if role == "target":
        st.session_state[target_key(dataset)] = column
        return
    _use(dataset, settings, roles, (column,), used=role == "feature")


def use(
    dataset: Dataset, settings: Settings, columns: Sequence[str], *, used: bool
) -> None:
    """Make columns features, or leave them out, from the next run on."""
    roles = assign_roles(dataset.sheet, settings)
    _use(dataset, settings, roles, columns, used=used)
    st.session_state[_version_key(dataset)] = _version(dataset) + 1


def _use(
    dataset: Dataset,
    settings: Settings,
    roles: Sequence[ColumnRole],
    columns: Sequence[str],
    *,
    used: bool,
) -> None:
    now = [known.column for known in roles if known.role == "feature"]
    chosen = [name for name in now if name not in columns]
    if used:
        chosen += [name for name in columns if name != settings.target]
    proposed = assign_roles(dataset.sheet, replace(settings, features=None))
    as_proposed = set(chosen) == {c.column for c in proposed if c.role == "feature"}
    key = features_key(dataset, settings.target)
    st.session_state[key] = [] if as_proposed else chosen


def _without_key(dataset: Dataset, target: str) -> str:
    return f"without {features_key(dataset, target)}"


def _types_key(dataset: Dataset) -> str:
    return key_of(dataset, "types")


def _version_key(dataset: Dataset) -> str:
    return key_of(dataset, "edits")


def _version(dataset: Dataset) -> int:
    version: int = st.session_state.get(_version_key(dataset), 0)
    return version
