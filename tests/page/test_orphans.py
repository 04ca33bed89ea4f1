import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from regcore.page.orphans import send_no_orphans


@pytest.fixture(autouse=True)
def _as_on_the_page(monkeypatch):
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)
    send_no_orphans()
    send_no_orphans()


def drawn(fragment, *path):
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.fragment_id = fragment
    message.delta.add_block.allow_empty = True
    return message


def waiting(*messages):
    queue = ForwardMsgQueue()
    for message in messages:
        queue.enqueue(message)
    return queue


def left(queue):
    return [tuple(message.metadata.delta_path) for message in queue.flush()]


def test_a_part_drawn_anew_takes_what_lies_in_it_off_the_queue():
    button = drawn("button", 0, 2, 1, 2)
    queue = waiting(drawn("section", 0, 2, 1), button, drawn("other", 0, 3, 1))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["section"])
    assert left(queue) == [(0, 3, 1)]


def test_what_lies_in_a_part_that_was_sent_already_is_sent():
    queue = waiting(drawn("button", 0, 2, 1, 2), drawn("section", 0, 2, 3))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["section"])
    assert left(queue) == [(0, 2, 1, 2)]


def test_a_whole_run_keeps_the_messages_that_are_not_drawn():
    begun = ForwardMsg()
    begun.new_session.SetInParent()
    queue = waiting(begun, drawn("", 0, 1))
    queue.clear(retain_lifecycle_msgs=True)
    assert left(queue) == [()]
