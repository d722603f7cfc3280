"""Log lines as JSON, one object a line."""

import json
import logging


class JSONLines(logging.Formatter):
    def format(self, record):
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
