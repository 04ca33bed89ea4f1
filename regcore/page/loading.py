"""Settings that were saved: from a file into the controls that show them."""

from collections.abc import Callable

import streamlit as st

from regcore.files.saved import Saved, settings_from_json
from regcore.intake import IntakeError, Reading
from regcore.page import address
from regcore.page.columns import (
    features_key,
    key_of,
    set_types,
    set_without,
    target_key,
    task_key,
)
from regcore.page.computing import resume
from regcore.page.controls import SHARES
from regcore.page.dataset import Dataset, read_as
from regcore.page.dates import (
    centuries_near,
    century_key,
    guessed_centuries,
    guessed_first,
    orders_near,
)
from regcore.page.reading import chosen_reading, take_reading
from regcore.page.shares import hold_lams
from regcore.page.text import literal
from regcore.settings import AUTO, DesignError, First, Settings, Split, Totals
from regcore.words import listed, named

Show = Callable[[Dataset, Settings], bool]

SAVED, SAID = "settings to show", "what was loaded"
"""Where settings wait for the next run, and what is then said of them."""

BEFORE = "reading before"
"""How the file was read before the settings came, if it is read anew for them."""


def draw_loading(dataset: Dataset) -> None:
    """Draw where a file of settings is chosen, and what came of the last one."""
    key = f"settings for {dataset.source[:16]}"
    st.file_uploader(
        "Settings saved earlier",
        type="json",
        key=key,
        on_change=_choose,
        args=(dataset, key),
        help="With the same file they give the same numbers to the last bit; with "
        "another, what fits is set.",
    )
    if SAVED in st.session_state:
        # The controls are outside of this section.
        st.rerun()
    source, said, well = st.session_state.get(SAID, ("", "", True))
    if source == dataset.source:
        (st.caption if well else st.error)(literal(said))


def _choose(dataset: Dataset, key: str) -> None:
    state = st.session_state
    state.pop(SAID, None)
    if state[key] is None:
        return
    try:
        saved = settings_from_json(state[key].getvalue())
        if saved.fingerprint == dataset.source and saved.reading != dataset.reading:
            before = chosen_reading(dataset.source)
            read_as(dataset, saved.reading)
            state[BEFORE] = before
    except (DesignError, IntakeError) as error:
        state[SAID] = dataset.source, str(error), False
    else:
        state[SAVED] = saved


def show_saved(dataset: Dataset | None, refusal: str) -> None:
    """Set the controls to what was loaded, before they are drawn.

    Parameters
    ----------
    refusal : why the file could not be read as it was saved, if it could not
    """
    saved: Saved | None = st.session_state.pop(SAVED, None)
    before: Reading | None = st.session_state.pop(BEFORE, None)
    if saved is None or dataset is None:
        return
    if refusal and before is not None:
        # It is read as before then, and nothing of the settings is taken.
        take_reading(saved.fingerprint, before)
        st.session_state[SAID] = saved.fingerprint, refusal, False
        resume()
    left = [name for name, show in SHOWN.items() if not show(dataset, saved.settings)]
    other = saved.misfits(dataset.title, dataset.source, dataset.table.columns)
    said = other or "The settings are loaded, and this is the file that they are of."
    if left:
        said += (
            f" The page cannot show {listed([named(name) for name in left])} as saved; "
            "what you see there is its own."
        )
    st.session_state[SAID] = dataset.source, said, not left


def _control(name: str, value: Callable[[Settings], object]) -> Show:
    """Set the control of this name in the address, if it can be set so."""
    return lambda _, settings: address.put(name, value(settings))


def _percent(share: float) -> float:
    return next((percent for percent in SHARES if percent / 100 == share), share)


def _target(dataset: Dataset, settings: Settings) -> bool:
    there = settings.target in dataset.table
    if there:
        st.session_state[target_key(dataset)] = settings.target
    return there


