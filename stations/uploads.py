"""An upload between its preview and its confirmation in the set-up pages: kept as its sender's, readable by nobody else."""

import io
import uuid
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import Http404
from import_export.tmp_storages import BaseStorage

from jobs.files import keep
from jobs.models import StoredFile

_importer: ContextVar = ContextVar("importer", default=None)


def importer():
    """Whose request this is: the package's storage and loaders are not told."""
    return _importer.get()


@contextmanager
def importing(user):
    """Inside, `user` is the importer."""
    token = _importer.set(user)
    try:
        yield
    finally:
        _importer.reset(token)


class KeptUpload(BaseStorage):
    """A stored file of the importer. Raises Http404 for a name that is none of his."""

    def save(self, data):
        self.name = keep(io.BytesIO(data), "agencies", importer()).pk.hex

    def _row(self):
        try:
            return StoredFile.objects.get(pk=uuid.UUID(self.name), user=importer())
        except (ValueError, StoredFile.DoesNotExist) as e:
            raise Http404 from e

    def read(self):
        return self._row().path.read_bytes()

    def remove(self):
        row = self._row()
        row.path.unlink(missing_ok=True)
        row.delete()
