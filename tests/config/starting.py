"""Starting `make run`'s own program for a test: in a folder of its own, on a free port, seen only from outside."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(seconds, true):
    """What `true` returns once it is; None when it was not within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := true():
            return answer
        time.sleep(0.1)
    return None


def bare_environment(**more):
    """The tests' environment without their own services, keys and folder."""
    ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "VAR_DIR", "PORT", "DEMO", "DEBUG"}
    return {**{k: v for k, v in os.environ.items() if k not in ours}, **more}


def manage(var, *argv, **env):
    """Run a command of manage.py with the data folder `var`; nobody is at the terminal."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, argv)],
        cwd=ROOT,
        env=bare_environment(VAR_DIR=str(var), **env),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


class Running:
    """One started site."""

    def __init__(self, var, port=None, **env):
        self.var, self.port = Path(var), port or free_port()
        with open(f"{var}.out", "ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env=bare_environment(**{"VAR_DIR": str(var), "PORT": str(self.port), "DEMO": "0", **env}),
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def said(self):
        return Path(f"{self.var}.out").read_text(encoding="utf-8")

    def get(self, path):
        """(status, JSON) of a GET; (0, None) where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, json.load(answer)
        except OSError:
            return 0, None

    def ready(self, seconds=300):
        assert until(seconds, lambda: self.process.poll() is not None or "Ready: " in self.said()), self.said()
        assert self.process.poll() is None, self.said()
        return self

    def pids(self):
        """Living processes of this site, by pid: those that carry its VAR_DIR, and the two servers that stand in it."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                mine = f"VAR_DIR={self.var}".encode() in (entry / "environ").read_bytes().split(b"\0")
                if line and (mine or f"{self.var}/" in line):
                    found[int(entry.name)] = line
        return found

    def stop(self, how=signal.SIGINT):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        return self.process.wait(120)

    def sweep(self):
        if self.process.poll() is None:
            self.stop()
        for pid in self.pids():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def make_account(site, name):
    code = "from accounts.changes import change\nfrom accounts.models import User\n"
    code += f"with change(None, 'account.created'): User.objects.create_user({name!r}, display_name={name!r})"
    answer = manage(site.var, "shell", "-v", "0", "-c", code)
    assert answer.returncode == 0, answer.stderr


def accounts(var):
    answer = manage(
        var, "shell", "-v", "0", "-c", "from accounts.models import User; print(*User.objects.order_by('id'))"
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()
