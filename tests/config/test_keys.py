"""The key file: made once, private, never made anew where data waits for the old keys."""

import stat

import pytest

from config import embedded, keys, run


def test_the_key_file_is_private_random_and_never_overwritten(folder):
    keys.write_keys(folder / "keys.env")
    first = (folder / "keys.env").read_text()
    assert stat.S_IMODE((folder / "keys.env").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        keys.write_keys(folder / "keys.env")
    assert (folder / "keys.env").read_text() == first
    assert [p.name for p in folder.iterdir()] == ["keys.env"]
    one, two = keys.fresh_keys(), keys.fresh_keys()
    assert len({*one.values(), *two.values()}) == 6


def test_new_keys_are_not_made_for_old_data(folder, monkeypatch):
    for name in keys.NAMES:
        monkeypatch.delenv(name, raising=False)
    (folder / "pg").mkdir()
    with pytest.raises(embedded.Refused, match=r"keys\.env"):
        run.need_keys(folder)
    assert not (folder / "keys.env").exists()


def test_a_fingerprint_tells_keys_apart_and_does_not_hold_them():
    assert keys.fingerprint("a" * 40) == keys.fingerprint("a" * 40) != keys.fingerprint("b" * 40)
    assert len(keys.fingerprint("a" * 40)) == 16
