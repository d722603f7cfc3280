"""Looking at a stranger's file before any parser does: what it is, and whether it is safe to open.

Pure Python on bytes; runs inside the reader's child process, never in a web or worker process.
"""

from exchange import limits
from exchange.vetting.refused import Refused

OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
FOREIGN = {
    b"%PDF": "pdf",
    b"{\\rtf": "rtf",
    b"Rar!": "archive",
    b"7z\xbc\xaf": "archive",
    b"\x1f\x8b": "archive",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"PK\x05\x06": "zip_damaged",
}


def sniff(data):
    """What `data` is by its content, never by its name: "xlsx" or "csv". Raises Refused for all else."""
    if not data.strip(b"\x00 \t\r\n"):
        raise Refused("no_bytes")
    if len(data) > limits.FILE_BYTES:
        raise Refused("file_bytes", bytes=len(data))
    if data.startswith(OLE):
        raise Refused("password" if "EncryptedPackage".encode("utf-16-le") in data else "old_excel")
    if data.startswith(ZIP):
        return "xlsx"
    for magic, reason in FOREIGN.items():
        if data.startswith(magic):
            raise Refused(reason)
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<"):
        raise Refused("xml_2003" if b"mso-application" in start or b"office:spreadsheet" in start else "html")
    return "csv"
