"""Garbage collection between two runs of the script, without a search of the imports.

Streamlit collects after every run. Libraries keep over a hundred thousand objects alive
that the collector looks through each time, for longer than a redraw takes, and nothing
else can run meanwhile.
"""

import gc
from functools import cache


@cache
def set_imports_aside() -> None:
    """Let the collector pass over what is alive now; to be called before any data.

    It is done once: what is set aside is freed only when nothing refers to it.
    """
    gc.collect()
    gc.freeze()
