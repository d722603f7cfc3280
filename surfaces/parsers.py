"""Reading JSON bodies strictly: one object, no NaN, no bottomless nesting."""

import json

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class StrictJSON(BaseParser):
    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            body = json.loads(stream.read().decode("utf-8"), parse_constant=self._refuse)
        except (ValueError, RecursionError) as e:
            raise ParseError(_("请求内容不是正确的 JSON（UTF-8）")) from e
        if not isinstance(body, dict):
            raise ParseError(_("请求内容应是一个 JSON 对象"))
        return body

    @staticmethod
    def _refuse(word):
        raise ValueError(word)