def _task(dataset: Dataset, settings: Settings) -> bool:
    target, task = settings.target, settings.task
    if target not in dataset.table:
        return task == AUTO
    task = dataset.sheet.task(target)[0] if task == AUTO else task
    st.session_state[task_key(dataset, target)] = task
    return True


def _features(dataset: Dataset, settings: Settings) -> bool:
    if settings.target not in dataset.table:
        return settings.features is None
    asked = settings.features or ()
    others = [name for name in dataset.table if name != settings.target]
    there = [name for name in asked if name in others]
    st.session_state[features_key(dataset, settings.target)] = there
    return len(there) == len(asked)


def _types(dataset: Dataset, settings: Settings) -> bool:
    types = {name: kind for name, kind in settings.types if name in dataset.table}
    set_types(dataset, types)
    return len(types) == len(settings.types)


def _without(dataset: Dataset, settings: Settings) -> bool:
    if settings.target not in dataset.table:
        return not settings.without
    columns = tuple(dataset.table.columns)
    there = [name for name in settings.without if name.startswith(columns)]
    set_without(dataset, settings.target, there)
    return len(there) == len(settings.without)


def _date_order(dataset: Dataset, settings: Settings) -> bool:
    guessed, asked = guessed_first(dataset), settings.date_order
    if guessed is First.AUTO:
        return True
    first = guessed if asked is First.AUTO else asked
    there = first in orders_near(guessed)
    if there:
        st.session_state[key_of(dataset, "date order")] = first
    return there


def _centuries(dataset: Dataset, settings: Settings) -> bool:
    asked = dict(settings.centuries)
    for name, guessed in guessed_centuries(dataset).items():
        last = asked.get(name, guessed)
        if last in centuries_near(guessed):
            asked.pop(name, None)
            st.session_state[century_key(dataset, name)] = last
    return not asked


def _totals(dataset: Dataset, settings: Settings) -> bool:
    if dataset.sheet.totals:
        leave_out = settings.totals is Totals.LEAVE_OUT
        st.session_state[key_of(dataset, "totals")] = leave_out
    return True


def _group(dataset: Dataset, settings: Settings) -> bool:
    if settings.split is not Split.GROUPS:
        return True
    there = settings.group in dataset.table and settings.group != settings.target
    if there:
        st.session_state[key_of(dataset, "group")] = settings.group
    return there


def _key(dataset: Dataset, settings: Settings) -> bool:
    if settings.split is not Split.HASH:
        return True
    key = settings.key
    there = key is None or (key in dataset.table and key != settings.target)
    if there:
        st.session_state[key_of(dataset, "key")] = key
    return there


def _lams(dataset: Dataset, settings: Settings) -> bool:
    hold_lams(dataset.digest, settings)
    return True


SHOWN: dict[str, Show] = {
    "target": _target,
    "features": _features,
    "task": _task,
    "validation_share": _control("held-out", lambda s: _percent(s.validation_share)),
    "test_share": _control("locked", lambda s: _percent(s.test_share)),
    "seed": _control("seed", lambda s: s.seed),
    "standardise": _control("standardise", lambda s: s.standardise),
    "missing": _control("missing", lambda s: s.missing),
    "types": _types,
    "without": _without,
    "dates": _control("dates", lambda s: s.dates),
    "date_order": _date_order,
    "centuries": _centuries,
    "totals": _totals,
    "split": _control("split", lambda s: s.split),
    "group": _group,
    "key": _key,
    "repeats": _control("repeats", lambda s: s.repeats),
    "lam": _lams,
    "lam_l2": _lams,
    "l1_step": _control("l1-step", lambda s: s.l1_step),
    "learning_rate": _control("rate", lambda s: s.learning_rate),
    "epochs": _control("epochs", lambda s: s.epochs),
    "seconds": lambda _, settings: settings.seconds is None,
    "batch_size": _control("batch-size", lambda s: s.batch_size),
    "tolerance": lambda _, settings: settings.tolerance == Settings("").tolerance,
}
"""What shows each setting; says whether it can. How a file is read is held whole."""
