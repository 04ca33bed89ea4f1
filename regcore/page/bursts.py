"""What is drawn goes to the browser in bursts, what is looked at before the side bar.

A browser works through the whole page at whatever arrives, at one control as
long as at forty: what comes bit by bit costs it several times what comes at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.runtime.scriptrunner import get_script_run_ctx

LONGEST = 0.1
"""Seconds after which a burst goes, whatever is missing."""


class _Burst:
    """Messages that wait for each other, in the place of what sends them."""

    def __init__(self, send: Callable[[ForwardMsg], None]) -> None:
        self._send, self._since = send, 0.0
        self._held: list[ForwardMsg] = []

    def __call__(self, message: ForwardMsg) -> None:
        if not message.metadata.delta_path:
            # Nothing that is drawn.
            self._send(message)
            return
        if not self._held:
            self._since = monotonic()
        self._held.append(message)
        self.go(late=True)

    def go(self, *, late: bool = False) -> None:
        """Send what waits; if late, only where it has waited for long."""
        if late and monotonic() - self._since < LONGEST:
            return
        held, self._held = self._held, []
        for message in sorted(held, key=_beside):
            self._send(message)


def _beside(message: ForwardMsg) -> bool:
    at: int = message.metadata.delta_path[0]
    return at == RootContainer.SIDEBAR


@contextmanager
def in_bursts() -> Iterator[None]:
    """Draw within in bursts; what ends the run drops what waits, as another follows."""
    context = get_script_run_ctx(suppress_warning=True)
    # Streamlit does not offer it. Of another version each message would go by itself.
    send = getattr(context, "_enqueue", None)
    if context is None or send is None:
        yield
        return
    burst = _Burst(send)
    context._enqueue = burst
    try:
        yield
    except Exception:
        burst.go()
        raise
    finally:
        context._enqueue = send
    burst.go()


def send_on(*, late: bool = False) -> None:
    """Let go what waits: all of it, or what has waited for long."""
    burst = getattr(get_script_run_ctx(suppress_warning=True), "_enqueue", None)
    if isinstance(burst, _Burst):
        burst.go(late=late)
