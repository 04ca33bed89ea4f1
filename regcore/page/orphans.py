"""Nothing is sent to the browser that lies in what is no longer sent."""

from collections.abc import Callable
from functools import wraps

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

Path = tuple[int, ...]
Clear = Callable[[ForwardMsgQueue, bool, list[str] | None], None]


def send_no_orphans() -> None:
    """Let what is drawn anew take all that lies in it off the queue of messages.

    When a part is drawn by itself, Streamlit drops what still waits of it, but keeps
    what is drawn by itself within: a button without its place. A browser that has no
    place for something shows a white page.
    """
    clear = ForwardMsgQueue.clear
    if not hasattr(clear, "__wrapped__"):
        ForwardMsgQueue.clear = _whole(clear)  # type: ignore[assignment, method-assign]


def _whole(clear: Clear) -> Clear:
    @wraps(clear)
    def cleared(
        queue: ForwardMsgQueue,
        retain_lifecycle_msgs: bool = False,
        fragment_ids_this_run: list[str] | None = None,
    ) -> None:
        before = queue._queue
        clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        left = {id(message) for message in queue._queue}
        gone = {_path(message) for message in before if id(message) not in left}
        queue._queue = [one for one in queue._queue if not _lies_in(_path(one), gone)]

    return cleared


def _path(message: ForwardMsg) -> Path:
    return tuple(message.metadata.delta_path)


def _lies_in(path: Path, gone: set[Path]) -> bool:
    return any(path[:end] in gone for end in range(1, len(path)))
