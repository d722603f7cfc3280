"""A body that may be a list: many attendances in one request."""

import io

from surfaces.parsers import StrictJSON


class ObjectOrList(StrictJSON):
    """As StrictJSON; a list arrives as `{"items": [...]}`, which may be sent as well."""

    def parse(self, stream, media_type=None, parser_context=None):
        raw = stream.read()
        if raw.lstrip()[:1] == b"[":
            raw = b'{"items":' + raw + b"}"
        return super().parse(io.BytesIO(raw), media_type, parser_context)
