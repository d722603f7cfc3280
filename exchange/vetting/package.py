"""The zip around a workbook: its members, and their content inflated while counting. Believes nothing the directory says."""

import io
import struct
import zipfile
import zlib

from exchange import limits
from exchange.vetting.refused import Refused

CHUNK = 1 << 20
STORED, DEFLATED = 0, 8


class Package:
    """The members of a workbook by name. Raises Refused where the directory alone shows that it must not be opened."""

    def __init__(self, data):
        self.data = data
        try:
            infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
        except NotImplementedError:
            raise Refused("zip_method") from None
        except (zipfile.BadZipFile, ValueError, OSError, struct.error, UnicodeDecodeError, IndexError):
            raise Refused("zip_damaged") from None
        self.starts = {}
        self._counts(infos)
        self._names(infos)
        self._layout(infos)
        self.members = {info.filename: info for info in infos}
        self.inflated = 0

    def __contains__(self, name):
        return name in self.members

    def _counts(self, infos):
        if len(infos) > limits.MEMBERS:
            raise Refused("members", count=len(infos))
        if any(info.file_size > limits.PART_BYTES for info in infos):
            raise Refused("part_bytes")
        if sum(info.file_size for info in infos) > limits.UNPACKED_BYTES:
            raise Refused("unpacked_bytes")

    def _names(self, infos):
        seen = set()
        for info in infos:
            name = info.orig_filename
            folded = name.lower().replace("\\", "/")
            if folded in seen:
                raise Refused("member_twice")
            seen.add(folded)
            if "\x00" in name or "\\" in name or name.startswith("/") or ".." in name.split("/") or ":" in name[:3]:
                raise Refused("member_path")
            if info.flag_bits & 0x1:
                raise Refused("password")
            if info.compress_type not in (STORED, DEFLATED):
                raise Refused("zip_method")

    def _layout(self, infos):
        """Local headers must agree with the directory, and no member may lie inside another."""
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            at = info.header_offset
            head = self.data[at : at + 30]
            if at < end or len(head) < 30 or head[:4] != b"PK\x03\x04":
                raise Refused("zip_damaged")
            name_length, extra_length = struct.unpack_from("<HH", head, 26)
            name = self.data[at + 30 : at + 30 + name_length]
            if name not in (info.orig_filename.encode("utf-8"), info.orig_filename.encode("cp437", "replace")):
                raise Refused("zip_damaged")
            self.starts[info.orig_filename] = at + 30 + name_length + extra_length
            end = self.starts[info.orig_filename] + info.compress_size
            if end > len(self.data):
                raise Refused("zip_damaged")

    def chunks(self, name, *, again=False):
        """The content of a member, a megabyte at a time. `again` marks a second pass, which is not counted once more."""
        info = self.members[name]
        seen = crc = 0
        for block in self._stored(info) if info.compress_type == STORED else self._deflated(info):
            seen += len(block)
            if seen > limits.PART_BYTES:
                raise Refused("part_bytes")
            if not again:
                self.inflated += len(block)
                if self.inflated > limits.UNPACKED_BYTES:
                    raise Refused("unpacked_bytes")
            if seen > info.file_size:
                raise Refused("sizes_lie")
            crc = zlib.crc32(block, crc)
            yield block
        if seen != info.file_size:
            raise Refused("sizes_lie")
        if crc != info.CRC:
            raise Refused("zip_damaged")

    def _stored(self, info):
        start = self.starts[info.orig_filename]
        for at in range(start, start + info.compress_size, CHUNK):
            yield self.data[at : min(at + CHUNK, start + info.compress_size)]

    def _deflated(self, info):
        start = self.starts[info.orig_filename]
        packed = memoryview(self.data)[start : start + info.compress_size]
        engine = zlib.decompressobj(-15)
        try:
            for at in range(0, len(packed), 1 << 16):
                todo = packed[at : at + (1 << 16)]
                while todo and not engine.eof:
                    block = engine.decompress(todo, CHUNK)
                    todo = engine.unconsumed_tail
                    if block:
                        yield block
            while not engine.eof:
                block = engine.decompress(engine.unconsumed_tail, CHUNK)
                if not block:
                    raise Refused("zip_damaged")
                yield block
        except zlib.error:
            raise Refused("zip_damaged") from None

    def read(self, name, most=8 << 20):
        """A small member whole. Raises Refused where it is larger than `most`."""
        blocks, size = [], 0
        for block in self.chunks(name):
            size += len(block)
            if size > most:
                raise Refused("part_bytes")
            blocks.append(block)
        return b"".join(blocks)
