"""A backup as a folder: one database dump, the stored files, and a manifest with the hash of each and the keys' fingerprints.

Never in it: the keys themselves, the broker's data (jobs are rows), static files. The commands around it are thin.
"""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from config import embedded
from config.keys import fingerprint

DUMP, FILES, MANIFEST, MANIFEST_SUM = "database.dump", "files", "manifest.json", "manifest.sha256"
FORMAT = 1
CHUNK = 1 << 20


class Unusable(Exception):
    """The backup cannot be made or used; the message is a sentence for the operator."""


# ── PostgreSQL's own tools: one pair for both ways ───────────────────────────────────────────────
def _tool(name):
    """The wheel's program for the embedded database; in production the one in PATH, where it is new enough for the server."""
    own = embedded.postgres_tool(name)
    found = shutil.which(name)
    if settings.DATABASE_URL == embedded.urls(settings.VAR_DIR)[0] or not found:
        return str(own)
    said = subprocess.run([found, "--version"], capture_output=True, text=True).stdout.split()
    major = int(said[2].split(".")[0]) if len(said) > 2 and said[2][0].isdigit() else 0
    return found if major >= _server_major() else str(own)


def _server_major():
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


def _address():
    """(URL without its password, environment that carries it): a password never stands in a process list."""
    parts = urlsplit(settings.DATABASE_URL)
    netloc = parts.netloc
    if parts.password:
        netloc = netloc.replace(f":{netloc.rpartition('@')[0].partition(':')[2]}@", "@", 1)
    url = urlunsplit(parts._replace(netloc=netloc, path=f"/{connection.settings_dict['NAME']}"))
    password = {"PGPASSWORD": connection.settings_dict["PASSWORD"]} if parts.password else {}
    return url, {**os.environ, **password, "PGCONNECT_TIMEOUT": "10"}


def _need(finished, sentence):
    if finished.returncode:
        raise Unusable(f"{sentence}\n{finished.stderr.decode('utf-8', 'replace').strip()[-500:]}")


def _dump(target):
    url, env = _address()
    argv = [_tool("pg_dump"), "-Fc", "--no-owner", "--no-privileges", "-f", str(target), "-d", url]
    _need(subprocess.run(argv, env=env, capture_output=True), _("数据库没有导出。"))


