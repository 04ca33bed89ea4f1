"""The cross-validated paths, as every section that needs them gets them."""

import streamlit as st

from regcore.compare import Comparison
from regcore.page.dataset import Dataset
from regcore.page.text import literal
from regcore.page.training import obtain_paths, resume
from regcore.questions.path.answer import Paths
from regcore.settings import DesignError


def paths_or_reason(result: Comparison, dataset: Dataset, section: str) -> Paths | None:
    """Return the paths of this problem, or draw why there are none.

    Parameters
    ----------
    section : name of the section, for its button
    """
    try:
        paths = obtain_paths(dataset, result.problem, result.settings, st.empty())
    except DesignError as error:
        st.info(literal(error))
        return None
    if paths is None:
        st.warning("The cross-validation was cancelled.")
        st.button("Cross-validate", key=f"cross-validate {section}", on_click=resume)
    return paths
