"""A visitor of a page's server without a browser.

A part that lies in none that holds others is a fault: a browser's page is white then.
"""

import http.client
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from tests.conftest import ROOT, free_port, wait_for

FRAME = 1 << 28
"""Bytes of the longest message."""

MOMENT = 0.3
"""Seconds after which a run that was asked for has begun."""

ANSWER = 30
"""Seconds that an answer may take."""

VALUES = {
    "selectbox": ("string_value", "raw_value"),
    "multiselect": ("string_array_value", "raw_values"),
    "button_group": ("string_array_value", "raw_values"),
    "checkbox": ("bool_value", "value"),
    "text_input": ("string_value", "value"),
    "text_area": ("string_value", "value"),
    "number_input": ("double_value", "value"),
}
"""Of each kind of control: how a browser tells its value, and where it is set."""


class Part(NamedTuple):
    """What stands at one place of the page."""

    kind: str
    proto: Message
    fragment: str
    run: int


class Server:
    """A page's server, its memory and what it wrote."""

    def __init__(self, process: subprocess.Popen, port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log

    def memory(self, field: str = "VmRSS") -> float:
        """Megabytes in use now, or at the highest (VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1e3

    def forget_peak(self) -> None:
        """Let the highest memory be counted from now on."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def seconds(self) -> float:
        """CPU that it has taken."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        return sum(map(int, stat.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def open_files(self) -> int:
        """How many files and connections it holds."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


@contextmanager
def serving(
    script: Path,
    log: Path,
    *before: str,
    life: int = 120,
    python: str = sys.executable,
    **environment: str,
) -> Iterator[Server]:
    """Serve a script on a free port; `before` is a command that starts commands."""
    port = free_port()
    options = {
        "headless": "true",
        "address": "127.0.0.1",
        "port": port,
        "fileWatcherType": "none",
        "disconnectedSessionTTL": life,
    }
    command = [*before, python, "-m", "streamlit", "run", str(script)]
    with log.open("w") as said:
        process = subprocess.Popen(
            command + [f"--server.{name}={value}" for name, value in options.items()],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield Server(process, port, log)
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass
class Visitor:
    """One session. What is true of the page now is in `parts`, `query` and `faults`."""

    port: int
    query: str = ""
    last: str = ""
    parts: dict[tuple[int, ...], Part] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states: dict[str, WidgetState] = {}
        self.session, self.run = "", 0
        self.running = self.hurried = False
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        door.request("GET", "/_stcore/health")
        answer = door.getresponse()
        answer.read()
        door.close()
        cookie = re.search(r"_streamlit_xsrf=([^;]+)", answer.getheader("set-cookie"))
        self.token = cookie[1] if cookie else ""
        protocols = [
            "streamlit",
            self.token or "none",
            *([self.last] * bool(self.last)),
        ]
        self._door = ExitStack()
        self.socket: ClientConnection = self._door.enter_context(
            connect(
                f"ws://127.0.0.1:{self.port}/_stcore/stream",
                subprotocols=protocols,
                additional_headers={"Cookie": f"_streamlit_xsrf={self.token}"},
                origin=f"http://127.0.0.1:{self.port}",
                max_size=FRAME,
                open_timeout=120,
                ping_interval=None,
                compression=None,
            )
        )
        self.ask()

    def ask(self, trigger: WidgetState | None = None, fragment: str = "") -> None:
        """Have the script run, or a part of it, with what is set."""
        message = BackMsg()
        script = message.rerun_script
        script.query_string, script.fragment_id = self.query, fragment
        for state in [*self.states.values(), *([trigger] if trigger else [])]:
            script.widget_states.widgets.add().CopyFrom(state)
        self.running, self.hurried = True, self.hurried or self.running
        self.socket.send(message.SerializeToString())

    def settle(self, patience: float = 300) -> bool:
        """Listen until nothing runs any more, or until patience is at an end."""
        until = time.monotonic() + patience
        while self.running or self.hurried:
            # What was asked for during a run may begin after its end.
            wait = until - time.monotonic() if self.running else MOMENT
            try:
                self._hear(self.socket.recv(timeout=max(wait, 0.0)))
            except TimeoutError:
                if self.running:
                    return False
                self.hurried = False
        return True

    def _hear(self, raw: bytes) -> None:
        self.seen.append(raw)
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
            self.run, self.running = self.run + 1, True
        elif kind == "delta":
            self._draw([*message.metadata.delta_path], message.delta)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "session_event":
            self.faults += [message.session_event.script_compilation_exception.message]
        elif kind == "script_finished":
            self.running = message.script_finished == message.FINISHED_EARLY_FOR_RERUN
            if message.script_finished == message.FINISHED_SUCCESSFULLY:
                self.parts = {p: o for p, o in self.parts.items() if o.run == self.run}
                known = {getattr(part.proto, "id", "") for part in self.parts.values()}
                self.states = {i: s for i, s in self.states.items() if i in known}

    def _draw(self, path: list[int], delta: Message) -> None:
        place, above = (*path,), (*path[:-1],)
        if len(path) > 2 and self.parts.get(above, _NOWHERE).kind not in BLOCKS:
            what = self.parts[above].kind if above in self.parts else "nothing"
            self.faults.append(f"white page: {place} lies in {what}")
        if delta.WhichOneof("type") == "add_block":
            kind = delta.add_block.WhichOneof("type") or "block"
            named = kind if kind == "expandable" else "block"
            proto = getattr(delta.add_block, kind) if kind != "block" else delta
            self.parts[place] = Part(named, proto, delta.fragment_id, self.run)
            return
        if delta.WhichOneof("type") == "new_element":
            element = delta.new_element
            kind = element.WhichOneof("type")
            for other in [p for p in self.parts if p[: len(place)] == place]:
                del self.parts[other]
            proto = getattr(element, kind)
            self.parts[place] = Part(kind, proto, delta.fragment_id, self.run)
            if kind == "exception":
                self.faults.append(f"{proto.type}: {proto.message}")
            if getattr(proto, "set_value", False):
                self._take_value(kind, proto)

    def _take_value(self, kind: str, proto: Message) -> None:
        if kind == "slider":
            words = proto.type == proto.SELECT_SLIDER
            self.set(proto.id, [*(proto.raw_value if words else proto.value)])
        elif kind in VALUES:
            _, where = VALUES[kind]
            value = getattr(proto, where)
            empty = kind in ("selectbox", "number_input") and not proto.HasField(where)
            self.set(proto.id, None if empty else value, kind)

    def set(self, name: str, value: object, kind: str = "") -> None:
        """Set a control to a value, as a browser tells it."""
        state = WidgetState(id=name)
        where = VALUES.get(kind, ("",))[0]
        if kind == "expandable":
            state.bool_value = value
        elif where.endswith("array_value") or isinstance(value, list):
            words = all(isinstance(one, str) for one in value)
            array = state.string_array_value if words else state.double_array_value
            array.data.extend(value)
        elif value is not None:
            setattr(state, where, value)
        self.states[name] = state

    def touch(self, part: Part, value: object) -> None:
        """Set a control and have the page react."""
        self.set(part.proto.id, value, part.kind)
        self.ask(fragment=part.fragment)

    def press(self, part: Part) -> None:
        """Press a button."""
        trigger = WidgetState(id=part.proto.id, trigger_value=True)
        self.ask(trigger, part.fragment)

    def upload(self, raw: bytes, name: str, *, told: bool = True) -> int:
        """Send a file to the page's uploader, and tell of it; return the status."""
        asked = BackMsg()
        asked.file_urls_request.request_id = uuid.uuid4().hex
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.session
        self.socket.send(asked.SerializeToString())
        while True:
            try:
                heard = self.socket.recv(timeout=ANSWER)
            except TimeoutError:
                # Streamlit drops the answer where a run begins in the same moment.
                self.socket.send(asked.SerializeToString())
                heard = self.socket.recv(timeout=ANSWER)
            answer = ForwardMsg.FromString(heard)
            if answer.WhichOneof("type") == "file_urls_response":
                break
            self._hear(heard)
        (urls,) = answer.file_urls_response.file_urls
        state = WidgetState(id=self.one("file_uploader").proto.id)
        if told:
            self._take_back(self.states.get(state.id))
        form, kind = _form(raw, name)
        status = self._request("PUT", urls.upload_url, form, kind)
        if not told:
            return status
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(raw), urls.file_id
        info.file_urls.CopyFrom(urls)
        self.states[state.id] = state
        self.ask()
        return status

    def _take_back(self, state: WidgetState | None) -> None:
        """Delete the file before, as the uploader does in a browser."""
        if state is not None:
            for info in state.file_uploader_state_value.uploaded_file_info:
                self._request("DELETE", info.file_urls.delete_url)

    def _request(
        self, method: str, url: str, body: bytes = b"", kind: str = "text/plain"
    ) -> int:
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        token = {"Cookie": f"_streamlit_xsrf={self.token}", "X-Xsrftoken": self.token}
        try:
            url = f"/{url.lstrip('/')}"
            door.request(method, url, body, {"Content-Type": kind, **token})
            answer = door.getresponse()
            answer.read()
            return answer.status
        finally:
            door.close()

    def remove(self) -> None:
        """Take the file away."""
        name = self.one("file_uploader").proto.id
        self._take_back(self.states.get(name))
        state = WidgetState(id=name)
        state.file_uploader_state_value.SetInParent()
        self.states[name] = state
        self.ask()

    def all(self, *kinds: str) -> list[Part]:
        """Everything of some kinds, from top to bottom, the main part first."""
        return [part for _, part in sorted(self.parts.items()) if part.kind in kinds]

    def one(self, kind: str, label: str = "") -> Part:
        """Return the first of a kind whose label starts so, the side bar first."""
        found = [part for _, part in sorted(self.parts.items(), key=lambda p: -p[0][0])]
        return next(
            part
            for part in found
            if part.kind == kind and getattr(part.proto, "label", "").startswith(label)
        )

    def said(self) -> list[str]:
        """Sentences in coloured boxes."""
        return [part.proto.body for part in self.all("alert")]

    def close(self) -> None:
        """Leave."""
        self._door.close()


BLOCKS = ("block", "expandable")
_NOWHERE = Part("nothing", BackMsg(), "", 0)


def _form(raw: bytes, name: str) -> tuple[bytes, str]:
    """Return a form with this file, and its kind."""
    mark = uuid.uuid4().hex
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    body = f"--{mark}\r\n{head}\r\n\r\n".encode() + raw + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"
