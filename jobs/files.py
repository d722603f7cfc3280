"""Keeping an uploaded file: temp name, fsync, rename, then the row. Never under its own name, never in the web root."""

import hashlib
import os
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from jobs.models import StoredFile

CHUNK = 1 << 20


def keep(source, name, user=None, content_type=""):
    """Store `source` (an UploadedFile, a path or an open binary file). Returns the StoredFile.

    Raises DomainError `storage_full` (507) where the disk does not take it; nothing is left behind then.
    """
    pk = uuid.uuid4()
    row = StoredFile(
        pk=pk, name=Path(str(name).replace("\\", "/")).name.replace("\0", "")[-200:] or "file",
        content_type=content_type[:100], user=user if getattr(user, "pk", None) else None,
    )  # fmt: skip
    try:
        row.size, row.sha256 = _write(source, row.path)
    except OSError as e:
        raise DomainError(_("磁盘写不下这个文件，请管理员腾出空间后再传"), code="storage_full", status=507) from e
    row.save(force_insert=True)
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
    except BaseException:
        with suppress(OSError):
            os.unlink(temp)
        raise
    return size, digest.hexdigest()


def _chunks(source):
    if hasattr(source, "chunks"):
        yield from source.chunks(CHUNK)
        return
    with open(source, "rb") if isinstance(source, (str, os.PathLike)) else _left_open(source) as file:
        while chunk := file.read(CHUNK):
            yield chunk


class _left_open:
    """A file that its owner closes."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self.file

    def __exit__(self, *_):
        return False
