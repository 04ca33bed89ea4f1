"""What is deployed: its lock, its entry point, whom that lets in, the proxy's policy.

No container is run here: what its files say is read from them and done without one.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import streamlit
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical
from playwright.sync_api import expect

from regcore.page.style import CLOSE
from tests.conftest import ROOT, free_port, knock, wait_for
from tests.driving import PATIENCE, send, settle
from tests.tables import table
from tests.visits import csv_of

DEPLOY = ROOT / "deploy"
NETWORK = Path(__file__).parent / "data" / "network"
NAME = "page.example.org"


def lines(path: Path) -> list[str]:
    """Lines of a file without comments; what is continued is one."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if re.match(r"[^\s#]", line)]


LOCK = lines(DEPLOY / "requirements.lock")
DOCKERFILE = [line.split(maxsplit=1) for line in lines(DEPLOY / "Dockerfile")]
CADDYFILE = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
POLICY = re.search(r'Content-Security-Policy "(.*)"', CADDYFILE)[1]


def needed(asked: Iterator[Requirement]) -> set[str]:
    """Names of what is asked for here, and of what that asks for."""
    names, todo = set(), list(asked)
    while todo:
        one = todo.pop()
        name = canonical(one.name)
        if name in names or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        names.add(name)
        todo += map(Requirement, distribution(name).requires or ())
    return names


def test_every_package_of_the_lock_has_one_version_and_hashes():
    for line in LOCK:
        package, *hashes = line.split(" --hash=")
        [version] = Requirement(package.strip()).specifier
        assert version.operator == "=="
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one.strip()) for one in hashes)


def test_the_lock_holds_what_the_page_asks_for_and_what_that_asks_for():
    asked = [Requirement(line) for line in lines(ROOT / "requirements.txt")]
    locked = [Requirement(line.partition(" --hash=")[0].strip()) for line in LOCK]
    assert needed(asked) <= {canonical(one.name) for one in locked}
    for one in locked:
        [version] = one.specifier
        for wish in asked:
            if canonical(wish.name) == canonical(one.name):
                assert version.version in wish.specifier


def instruction(name: str) -> str:
    """Give what the last instruction of this name in the Dockerfile says."""
    return [said for known, said in DOCKERFILE if known == name][-1]


@pytest.fixture
def container(tmp_path) -> Iterator[tuple[str, Path, dict[str, str]]]:
    """Run the entry point on what the image holds; give address, log, environment."""
    for _, said in (one for one in DOCKERFILE if one[0] == "COPY"):
        source, target = said.split()
        if (ROOT / source).is_dir():
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, tmp_path / target, ignore=skipped)
        else:
            shutil.copy(ROOT / source, tmp_path / target)
    log = tmp_path / "network"
    log.touch()
    environment = dict(word.split("=", 1) for word in shlex.split(instruction("ENV")))
    environment |= {
        "HOME": str(tmp_path),
        "PYTHONPATH": str(NETWORK),
        "NETWORK_LOG": str(log),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SERVER_PORT": str(free_port()),
        # As compose.yaml sets them.
        "STREAMLIT_SERVER_BASE_URL_PATH": "stats",
        "STREAMLIT_SERVER_ALLOWED_HOSTS": NAME,
        "STREAMLIT_BROWSER_SERVER_ADDRESS": NAME,
    }
    python, *command = json.loads(instruction("ENTRYPOINT"))
    assert python == "python"
    server = subprocess.Popen(
        [sys.executable, *command],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{environment['STREAMLIT_SERVER_PORT']}/stats"
        wait_for(f"{url}/_stcore/health")
        yield url, log, environment
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_the_entry_point_answers_its_health_check_and_only_its_own_page(container):
    url, log, environment = container
    check = instruction("HEALTHCHECK").partition("CMD ")[2]
    _, *ask = json.loads(check)
    for path, code in (("/stats/", 0), ("elsewhere", 1)):
        environment["STREAMLIT_SERVER_BASE_URL_PATH"] = path
        done = subprocess.run(
            [sys.executable, *ask], env=environment, capture_output=True, check=False
        )
        assert done.returncode == code
    assert knock(url, NAME, f"https://{NAME}") == 101
    assert knock(url, "evil.example", "http://evil.example") == 403
    assert knock(url, NAME, "https://evil.example") == 403
    assert log.read_text().startswith("listens on 127.0.0.1\n")


def test_a_checkout_is_reached_by_the_names_of_this_machine_alone(site):
    port = urlsplit(site).port
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert knock(site, f"{host}:{port}", f"http://{host}:{port}") == 101
    assert knock(site, f"evil.example:{port}", f"http://evil.example:{port}") == 403


def test_the_image_is_built_from_what_is_let_into_it_and_runs_as_nobody():
    let_in = [line[1:] for line in lines(ROOT / ".dockerignore") if line[0] == "!"]
    copied = [said.split()[0] for known, said in DOCKERFILE if known == "COPY"]
    assert sorted(let_in) == sorted(copied)
    installs = [said for _, said in DOCKERFILE if said.startswith("pip install")]
    assert all("--require-hashes" in said for said in installs)
    user = instruction("USER").partition(":")[0]
    assert int(user) > 0


def digest(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def test_the_policy_names_the_digests_of_the_scripts_in_the_page_and_no_more():
    start = Path(streamlit.__file__).parent / "static" / "index.html"
    inline = "<script>(.*?)</script>"
    scripts = re.findall(inline, start.read_text(encoding="utf-8") + CLOSE, re.DOTALL)
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules["script-src"].split()) == {"'self'", *map(digest, scripts)}
    assert rules["frame-ancestors"] == "'none'"


@pytest.mark.browser
def test_under_the_policy_a_phones_side_bar_gives_way_to_an_upload_and_can_be_opened(
    visitor, site
):
    page = visitor("about:blank", width=390, height=844)
    # An answer that a test touched counts as one from another network.
    page.context.grant_permissions(["local-network-access"])

    def add_policy(route):
        answer = route.fetch()
        headers = {**answer.headers, "content-security-policy": POLICY}
        route.fulfill(response=answer, headers=headers)

    page.route(lambda url: urlsplit(url).path == "/", add_policy)
    assert page.goto(site).headers["content-security-policy"] == POLICY
    settle(page)
    bar = page.get_by_test_id("stSidebar")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(bar).to_be_in_viewport()
    send(page, csv_of(table("binary", n=60, p=3)), "mine.csv")
    expect(bar).not_to_be_in_viewport(timeout=PATIENCE)
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(bar).to_be_in_viewport()
