"""A visit to the page without a browser: what it says, draws and is told."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parent.parent / "app.py"

MARKUP = r"[!-/:-@\[-`{-~]"
"""What Markdown could take as markup."""


def csv_of(table: pd.DataFrame) -> bytes:
    """Write a table as a CSV file."""
    return table.to_csv(index=False).encode()


SOURCE = (
    "sample",
    *("encoding", "delimiter", "decimal", "header_row", "first_row", "last_row"),
    "missing of",
)
"""Controls that say which table it is, and how its file is read."""


class Visit:
    """One session of the page; every change acts at once, as on the page."""

    def __init__(self, **address: str) -> None:
        self.at = AppTest.from_file(str(APP), default_timeout=60)
        for name, text in address.items():
            self.at.query_params[name] = text
        self.at.run()

    @property
    def address(self) -> dict[str, str]:
        """What the address of the page says, as a browser shows it."""
        texts = dict(self.at.query_params)
        return {
            name: text if isinstance(text, str) else text[-1]
            for name, text in texts.items()
        }

    def upload(self, raw: bytes, name: str = "own.csv") -> "Visit":
        """Upload a file, in place of the one before."""
        self.at.file_uploader(key="upload").set_value((name, raw, "text/csv")).run()
        return self

    def remove(self) -> "Visit":
        """Take the uploaded file away."""
        self.at.file_uploader(key="upload").clear().run()
        return self

    def set(self, key: str, value: object) -> "Visit":
        """Set the control whose key starts so."""
        self.control(key).set_value(value).run()
        return self

    def take(self, sample: object) -> "Visit":
        """Choose a sample."""
        return self.set("sample", sample)

    def control(self, key: str):
        """Return the control with this key, or the one whose key starts so."""
        controls = {control.key: control for control in self.controls()}
        (found,) = (
            [key]
            if key in controls
            else [one for one in controls if one.startswith(key)]
        )
        return controls[found]

    def controls(self) -> Iterator:
        """Every control that holds a value."""
        for kind in (
            "selectbox",
            "multiselect",
            "select_slider",
            "number_input",
            "slider",
            "toggle",
            "segmented_control",
        ):
            yield from getattr(self.at, kind)

    def values(self) -> dict[str, object]:
        """Everything that is set, by key, but for which table it is."""
        return {
            control.key: control.value
            for control in self.controls()
            if not control.key.startswith(SOURCE)
        }

    @property
    def comparison(self):
        """The comparison that is shown."""
        return self.at.session_state["shown"][1]

    @property
    def nonzero(self) -> list[str]:
        """Sparsity of the three, as shown."""
        return [metric.value for metric in self.at.metric]

    @property
    def described(self) -> str:
        """The line on what was read, as a reader sees it."""
        return plain(self.at.main.expander[0].label)

    @property
    def words(self) -> str:
        """The sentences under the cards, as a reader sees them."""
        (words,) = [
            text.value
            for text in self.at.main.markdown
            if text.value.startswith("**In words.**")
        ]
        return plain(words)

    @property
    def notes(self) -> str:
        """What was read, filled and left out, as a reader sees it."""
        return plain(self.at.main.expander[0].markdown[0].value)

    @property
    def refusals(self) -> list[str]:
        """Sentences in red, as a reader sees them."""
        return [plain(error.value) for error in self.at.error]

    @property
    def told(self) -> list[str]:
        """Sentences that stay beside the page."""
        return [plain(toast.value) for toast in self.at.toast]

    @property
    def notices(self) -> str:
        """Sentences in blue."""
        return " ".join(plain(notice.value) for notice in self.at.info)

    @property
    def heads(self) -> list[str]:
        """What stands under the number of each of the three."""
        return [
            plain(text.value)
            for text in self.at.main.markdown
            if text.value.startswith(":small[")
        ]

    @property
    def captions(self) -> list[str]:
        """All small print, as a reader sees it."""
        return [plain(caption.value) for caption in self.at.caption]

    @property
    def small_print(self) -> str:
        """All captions in one."""
        return " ".join(self.captions)

    def sources(self) -> list[str]:
        """All text of the page as it is sent: Markdown."""
        texts = (*self.at.caption, *self.at.markdown, *self.at.error, *self.at.info)
        return [text.value for text in texts] + [one.label for one in self.at.expander]

    def charts(self, what: str) -> list[pd.DataFrame]:
        """Rows of the picture whose description starts so, apart for each penalty."""
        (rows,) = [
            next(rows for rows in map(_rows, chart.proto.datasets) if "penalty" in rows)
            for chart in self.at.get("vega_lite_chart")
            if chart.proto.alt.startswith(what)
        ]
        return [part for _, part in rows.groupby("penalty", sort=False)]

    def usable(self) -> bool:
        """Whether there was no traceback, and three heads with their two pictures."""
        if self.at.exception or len(self.at.metric) != 3:
            return False
        return len(self.charts("Weights of")) == len(self.charts("Loss over")) == 3


def plain(markdown: str) -> str:
    """Undo the escapes, the joiners and the bold of the page's own text."""
    return re.sub(rf"\\({MARKUP})|\*\*|\u2060", r"\1", markdown)


def _rows(dataset: object) -> pd.DataFrame:
    return pa.ipc.open_stream(dataset.data.data).read_pandas()
