"""The server of the README's line: whom it lets in, and what it asks for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit import net_util

from regcore.page import command
from tests.conftest import ROOT, free_port, knock, wait_for
from tests.driving import settle

WATCH = Path(__file__).parents[1] / "data" / "network"


@contextmanager
def started(tmp_path: Path, **environment: str) -> Iterator[tuple[str, Path]]:
    """Start the README's command for a new user; give its address and a log.

    The user has no settings of Streamlit, nobody at the keyboard and a browser that
    does nothing. The log has one line for everything that is listened on or asked for.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    run = readme.partition("<!-- run -->")[2].partition("```\n")[0]
    streamlit, *command = run.split("&&")[-1].split()
    assert streamlit == ".venv/bin/streamlit"
    log, port = tmp_path / "network", free_port()
    log.touch()
    with (tmp_path / "said").open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", *command],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "PYTHONPATH": str(WATCH),
                "PYTHONDONTWRITEBYTECODE": "1",
                "NETWORK_LOG": str(log),
                "BROWSER": "true",
                "STREAMLIT_SERVER_PORT": str(port),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://{environment.get('STREAMLIT_SERVER_ADDRESS', '127.0.0.1')}"
        wait_for(f"{url}:{port}/_stcore/health")
        yield f"{url}:{port}", log
    finally:
        server.terminate()
        server.wait(timeout=20)


def events(log: Path) -> set[str]:
    """What was listened on and asked for."""
    return set(log.read_text().splitlines())


@pytest.mark.browser
def test_a_new_user_is_asked_nothing_and_nobody_outside_is_let_in_or_asked(
    tmp_path, visitor
):
    with started(tmp_path) as (url, log):
        page = visitor(url)
        settle(page)
        page.close()
        # Whose script knocks here is refused without a question to anybody either.
        assert knock(url, url.removeprefix("http://"), "https://evil.example") == 403
        assert events(log) == {"listens on 127.0.0.1"}
    said = (tmp_path / "said").read_text()
    assert "You can now view your Streamlit app" in said
    assert "mail" not in said


def test_a_server_without_a_screen_asks_nobody_either(tmp_path):
    with started(tmp_path, STREAMLIT_SERVER_HEADLESS="true") as (_, log):
        assert events(log) == {"listens on 127.0.0.1"}


def test_a_shared_server_sets_its_address_by_environment(tmp_path):
    place = {"STREAMLIT_SERVER_ADDRESS": "127.0.0.2", "STREAMLIT_SERVER_HEADLESS": "1"}
    name = "page.example.org"
    with started(tmp_path, STREAMLIT_BROWSER_SERVER_ADDRESS=name, **place) as (_, log):
        assert events(log) == {"listens on 127.0.0.2"}
    assert f"http://{name}:" in (tmp_path / "said").read_text()


def test_the_command_starts_a_server_that_knows_its_addresses_before_anybody_comes(
    monkeypatch,
):
    known = []
    monkeypatch.setattr(net_util, "_external_ip", None)
    monkeypatch.setattr(net_util, "_internal_ip", None)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", pytest.fail)
    monkeypatch.setattr(sys, "argv", ["regularize", "--server.port", "1"])

    def serve():
        known.append((net_util.get_external_ip(), net_util.get_internal_ip()))

    monkeypatch.setattr(command, "streamlit", serve)
    command.main()
    assert known == [("127.0.0.1", "127.0.0.1")]
    assert sys.argv[:2] == ["streamlit", "run"]
    assert sys.argv[3:] == ["--server.port", "1"]
