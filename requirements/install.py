"""Make `.venv` from a hash-locked list, by plain pip. Standard library only, and syntax that an old Python can read,
so that a machine that lacks something is told so in one sentence: `python3 requirements/install.py run|dev`."""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"
COVERS = {"run": ["run"], "dev": ["run", "dev"]}  # dev.txt is compiled under run.txt: it holds every line of it


def stop(chinese, english):
    sys.exit("{}\n{}".format(chinese, english))


def fingerprint(name):
    """What an installed list is known by: its content, and the interpreter it was installed for."""
    lock = (ROOT / "requirements" / (name + ".txt")).read_bytes()
    return hashlib.sha256(lock + repr((sys.version_info[:2], os.path.realpath(sys.executable))).encode()).hexdigest()


def works():
    """Is there a .venv whose interpreter starts and whose last installation was finished?"""
    if not PYTHON.exists() or UNFINISHED.exists():
        return False
    return (
        subprocess.run(
            [str(PYTHON), "-c", "import pip"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ).returncode
        == 0
    )


def make_venv():
    try:
        import ensurepip  # noqa: F401 - Debian ships venv without it until python3-venv is installed
        import venv  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        stop(
            "缺少 Python 的 venv 模块。请先安装：apt install python3-venv（或 {}），再运行一次。".format(package),
            "Python's venv module is missing. Install it first: apt install python3-venv (or {}), then run this again.".format(
                package
            ),
        )
    print("正在建立 .venv … / Making .venv …", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], cwd=str(ROOT)).returncode:
        stop("无法建立 .venv，原因见上。", ".venv could not be made; the reason stands above.")


def install(name):
    print("正在安装依赖（第一次约一分钟）… / Installing dependencies (about a minute the first time) …", flush=True)
    UNFINISHED.touch()
    for stamp in VENV.glob("installed-*"):
        stamp.unlink()
    wheels_only = ["--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "-qq"]
    locked = ["-r", str(ROOT / "requirements" / (name + ".txt"))]
    if subprocess.run([str(PYTHON), "-m", "pip", "install", *wheels_only, *locked], cwd=str(ROOT)).returncode:
        stop(
            "依赖没有装好，原因见上：多半是连不上 Python 包索引或磁盘已满。修好后再运行一次即可。",
            "The dependencies were not installed; the reason stands above: most often the package index cannot be reached"
            " or the disk is full. Mend that and run it again.",
        )
    UNFINISHED.unlink()


def main(name):
    if sys.version_info < (3, 11):
        stop(
            "需要 Python 3.11 或更新版本，这里是 {}.{}。可用 make PYTHON=python3.11 … 指定。".format(
                *sys.version_info[:2]
            ),
            "Python 3.11 or newer is needed, this is {}.{}. Name another by make PYTHON=python3.11 …".format(
                *sys.version_info[:2]
            ),
        )
    os.umask(0o022)  # as root the database runs as another user, who must be able to read its programs
    try:
        lock = os.open(str(ROOT / ".venv.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as why:
        stop("无法写入 {}：{}".format(ROOT, why.strerror), "Cannot write to {}: {}".format(ROOT, why.strerror))
    prepare(name, lock)


def prepare(name, lock):
    fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make` waits here until the first has installed
    stamp, wanted = VENV / ("installed-" + name), fingerprint(name)
    with contextlib.suppress(OSError):
        if stamp.read_text() == wanted and works():
            return
    try:
        if not works():
            make_venv()
        install(name)
        for covered in COVERS[name]:
            (VENV / ("installed-" + covered)).write_text(fingerprint(covered))
    except OSError as why:
        stop("无法写入 .venv：{}".format(why.strerror), "Cannot write .venv: {}".format(why.strerror))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
