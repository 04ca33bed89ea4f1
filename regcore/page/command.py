"""The command of the installed package: opens the page."""

import sys
from pathlib import Path

from streamlit.web.cli import main as streamlit

from regcore.page.outside import look_up_no_address
from regcore.sources import tables_of_the_house

CORE = Path(__file__).parents[1]

SCRIPTS = CORE / "served" / "app.py", CORE.parent / "app.py"
"""Where the page's script lies: in a wheel, in a checkout."""


def main() -> None:
    """Serve the page; what follows the command goes to ``streamlit run``.

    What is wrong with the tables of the house is logged before anybody comes.
    """
    tables_of_the_house()
    script = next(script for script in SCRIPTS if script.exists())
    # The page does so too, but only when somebody has opened it.
    look_up_no_address()
    sys.argv = ["streamlit", "run", str(script), *sys.argv[1:]]
    streamlit()
