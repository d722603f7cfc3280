"""Taking in an upload without trusting its size: what is too large is read to its end and thrown away, so that the sender hears why."""

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from exchange.refusals import REASONS


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes to a temporary file up to the limit; beyond it the rest is only read. `request.upload_too_large` says so."""

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data, start):
        self.seen += len(raw_data)
        if self.seen > settings.UPLOAD_MAX_BYTES:
            setattr(self.request, "upload_too_large", True)  # noqa: B010  (a mark of ours on the request)
            self.file.close()
            raise SkipFile
        return super().receive_data_chunk(raw_data, start)


def limit_uploads(request):
    """Use LimitedUpload for a request whose body was not read yet."""
    request.upload_handlers = [LimitedUpload(request)]


def check_upload(request, file):
    """Raises DomainError too_large (413), empty, missing_required."""
    if getattr(request, "upload_too_large", False):
        raise DomainError(REASONS["file_bytes"][1], code="too_large", field="file", status=413)
    if file is None or isinstance(file, str):
        raise DomainError(_("没有收到文件。请选一份表格再传。"), code="missing_required", field="file")
    if file.size == 0:
        raise DomainError(REASONS["no_bytes"][1], code="empty", field="file")
    return file
