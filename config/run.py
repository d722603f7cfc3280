"""`make run`: everything the site needs on one machine, started in order, watched, and stopped together."""

import contextlib
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections import deque
from pathlib import Path

from config import embedded
from config.children import Child
from config.keys import NAMES, write_keys

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
RESTARTS, WITHIN_S = 5, 60
READY_AFTER_S = 120  # then it says what is missing, and goes on waiting


class Stopped(Exception):
    """Somebody asked the site to stop: Ctrl-C, a TERM, a closed terminal."""


class Wishes:
    """A signal only notes the wish to stop; it is followed at the next pause. An exception out of a handler cuts things in two."""

    def __init__(self):
        self.stop = False
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self.note)

    def note(self, *_):
        self.stop = True

    def pause(self, seconds):
        """Sleep; raises Stopped where that was asked for."""
        time.sleep(seconds)
        if self.stop:
            raise Stopped


def say(*lines):
    print(*lines, sep="\n", flush=True)


# ── Before anything is started ───────────────────────────────────────────────────────────────────
def asked_port():
    """PORT as a number. Raises Refused where it is none."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise embedded.Refused(f"PORT={text} 不是端口号（1–65535）。/ PORT={text} is not a port number (1–65535).")
    return int(text)


def need_port(port):
    """Raise Refused, naming the port, where it cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except PermissionError:
            raise embedded.Refused(
                f"没有权限使用端口 {port}：请换一个大于 1023 的端口，例如 make run PORT=8001。"
                f" / Port {port} is not allowed: choose one above 1023, for example make run PORT=8001."
            ) from None
        except OSError:
            raise embedded.Refused(
                f"端口 {port} 已被占用，什么也没有启动：请换一个端口，例如 make run PORT={port % 65535 + 1}。"
                f" / Port {port} is in use, nothing was started: choose another, for example make run PORT={port % 65535 + 1}."
            ) from None


def need_keys(folder):
    """Make `keys.env` once. Raises Refused where data is there and its keys are not: new ones could not read it."""
    file = folder / "keys.env"
    if file.exists():
        if not os.access(file, os.R_OK):
            raise embedded.Refused(f"无法读取 {file}：请检查其属主。/ {file} cannot be read: check whose it is.")
    elif not all(os.environ.get(name) for name in NAMES):
        if embedded.data_dir(folder).exists():
            raise embedded.Refused(
                f"{folder} 里有数据，但缺少它的密钥文件 keys.env：请把原来的文件放回去再启动。"
                f" / {folder} holds data, but its keys.env is missing: put that file back and start again."
            )
        write_keys(file)


