"""What `make run` says, in one sentence and without a traceback, where it cannot start; nothing is started then."""

import os
import socket
import subprocess

import pytest

from tests.config.starting import manage


def refused(site, *words):
    """The site ends by itself, unsuccessfully, and its words hold `words`."""
    code = site.process.wait(60)
    said = site.said()
    assert code != 0 and "Traceback" not in said
    assert all(str(word) in said for word in words), said
    return said


def test_a_port_in_use_is_named_and_nothing_is_started(begin, folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused(begin(port=port), port)
    assert not (folder / "var").exists()


@pytest.mark.parametrize("port", ["0", "65536", "acht"])
def test_a_port_that_is_none_is_refused(begin, port):
    refused(begin(PORT=port), f"PORT={port}")


@pytest.mark.parametrize("place", ["file/var", "/proc/shegong", "/sys/shegong"])
def test_a_folder_that_cannot_be_written_is_named(begin, folder, place):
    (folder / "file").write_text("in the way")
    refused(begin(VAR_DIR=str(folder / place)), folder / place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_a_read_only_folder_is_named(begin, folder):
    (folder / "var").mkdir(mode=0o500)
    refused(begin(), folder / "var")


@pytest.fixture
def small_disk(folder):
    """A file system of 30 MB at `folder/disk`."""
    (folder / "disk").mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", folder / "disk"], capture_output=True)
    if mounted.returncode:
        pytest.skip("file systems cannot be mounted here")
    yield folder / "disk"
    subprocess.run(["umount", "-l", folder / "disk"], check=True)


def test_a_full_disk_is_named_before_anything_is_written(begin, small_disk):
    refused(begin(VAR_DIR=str(small_disk / "var")), "MB", small_disk / "var")
    assert not (small_disk / "var/pg").exists()


def test_a_read_only_disk_is_named(begin, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    refused(begin(VAR_DIR=str(small_disk / "var")), small_disk / "var")


def test_data_without_its_keys_is_not_started(begin, folder):
    (folder / "var/pg").mkdir(parents=True)
    refused(begin(), "keys.env")


@pytest.mark.parametrize("command", ["check_tree", "restore", "migrate"])
def test_a_command_without_keys_says_so_and_makes_nothing(folder, command):
    answer = manage(folder / "var", command, *(["nowhere"] if command == "restore" else []))
    assert answer.returncode == 1
    assert "keys.env" in answer.stderr and "Traceback" not in answer.stderr
    assert not (folder / "var").exists()


def test_a_command_where_no_data_is_yet_says_so(folder):
    answer = manage(folder / "var", "check_tree", SECRET_KEY="s" * 50, FIELD_KEYS="f" * 44, INDEX_KEY="i" * 44)
    assert answer.returncode == 1
    assert "make run" in answer.stderr and "Traceback" not in answer.stderr
    assert not (folder / "var").exists()
