"""A backup: comes back whole, or is refused in a sentence."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.config.starting import Running, accounts, make_account, manage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def backed_up():
    """A running site with an account and a stored file; its backup lies beside its data folder."""
    site = Running(Path(tempfile.mkdtemp(prefix="sg-")) / "var").ready()
    make_account(site, "备份里的人")
    code = "from jobs.files import keep; import io; keep(io.BytesIO('附件'.encode()), '附件.txt')"
    assert manage(site.var, "shell", "-v", "0", "-c", code).returncode == 0
    answer = manage(site.var, "backup", site.var.with_name("backup"))
    assert answer.returncode == 0, answer.stderr
    yield site
    site.sweep()
    shutil.rmtree(site.var.parent)


@pytest.fixture
def backup(backed_up, folder):
    return shutil.copytree(backed_up.var.with_name("backup"), folder / "backup")


def restored(site, folder, *more):
    """Restore into a new data folder that has the old keys."""
    (folder / "new").mkdir(exist_ok=True)
    shutil.copy2(site.var / "keys.env", folder / "new/keys.env")
    return manage(folder / "new", "restore", folder / "backup", *more)


def test_a_backup_comes_back_whole_into_a_new_folder(backed_up, backup, begin, folder):
    answer = manage(folder / "new", "restore", folder / "backup")
    assert answer.returncode == 1 and "keys.env" in answer.stderr and "Traceback" not in answer.stderr
    assert restored(backed_up, folder).returncode == 0
    kept = [p for p in (folder / "new/files").rglob("*") if p.is_file()]
    assert [p.read_text() for p in kept] == ["附件"]
    again = begin("new", DEMO="1").ready()
    assert accounts(again.var) == ["备份里的人"]
    assert not (again.var / "demo-accounts.json").exists()
    assert manage(again.var, "backup", folder / "second").returncode == 0
    again.stop()
    shutil.move(folder / "second", folder / "third")
    assert manage(again.var, "restore", folder / "third", "--yes").returncode == 0


def test_it_holds_no_key_and_is_private(backed_up, backup, folder):
    values = [line.partition("=")[2] for line in (backed_up.var / "keys.env").read_text().splitlines()[1:]]
    for path in backup.rglob("*"):
        assert not path.stat().st_mode & 0o077, path
        assert path.is_dir() or not any(value.encode() in path.read_bytes() for value in values)


def test_it_is_refused_with_other_keys_into_a_full_site_while_it_runs_and_over_an_old_backup(backed_up, backup, folder):
    answer = manage(backed_up.var, "restore", folder / "backup")
    assert answer.returncode != 0 and "--yes" in answer.stderr
    answer = manage(backed_up.var, "restore", folder / "backup", "--yes")
    assert answer.returncode != 0 and "停止" in answer.stderr
    answer = manage(backed_up.var, "backup", folder / "backup")
    assert answer.returncode != 0 and "不是空文件夹" in answer.stderr
    answer = manage(
        folder / "new", "restore", folder / "backup", SECRET_KEY="s" * 50, FIELD_KEYS="QQ" * 22, INDEX_KEY="i" * 44
    )
    assert answer.returncode != 0 and "密钥" in answer.stderr


def test_one_flipped_byte_anywhere_is_refused(backed_up, backup, folder):
    for path in [p for p in backup.rglob("*") if p.is_file()]:
        whole = path.read_bytes()
        path.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
        answer = restored(backed_up, folder)
        assert answer.returncode != 0 and "Traceback" not in answer.stderr, path
        path.write_bytes(whole)
    manifest = json.loads((backup / "manifest.json").read_text())
    assert len(manifest["parts"]) == 2
    assert restored(backed_up, folder).returncode == 0