def _load(dump):
    """Replace the whole schema by the dump's in one transaction: either all of it is there afterwards, or nothing has changed."""
    url, env = _address()
    empty = "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;"
    psql = [_tool("psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", empty, "-f", "-"]
    script = [_tool("pg_restore"), "--no-owner", "--no-privileges", "-f", "-", str(dump)]
    writer = subprocess.Popen(psql, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    reader = subprocess.Popen(script, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        shutil.copyfileobj(reader.stdout, writer.stdin, CHUNK)  # type: ignore[arg-type]  # both are pipes
    except BrokenPipeError:
        reader.kill()
    else:
        if reader.wait():
            writer.kill()  # cut before the end: the transaction is rolled back
    reader.stdout.close()
    said = writer.communicate()[1]
    if reader.wait() or writer.returncode:
        raise Unusable(_("数据库没有恢复，原有数据没有改动。") + "\n" + said.decode("utf-8", "replace").strip()[-500:])


# ── Files and their hashes ───────────────────────────────────────────────────────────────────────
def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sum_line(manifest):
    """The manifest's hash in the form that `sha256sum -c` reads."""
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n"


def _copy(source, target):
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(source, "rb") as old, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        shutil.copyfileobj(old, new, CHUNK)
        new.flush()
        os.fsync(new.fileno())


def _stored_files():
    """Paths, relative to the store, of all whole files (an upload under way is a `.part-…`)."""
    store = Path(settings.FILES_DIR)
    return sorted(p.relative_to(store) for p in store.rglob("*") if p.is_file() and not p.name.startswith(".part-"))


def _key_prints():
    """Fingerprints of the keys by name; the rings, newest first, one by one."""
    rings = {"FIELD_KEYS": settings.FIELD_KEYS, "INDEX_KEY": [k for k in settings.INDEX_KEY.split(",") if k]}
    return {
        "SECRET_KEY": [fingerprint(settings.SECRET_KEY)],
        **{n: [fingerprint(k) for k in r] for n, r in rings.items()},
    }


def make(folder):
    """Write a backup of the whole site into `folder` (new or empty), while the site works. Returns its manifest.

    The dump is one snapshot; files are copied after it, so each row of the dump has its file.
    """
    os.umask(0o077)
    folder = Path(folder).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Unusable(_("%(folder)s 不是空文件夹：备份要写进新的文件夹。") % {"folder": folder})
        _dump(folder / DUMP)
        for name in _stored_files():
            _copy(Path(settings.FILES_DIR) / name, folder / FILES / name)
        return _write_manifest(folder)
    except OSError as why:
        raise Unusable(_("写不进 %(folder)s：%(why)s") % {"folder": folder, "why": why.strerror}) from None


def _write_manifest(folder):
    parts = [p.relative_to(folder) for p in sorted(folder.rglob("*")) if p.is_file()]
    manifest = {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(),
        "postgresql": _server_major(),
        "migrations": sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations()),
        "keys": _key_prints(),
        "parts": [{"path": str(p), "size": (folder / p).stat().st_size, "sha256": _sha256(folder / p)} for p in parts],
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    (folder / MANIFEST_SUM).write_text(_sum_line(text.encode()))
    return manifest


# ── The way back ─────────────────────────────────────────────────────────────────────────────────
def check(folder):
    """The manifest of a whole backup that this site's keys and code can read; else Unusable says what is wrong."""
    folder = Path(folder)
    try:
        text = (folder / MANIFEST).read_bytes()
        written = (folder / MANIFEST_SUM).read_text(errors="replace")
    except OSError:
        raise Unusable(
            _("%(folder)s 里没有完整的备份（缺 manifest.json 或 manifest.sha256）。") % {"folder": folder}
        ) from None
    if written != _sum_line(text):
        raise Unusable(_("备份清单 manifest.json 与它的校验值不符，不能使用。"))
    manifest = json.loads(text)
    if manifest["format"] != FORMAT:
        raise Unusable(_("备份的格式版本是 %(format)s，本程序不认识。") % manifest)
    _check_keys(manifest["keys"])
    for part in manifest["parts"]:
        path = folder / part["path"]
        if not path.is_file() or path.stat().st_size != part["size"] or _sha256(path) != part["sha256"]:
            raise Unusable(_("备份里的 %(path)s 缺失或已损坏，没有恢复任何内容。") % part)
    known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if newer := sorted(set(manifest["migrations"]) - known):
        raise Unusable(_("备份来自更新的程序版本（%(name)s），请先升级程序。") % {"name": newer[-1]})
    return manifest


def _check_keys(prints):
    here = _key_prints()
    if any(set(prints[name]) - set(here[name]) for name in ("FIELD_KEYS", "INDEX_KEY")):
        raise Unusable(
            _("密钥与备份时的不同，加密内容会无法读取：请把备份时的 keys.env 放进 %(folder)s。")
            % {"folder": settings.VAR_DIR}
        )


def site_is_empty():
    """Has nobody used this site yet: no tables, or no account?"""
    try:
        return not get_user_model().objects.exists()
    except ProgrammingError:
        return True


def site_is_in_use():
    """Are other programs connected to the site's database?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0] > 0


def restore(folder):
    """Put a checked backup in the place of this site's data. The database changes whole or not at all; then the files are swapped."""
    os.umask(0o077)
    folder, store = Path(folder), Path(settings.FILES_DIR)
    staged, old = store.with_name(store.name + ".restoring"), store.with_name(store.name + ".before")
    try:
        for leftover in (staged, old):
            shutil.rmtree(leftover, ignore_errors=True)
        staged.mkdir(mode=0o700, parents=True)
        for path in (p for p in (folder / FILES).rglob("*") if p.is_file()):
            _copy(path, staged / path.relative_to(folder / FILES))
        connection.close()
        _load(folder / DUMP)
        if store.exists():
            store.rename(old)
        staged.rename(store)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as why:
        raise Unusable(_("写不进 %(folder)s：%(why)s") % {"folder": store, "why": why.strerror}) from None
    cache.clear()
