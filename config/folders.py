"""The data folder: may we write there, as whom do its services run, who holds it? Standard library only."""

import contextlib
import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path

FREE_BYTES_NEW, FREE_BYTES = 400_000_000, 60_000_000


class Refused(Exception):
    """The services cannot be started; the message is one sentence that says why and what to do."""


class AlreadyRunning(Refused):
    """Another process runs the services of this folder."""


def absolute(var_dir):
    return Path(os.path.abspath(var_dir))


def data_dir(var_dir):
    return absolute(var_dir) / "pg"


def command_of(pid):
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


# ── Folders, and the user they belong to ─────────────────────────────────────────────────────────
def service_owner(var_dir):
    """(uid, gid) that the services run as when root starts them, else None: PostgreSQL refuses root.

    The owner of the data where there is some, else of the folder where that is a user of this machine, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    for place in (data_dir(var_dir), absolute(var_dir)):
        with contextlib.suppress(OSError):
            seen = place.stat()
            if seen.st_uid != 0 and (
                _name(seen.st_uid) or place == data_dir(var_dir)
            ):  # initdb refuses a user without a name
                return seen.st_uid, seen.st_gid
    return nobody.pw_uid, nobody.pw_gid


def _name(uid):
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return ""


def let_pass(owner, targets, say):
    """Let `owner` walk to each of `targets`: where a folder on the way lacks it, add o+x, never more, and say so."""
    opened, name = [], _name(owner[0]) or owner[0]
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


def private_folder(folder, owner):
    """A 0700 folder of the services' user; a link, or a folder of somebody else, is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if owner and folder.lstat().st_uid == 0:
        os.chown(folder, *owner)
    seen, uid = folder.lstat(), owner[0] if owner else os.geteuid()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != uid:
        raise Refused(
            f"{folder} 属于另一个用户，请换一个 VAR_DIR。/ {folder} belongs to another user; choose another VAR_DIR."
        )
    if stat.S_IMODE(seen.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder


def writable(var_dir):
    """Make `var_dir` where it is missing. Raises Refused, in one sentence, where it cannot be written or is full."""
    folder = absolute(var_dir)
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
def open_lock(file):
    """A descriptor of a lock file, made where it is missing. Raises Refused where it is somebody else's."""
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as why:
        raise Refused(
            f"无法打开 {file}（{why.strerror}）：请用原来的用户（或 root）启动，或换一个 VAR_DIR。"
            f" / Cannot open {file} ({why.strerror}): start as the user who did before (or root), or choose another VAR_DIR."
        ) from None


def _who_holds(folder, pid, purpose="", *, alive):
    if not alive:
        return (
            f"{folder}：上一次运行（{purpose}）留下的进程还没有结束，请过一会儿再启动。"
            f" / {folder}: processes of the last run ({purpose}) have not ended yet; start again in a while."
        )
    return (
        f"{folder} 已在使用中：{purpose}（进程 {pid}）。请先停止它，或用 VAR_DIR= 另选文件夹。"
        f" / {folder} is already running: {purpose} (process {pid}). Stop it first, or choose another VAR_DIR."
    )


def hold(var_dir, purpose, wait=60, pause=time.sleep):
    """Lock the folder's services for this process; the services inherit the lock, so it lasts until the last is gone.

    Raises AlreadyRunning, naming who holds it, when its holder lives or its children are not gone within `wait` seconds.
    """
    lock = open_lock(absolute(var_dir) / "lock")
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(lock, 200, 0).decode("utf-8", "replace").split("\n", 1)
            alive = holder[0].isdigit() and command_of(int(holder[0]))
            if alive or time.monotonic() > deadline:
                os.close(lock)
                raise AlreadyRunning(_who_holds(absolute(var_dir), *holder, alive=alive)) from None
            pause(0.2)
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n{purpose}".encode(), 0)
    return lock
