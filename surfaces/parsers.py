"""Reading JSON bodies strictly: one object, finite numbers, whole characters, no bottomless nesting."""

import json
import math

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 32


class StrictJSON(BaseParser):
    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            text = stream.read().decode("utf-8")
            body = json.loads(text, parse_constant=_refuse, parse_float=_finite)
            if "\\u" in text:  # an escape may spell half a character, which no database takes
                json.dumps(body, ensure_ascii=False).encode()
            _check_depth(body)
        except (ValueError, RecursionError) as e:
            raise ParseError(_("请求内容不是正确的 JSON（UTF-8）")) from e
        if not isinstance(body, dict):
            raise ParseError(_("请求内容应是一个 JSON 对象"))
        return body


def _refuse(word):
    raise ValueError(word)


def _finite(text):
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _check_depth(value, left=DEEPEST):
    if not left:
        raise ValueError("too deep")
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, left - 1)
