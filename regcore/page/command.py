"""The command of the installed package: opens the page."""

import sys
from pathlib import Path

from streamlit.web.cli import main as streamlit

CORE = Path(__file__).parents[1]

SCRIPTS = CORE / "served" / "app.py", CORE.parent / "app.py"
"""Where the page's script lies: in a wheel, in a checkout."""


def main() -> None:
    """Serve the page; what follows the command goes to ``streamlit run``."""
    script = next(script for script in SCRIPTS if script.exists())
    sys.argv = ["streamlit", "run", str(script), *sys.argv[1:]]
    streamlit()
