"""A server of the page and a browser, started once; a fresh visitor for each test."""

import gc
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from regcore.page import collector, controls
from tests.driving import PATIENCE, settle

ROOT = Path(__file__).parent.parent

expect.set_options(timeout=PATIENCE)

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name no test after bytes: an archive holds the time at which it was made."""
    return "bytes" if isinstance(val, bytes) else None


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: half of its time a browser is waited for."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage: there is none, and a third of the time went there."""
    gc.disable()
    try:
        return (yield)
    finally:
        # Nor is what was collected looked through again.
        gc.freeze()
        gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """Hand the files out in the order of the tests, not by how many each has."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, then with those that need a browser.

    A file is of one worker, so that what its tests share is made once.
    """
    later: dict[Path, tuple[bool, ...]] = {}
    for item in items:
        no_browser = "chromium" not in getattr(item, "fixturenames", ())
        at = (item.get_closest_marker("first") is None, no_browser)
        later[item.path] = min(later.get(item.path, at), at)
    items.sort(key=lambda item: (*later[item.path], item.path.parent.name != "page"))


@pytest.fixture(scope="session", autouse=True)
def _packages_are_looked_through_once() -> Iterator[None]:
    """Spare each visit without a browser what took half of it: nothing is installed."""
    with pytest.MonkeyPatch.context() as patch:
        scan = manifest_scanner.scan_component_manifests
        patch.setattr(manifest_scanner, scan.__name__, cache(scan))
        yield


@pytest.fixture(scope="session", autouse=True)
def _who_waits_for_a_page_is_woken_once() -> Iterator[None]:
    """Do not look a thousand times a second whether a visit without a browser ended.

    Nor look through all tests for garbage, as a server does with its imports whenever
    it is quiet: an eighth of the time went there.
    """
    look = local_script_runner.require_widgets_deltas

    def wait(runner: LocalScriptRunner, timeout: float) -> None:
        runner._script_thread.join(timeout)
        # Where it has not ended in time, there is none left to look.
        look(runner, 0 if not runner.script_stopped() else 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, look.__name__, wait)
        # One for all visits, in which the page is compiled once.
        patch.setattr(local_script_runner, "ScriptCache", cache(ScriptCache))
        patch.setattr(collector, "set_imports_aside", lambda: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def usual_seconds() -> Iterator[float]:
    """How long a page may train by itself; without a browser it ends sooner here.

    A third of all visits went into classes that do not converge in that time either.
    """
    usual = controls.MOST_SECONDS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(controls, "MOST_SECONDS", usual / 5)
        yield usual


@contextmanager
def served(script: Path, port: int | None = None, **environment: str) -> Iterator[str]:
    """Serve a Streamlit script on a free port of this machine; give its address."""
    port = port or free_port()
    options = {
        "headless": "true",
        "address": "127.0.0.1",
        "port": port,
        "fileWatcherType": "none",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script)]
        + [f"--server.{name}={value}" for name, value in options.items()],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/_stcore/health")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(url: str) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                assert answer.read() == b"ok"
            return
        except urllib.error.URLError:
            assert time.monotonic() < until, "the page's server did not start"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium")
    if path is None and os.environ.get("CI"):
        pytest.fail("There is no chromium on the PATH, and CI must not skip it.")
    if path is None:
        pytest.skip("There is no chromium on the PATH.")
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(chromium: str) -> Iterator[str]:
    with served(ROOT / "app.py") as url:
        yield url


@pytest.fixture(scope="session")
def log(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("log") / "computations"


@pytest.fixture(scope="session")
def watched(chromium: str, log: Path) -> Iterator[str]:
    """Serve the page with a log, one question without end, and slow files."""
    script = Path(__file__).parent / "data" / "watched.py"
    with served(script, COMPUTATIONS_LOG=str(log)) as url:
        yield url


@pytest.fixture(scope="session")
def tabs(browser) -> list[tuple]:
    """Tabs that nobody has: half of what a visit costs is a renderer's first."""
    return []


@contextmanager
def visiting(browser, tabs: list[tuple]) -> Iterator[Callable]:
    """Give pages of fresh visitors; in the end none may have complained or called out.

    A complaint is a warning or an error on the console, an uncaught error or a dialog.
    """
    given = []

    def visit(url: str, *, scheme: str = "light", width: int = 1440, height: int = 900):
        page, complaints = (tabs or [new_tab(browser)]).pop()
        given.append((page, complaints))
        complaints.clear()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(url)
        return page

    yield visit
    said = [complaint for _, complaints in given for complaint in complaints]
    for page, complaints in given:
        if not page.is_closed():
            forget(page)
            tabs.append((page, complaints))
    assert said == []


@pytest.fixture
def visitor(browser, tabs) -> Iterator[Callable]:
    with visiting(browser, tabs) as visit:
        yield visit


def new_tab(browser) -> tuple:
    """Open a tab in a window of its own, with the list that its complaints go to."""
    context, complaints = browser.new_context(), []
    context.set_default_timeout(PATIENCE)

    def watch(request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            complaints.append(f"asked for {request.url}")

    def hear(message) -> None:
        if message.type in ("warning", "error"):
            complaints.append(f"{message.type}: {message.text}")

    page = context.new_page()
    page.on("request", watch)
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.on("dialog", lambda dialog: complaints.append(f"said: {dialog.message}"))
    return page, complaints


def forget(page) -> None:
    """Leave nothing of a visitor in a tab."""
    page.unroute_all()
    if page.url != "about:blank":
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.context.clear_permissions()


@pytest.fixture(scope="module")
def lasting(browser, tabs, site) -> Iterator[tuple]:
    """One visit for the tests of a module that need none of their own; its state."""
    with visiting(browser, tabs) as visit:
        yield visit(site), {"touched": False, "failed": None}


@pytest.fixture
def opened(lasting, site):
    """Give a page to look at, on which nobody has done anything yet."""
    page, state = lasting
    if state["touched"]:
        page.goto(site)
        state["touched"] = False
    settle(page)
    return page


@pytest.fixture
def fresh(opened, lasting):
    """Give a page on which nobody has done anything yet."""
    lasting[1]["touched"] = True
    return opened


@pytest.fixture
def used(request, lasting, site):
    """Give a page as the test before has left it, unless one has failed meanwhile."""
    page, state = lasting
    if state["failed"] not in (None, request.session.testsfailed):
        page.goto(site)
    state.update(touched=True, failed=request.session.testsfailed)
    settle(page)
    return page


@pytest.fixture
def page(visitor, site):
    """Give the page of a visitor who has done nothing yet."""
    page = visitor(site)
    settle(page)
    return page


def knock(url: str, host: str, origin: str) -> int:
    """Ask for a websocket as a page of this origin does; give the answer's status."""
    door = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    upgrade = {
        "Host": host,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(bytes(16)).decode(),
        "Sec-WebSocket-Protocol": "streamlit",
    }
    try:
        door.request("GET", f"{urlsplit(url).path}/_stcore/stream", headers=upgrade)
        return door.getresponse().status
    finally:
        door.close()
