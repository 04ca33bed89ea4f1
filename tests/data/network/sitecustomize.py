"""Python reads this first when it starts: note what is listened on and asked for.

One line an event in the file that NETWORK_LOG names; nothing gets out of the machine.
"""

import os
import socket
from pathlib import Path

HERE = (None, "", "localhost", "127.0.0.1", "::1")

look_up = socket.getaddrinfo


def note(event: str) -> None:
    """Write one line to the log."""
    with Path(os.environ["NETWORK_LOG"]).open("a") as log:
        log.write(f"{event}\n")


def noted_look_up(host, *args, **more):
    """Look up what is on this machine, and note everything else."""
    if host not in HERE:
        note(f"looks up {host}")
        raise socket.gaierror("blocked by the test")
    return look_up(host, *args, **more)


class NotedSocket(socket.socket):
    """A socket that says what it listens on and connects to."""

    def listen(self, *args):
        """Note the address that is listened on."""
        note(f"listens on {self.getsockname()[0]}")
        return super().listen(*args)

    def connect(self, address):
        """Connect on this machine only."""
        if isinstance(address, tuple) and address[0] not in HERE:
            note(f"asks {address[0]}")
            raise OSError("blocked by the test")
        return super().connect(address)


socket.getaddrinfo = noted_look_up
socket.socket = NotedSocket
