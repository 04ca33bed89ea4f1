"""Vega without a browser, in a process of its own.

Its engine lets no other thread run, which would hold up all who are on the page for up
to two seconds; and a sign that XML cannot hold ends its process.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PROCESS = Path(__file__).with_name("vega_process.py")

PATIENCE = 120.0
"""Seconds after which a picture is given up."""

NOT_XML = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF],
    "\ufffd",
)
"""Signs that no file in XML can hold, and what stands in their place."""

_bundling = threading.Lock()


def drawn(call: str, **arguments: object) -> bytes:
    """Return what a function of vl-convert makes of what JSON can write, in UTF-8.

    Raises
    ------
    subprocess.SubprocessError
        if it makes nothing of it, or takes too long
    """
    # Without the folder of the script among what is imported.
    command = [sys.executable, "-P", str(PROCESS)]
    told = json.dumps([call, _drawable(arguments)]).encode()
    ran = subprocess.run(
        command, input=told, stdout=subprocess.PIPE, check=True, timeout=PATIENCE
    )
    return ran.stdout


def _drawable(told: object) -> object:
    """Without the signs that cannot be drawn."""
    if isinstance(told, str):
        return told.translate(NOT_XML)
    if isinstance(told, Mapping):
        return {name: _drawable(part) for name, part in told.items()}
    if isinstance(told, list | tuple):
        return [_drawable(part) for part in told]
    return told


def library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; made once, in about two seconds."""
    with _bundling:
        return _library()


@cache
def prepare_library() -> None:
    """Begin to make it; a report that is asked for later need not wait."""
    threading.Thread(target=library, daemon=True).start()


@cache
def _library() -> str:
    snippet = "window.vegaEmbed = vegaEmbed;"
    return drawn("javascript_bundle", snippet=snippet).decode()
