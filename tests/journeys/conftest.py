"""A whole site as a newcomer starts it, and a browser to walk through it. Run by `make e2e`; needs the system's Chromium."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
NOT_THE_TESTS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "FIELD_KEYS",
    "INDEX_KEY",
    "DJANGO_SETTINGS_MODULE",
    "SHEGONG_TEST_RUN",
)


class Site:
    """A running copy: its address, its accounts, its API and its commands."""

    def __init__(self, base, var, env):
        self.base, self.var, self.env = base, var, env
        rows = json.loads((var / "demo-accounts.json").read_text())
        # Of several with one role the first: the site's own city.
        self.accounts = {a["role"]: a for a in reversed(rows)}

    def get(self, path, key=None):
        """The JSON at /api/v1/`path` for a key (the official's)."""
        key = key or self.accounts["official"]["api_key"]
        asked = urllib.request.Request(f"{self.base}/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def stations(self):
        """Every field of every station but the moment of its last change."""
        rows = self.get("stations/?page_size=1000")["results"]
        return {row["code"]: {k: v for k, v in row.items() if k != "updated_at"} for row in rows}

    def manage(self, *args):
        done = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout


@pytest.fixture(scope="session")
def site():
    """The demo, started by the command that a newcomer types, in a folder of its own."""
    var = Path(tempfile.mkdtemp(prefix="shegong-journey-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if k not in NOT_THE_TESTS} | {"VAR_DIR": str(var), "PORT": str(port)}
    starter = subprocess.Popen([sys.executable, "-m", "config.run"], cwd=ROOT, env=env, start_new_session=True)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(starter, f"{base}/readyz")
        yield Site(base, var, env)
    finally:
        starter.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            starter.wait(60)
        shutil.rmtree(var, ignore_errors=True)


def _wait(starter, url):
    for _ in range(240):
        assert starter.poll() is None, "the site ended before it was ready"
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            if urllib.request.urlopen(url, timeout=5).status == 200:
                return
        time.sleep(0.5)
    raise AssertionError("the site was not ready within two minutes")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Person:
    """Somebody at a screen: signs in, goes to pages, and every page he sees is checked for serious barriers."""

    def __init__(self, browser, site, role, size):
        self.site, self.size = site, size
        self.page = browser.new_page(viewport=size, locale="zh-CN")
        self.outside, self.broken = [], []
        self.page.on(
            "request", lambda r: self.outside.append(r.url) if not r.url.startswith((site.base, "data:")) else None
        )
        self.page.on("console", lambda m: self.broken.append(m.text) if m.type == "error" else None)
        self.page.goto(f"{site.base}/")
        self.page.fill("input[name=login]", site.accounts[role]["username"])
        self.page.fill("input[type=password]", site.accounts[role]["password"])
        self.page.press("input[type=password]", "Enter")
        self.page.wait_for_url(f"{site.base}/")

    def go(self, path):
        answer = self.page.goto(f"{self.site.base}{path}")
        assert answer.status == 200, f"{path}: {answer.status}"
        return self

    def text(self):
        return " ".join(self.page.inner_text("main").split())

    def barriers(self):
        """Serious and critical findings of axe on the page as it stands, and sideways scroll."""
        found = Axe().run(self.page).response["violations"]
        serious = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")]
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            serious.append("the page scrolls sideways")
        return serious


@pytest.fixture
def person(chromium, site):
    """Call it with a role and a size for a Person; nothing on the way may have come from outside or failed."""
    people = []

    def arrive(role, size):
        people.append(Person(chromium, site, role, size))
        return people[-1]

    yield arrive
    for one in people:
        one.page.close()
        assert not one.outside, f"outside requests: {one.outside[:3]}"
        assert not one.broken, f"errors in the console: {one.broken[:3]}"