# ── The processes ────────────────────────────────────────────────────────────────────────────────
class Site:
    """The children of one `make run`, in the order they are started."""

    def __init__(self, folder, port, lock, pause):
        self.folder, self.port, self.lock, self.pause = folder, port, lock, pause
        self.children, self.restarts = [], deque(maxlen=RESTARTS)
        self.env = {
            **os.environ,
            "VAR_DIR": str(folder),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def python(self, name, *argv, **more):
        env = {**self.env, **more.pop("env", {})}
        log = self.folder / "log" / f"{name}.log"
        return Child(name, [sys.executable, *argv], log, env=env, cwd=str(ROOT), keep_open=(self.lock,), **more)

    def start_services(self):
        """PostgreSQL and the broker, each only where no URL names one."""
        if not self.env.get("DATABASE_URL"):
            self.start(embedded.database(self.folder, lock=self.lock, say=say))
            embedded.prepare(self.children[-1], self.folder, self.pause)
        if not self.env.get("REDIS_URL"):
            self.start(embedded.broker(self.folder, lock=self.lock, say=say))
            embedded.until_broker_answers(self.children[-1], self.folder, self.pause)

    def set_up(self):
        """Migrations, static files, the demo once: one command, run to its end."""
        step = self.python("set_up", "manage.py", "set_up", env={"STATEMENT_TIMEOUT": "0"})
        self.children.append(step)
        step.start()
        while step.alive:
            self.need_all(but=step)
            self.pause(0.05)
        self.children.remove(step)
        if step.process.returncode:
            raise embedded.Refused(
                f"准备数据库没有成功（详见 {step.log}）：\n{step.last_words()}\nSetting up the database failed (see {step.log})."
            )

    def start_site(self):
        web = [
            "-m",
            "gunicorn",
            "config.wsgi",
            "--bind",
            f"{HOST}:{self.port}",
            "-k",
            "gthread",
            "-w",
            "2",
            "--threads",
            "4",
        ]
        web += ["--max-requests", "5000", "--max-requests-jitter", "500", "--timeout", "60", "--graceful-timeout", "10"]
        worker = [
            "-m",
            "celery",
            "-A",
            "config",
            "worker",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
        ]
        beat = ["-m", "celery", "-A", "config", "beat", "-s", str(self.folder / "beat" / "schedule"), "--pidfile="]
        (self.folder / "beat").mkdir(exist_ok=True)
        self.start(self.python("web", *web, "--no-control-socket", env={"DB_POOL": "1"}, orphan_signal=signal.SIGQUIT))
        self.start(self.python("worker", *worker, env={"STATEMENT_TIMEOUT": "15min"}))
        self.start(self.python("beat", *beat))

    def start(self, child):
        self.children.append(child)
        child.start()

    def need_all(self, but=None):
        for child in self.children:
            if child is not but and not child.alive:
                raise embedded.Refused(
                    f"{child.name} 停了：{child.last_words()} / {child.name} ended: {child.last_words()}"
                )

    def watch(self):
        """Start dead children again, for ever. Raises Refused after five deaths within a minute."""
        for child in self.children:
            if child.alive:
                continue
            say(
                f"{child.name} 意外结束（{child.process.returncode}），正在重新启动。/ {child.name} ended, starting it again."
            )
            if len(self.restarts) == RESTARTS and time.monotonic() - self.restarts[0] < WITHIN_S:
                raise embedded.Refused(
                    f"一分钟内有进程结束了 {RESTARTS} 次以上，全部停止。最后一条：{child.last_words()}"
                    f" / More than {RESTARTS} deaths within a minute: all is stopped. See {child.log}."
                )
            self.restarts.append(time.monotonic())
            child.start()

    def missing(self):
        """The parts that are not ready yet, None once `/readyz` says 200."""
        link = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            link.request("GET", "/readyz")
            answer = link.getresponse()
            body = answer.read()
            if answer.status == 200:
                return None
            return [name for name, state in json.loads(body).get("parts", {}).items() if state != "ok"]
        except (OSError, ValueError, http.client.HTTPException):
            return ["web"]
        finally:
            link.close()

    def stop(self):
        """All of them, the last started first; only the services wait until everybody who uses them is gone."""
        for child in reversed(self.children):
            if child.name not in ("postgres", "broker"):
                child.ask()
        for child in reversed(self.children):
            child.stop()


def serve(site):
    """Until somebody stops it: announce it once it is ready, keep its children alive."""
    begun, told, ready = time.monotonic(), False, False
    while True:
        site.watch()
        if not ready:
            missing = site.missing()
            ready = missing is None
            if ready:
                announce(site)
            elif not told and time.monotonic() - begun > READY_AFTER_S:
                told = True
                say(
                    f"还在等待：{'、'.join(missing)}（日志在 {site.folder / 'log'}）/ Still waiting for: {', '.join(missing)}"
                )
        site.pause(0.2)


def announce(site):
    accounts, partners = site.folder / "demo-accounts.json", site.folder / "demo-partners.json"
    say(f"Ready: http://{HOST}:{site.port}")
    if accounts.exists():
        say(f"演示账号 / demo accounts: {accounts}")
    if partners.exists():
        say(f"结对双方的演示账号 / accounts of both sides of the pairing programme: {partners}")
    say(f"日志 / logs: {site.folder / 'log'}　　停止 / stop: Ctrl-C")


def begin(pause):
    """Check what must hold, then run the site; returns when it was asked to stop."""
    port = asked_port()
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute()
    if not (folder / "lock").exists():
        need_port(port)
    embedded.writable(folder)
    lock = embedded.hold(folder, f"make run, http://{HOST}:{port}", pause=pause)
    need_port(port)
    need_keys(folder)
    site = Site(folder, port, lock, pause)
    try:
        say("正在启动数据库并准备数据… / Starting the database and preparing the data …")
        site.start_services()
        site.set_up()
        site.start_site()
        serve(site)
    finally:
        site.stop()


def main():
    wishes = Wishes()
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(errors="replace")
    os.umask(0o077)
    try:
        begin(wishes.pause)
    except Stopped:
        say("已全部停止。/ All stopped.")
    except embedded.Refused as why:
        sys.exit(str(why))


if __name__ == "__main__":
    main()
