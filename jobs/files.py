"""Keeping an uploaded file: temp name, fsync, rename, then the row. Never under its own name, never in the web root."""

import errno
import hashlib
import logging
import os
import tempfile
import uuid
from contextlib import nullcontext, suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from jobs.models import StoredFile

log = logging.getLogger("shegong.files")
CHUNK = 1 << 20
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def keep(source, name, user=None, content_type=""):
    """Store `source` (an UploadedFile, a path or an open binary file). Returns the StoredFile.

    Raises DomainError `storage_full` (507) where the disk does not take it, `storage_failed` (507) where the folder cannot
    be written; nothing is left behind then.
    """
    pk = uuid.uuid4()
    shown = Path(str(name).replace("\\", "/")).name.replace("\0", "").strip(" ")[-200:]
    row = StoredFile(
        pk=pk, name=shown if shown.strip(".") else "file", content_type=content_type[:100],
        user=user if getattr(user, "pk", None) else None,
    )  # fmt: skip
    try:
        row.size, row.sha256 = _write(source, row.path)
    except OSError as e:
        log.error("an uploaded file was not stored: %s", errno.errorcode.get(e.errno or 0, e.errno))
        if e.errno in FULL:
            raise DomainError(_("磁盘写不下这个文件，请管理员腾出空间后再传"), code="storage_full", status=507) from e
        raise DomainError(_("存文件的文件夹写不进去，请管理员看日志"), code="storage_failed", status=507) from e
    try:
        row.save(force_insert=True)
    except BaseException:
        row.path.unlink(missing_ok=True)
        raise
    return row


def _write(source, path):
    base = Path(settings.FILES_DIR)
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, temp = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in _chunks(source):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.rename(temp, path)
        _sync(path.parent)
    except BaseException:
        with suppress(OSError):
            os.unlink(temp)
        raise
    return size, digest.hexdigest()


def _sync(folder):
    """The name is on the disk as well once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chunks(source):
    if hasattr(source, "chunks"):
        yield from source.chunks(CHUNK)
        return
    with open(source, "rb") if isinstance(source, str | os.PathLike) else nullcontext(source) as file:
        while chunk := file.read(CHUNK):
            yield chunk
