"""Stored files: under a random name, readable by the site alone, whole or not there."""

import hashlib
import io
import os
import resource
import stat
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from accounts.errors import DomainError
from jobs.files import keep
from jobs.models import StoredFile


@pytest.fixture
def folder(tmp_path, settings):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


def left(folder):
    return [p for p in Path(folder).rglob("*") if p.is_file()]


@pytest.mark.parametrize("kind", ["upload", "path", "open file"])
def test_a_file_is_kept_byte_for_byte_whatever_it_comes_as(db, folder, tmp_path, kind):
    body = os.urandom(3_000_000)
    (tmp_path / "here.bin").write_bytes(body)
    source = {"upload": SimpleUploadedFile("x", body), "path": tmp_path / "here.bin", "open file": io.BytesIO(body)}[
        kind
    ]
    kept = keep(source, "名册.xlsx", content_type="text/plain")
    assert kept.path.read_bytes() == body
    assert (kept.size, kept.sha256, kept.name) == (len(body), hashlib.sha256(body).hexdigest(), "名册.xlsx")
    assert left(folder) == [kept.path]


def test_nobody_else_on_the_machine_may_read_it(db, folder):
    old = os.umask(0)
    try:
        kept = keep(io.BytesIO(b"x"), "a")
    finally:
        os.umask(old)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(p.stat().st_mode) for p in (kept.path.parent, folder)} == {0o700}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\名册.xls", "名册.xls"), ("", "file"), ("a\0b", "ab"), ("..", "file"),
        ("/", "file"), ("长" * 500, "长" * 200), (".htaccess", ".htaccess"),
    ],
)  # fmt: skip
def test_the_name_it_came_with_is_only_for_showing(db, folder, name, shown):
    kept = keep(io.BytesIO(b"x"), name)
    assert kept.name == shown
    assert kept.path == folder / kept.id.hex[:2] / kept.id.hex


def test_two_files_of_one_name_are_two_files(db, folder):
    one, two = keep(io.BytesIO(b"1"), "a.xlsx"), keep(io.BytesIO(b"2"), "a.xlsx")
    assert (one.path.read_bytes(), two.path.read_bytes()) == (b"1", b"2")


def test_a_disk_that_takes_no_more_leaves_neither_row_nor_part(db, folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(DomainError) as refused:
            keep(io.BytesIO(b"x" * (2 << 20)), "big")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (refused.value.status, refused.value.code) == (507, "storage_full")
    assert not StoredFile.objects.exists()
    assert left(folder) == []


def test_a_folder_that_cannot_be_written_is_said(db, folder):
    folder.write_text("a file where the folder should be")
    with pytest.raises(DomainError) as refused:
        keep(io.BytesIO(b"x"), "a")
    assert (refused.value.status, refused.value.code) == (507, "storage_failed")


def test_a_row_that_cannot_be_written_takes_its_file_along(db, folder):
    with pytest.raises(DatabaseError), transaction.atomic():
        with connection.cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute("SELECT 1/0")
        keep(io.BytesIO(b"x"), "a")
    assert left(folder) == []


def test_a_sender_who_breaks_off_leaves_no_part(db, folder):
    class Broken(io.BytesIO):
        def read(self, n=-1):
            if self.tell():
                raise ConnectionResetError
            return super().read(10)

    with pytest.raises(DomainError):
        keep(Broken(b"x" * 100), "a")
    assert left(folder) == [] and not StoredFile.objects.exists()
