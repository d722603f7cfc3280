"""The site's three keys: made once, kept in `VAR_DIR/keys.env`, known to a backup by their fingerprints only."""

import base64
import hashlib
import os
import secrets
from pathlib import Path

NAMES = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")


def fresh_keys():
    """New random keys by name: sessions and codes, protected fields (a ring, newest first), the blind index."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "INDEX_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def write_keys(file):
    """Write fresh keys to `file`, mode 600, in one step; an existing file is never touched."""
    file = Path(file)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    lines = [
        "# 本站密钥，请另行妥善备份：丢失后加密内容无法恢复。/ Keep a copy apart: without it protected data is lost."
    ]
    lines += [f"{name}={value}" for name, value in fresh_keys().items()]
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def fingerprint(key):
    """16 hex digits that tell two keys apart and say nothing about either."""
    return hashlib.sha256(b"shegong key fingerprint\0" + str(key).encode()).hexdigest()[:16]


if __name__ == "__main__":  # `python -m config.keys`: throw-away keys for the environment of `make check`
    print("\n".join(f"{name}={value}" for name, value in fresh_keys().items()))
