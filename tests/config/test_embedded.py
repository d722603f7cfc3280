"""The embedded services: started again whatever happened before, harming no stranger."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded, folders


def count(url):
    with psycopg.connect(url) as link:
        return link.execute("SELECT count(*) FROM kept").fetchone()[0]


@pytest.fixture(scope="module")
def once_made():
    """A data folder with a table of one row, stopped in good order."""
    made = Path(tempfile.mkdtemp(prefix="sg-")) / "var"
    with embedded.services(made, say=lambda _: None) as (database, _), psycopg.connect(database) as link:
        link.execute("CREATE TABLE kept AS SELECT 1 AS n")
    yield made
    shutil.rmtree(made.parent)


@pytest.fixture
def kept(once_made, folder):
    """A copy of it: a folder that was copied while stopped is a folder like any other."""
    subprocess.run(["cp", "-a", f"{once_made}/.", folder], check=True)
    return folder


def hold_in_another_process(folder):
    """Start the services in a process of its own, and wait until they answer."""
    code = "import sys, time; from config import embedded\n"
    code += "with embedded.services(sys.argv[1], say=lambda _: None): print('up', flush=True); time.sleep(600)"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout.readline() == b"up\n"
    return process


def children_of(folder):
    pid = int((folder / "pg/postmaster.pid").read_text().split()[0])
    broker = redis.Redis.from_url(embedded.urls(folder)[1]).info()["process_id"]
    return pid, broker


def test_the_urls_are_known_before_anything_runs_and_touch_nothing(folder):
    database, broker = embedded.urls(folder / "new")
    assert database.startswith("postgresql://shegong@/shegong?host=") and broker.startswith("unix:///")
    assert not (folder / "new").exists()
    assert not embedded.running(folder / "new")


def test_data_and_extensions_are_there_after_a_second_start(kept):
    with embedded.services(kept) as (database, broker):
        assert embedded.running(kept) and embedded.answers(kept)
        assert count(database) == 1
        assert redis.Redis.from_url(broker).ping()
        with psycopg.connect(database) as link:
            assert {"btree_gist", "pg_trgm"} <= {name for (name,) in link.execute("SELECT extname FROM pg_extension")}
    assert not embedded.running(kept)


def test_chinese_words_are_found_by_their_parts_and_sorted_alike_everywhere(kept):
    with embedded.services(kept) as (database, _), psycopg.connect(database) as link:
        assert link.execute("SELECT show_trgm('太和镇') <> '{}'").fetchone()[0]
        assert link.execute("SELECT datlocprovider FROM pg_database WHERE datname = 'shegong'").fetchone()[0] == "b"


def test_only_their_own_user_may_enter_the_folders_and_nobody_listens_on_a_port(kept):
    for name in ("pg", "broker", "run"):
        seen = (kept / name).stat()
        assert stat.S_IMODE(seen.st_mode) == 0o700
        assert seen.st_uid != 0
    with embedded.services(kept) as (database, broker), psycopg.connect(database) as link:
        assert link.execute("SHOW listen_addresses").fetchone()[0] == ""
        assert redis.Redis.from_url(broker).config_get("port")["port"] == "0"
        assert link.execute("SHOW fsync").fetchone()[0] == "on"


def test_a_failed_statement_does_not_bring_its_values_into_the_log(kept):
    with embedded.services(kept) as (database, _), psycopg.connect(database) as link:
        with pytest.raises(psycopg.Error):
            link.execute("SELECT '420702199001011234'::int")
        link.rollback()
        link.execute("CREATE TEMP TABLE p (number text UNIQUE)")
        link.execute("INSERT INTO p VALUES ('张三')")
        with pytest.raises(psycopg.Error):
            link.execute("INSERT INTO p VALUES ('张三')")
    assert "张三" not in (kept / "log/postgres.log").read_text()


def test_killing_the_starter_leaves_nothing_and_the_next_start_keeps_the_data(kept):
    process = hold_in_another_process(kept)
    children = children_of(kept)
    process.kill()
    process.wait()
    with embedded.services(kept) as (database, _):  # waits until the old ones are gone
        assert not any(folders.command_of(pid) for pid in children)
        assert count(database) == 1


def test_killing_everything_keeps_the_data(kept):
    process = hold_in_another_process(kept)
    for pid in (process.pid, *children_of(kept)):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    with embedded.services(kept) as (database, _):
        assert count(database) == 1


def test_a_pid_that_now_belongs_to_a_stranger_is_no_running_database(kept):
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        (kept / "pg/postmaster.pid").write_text(f"{stranger.pid}\n{kept}/pg\n")
        assert not embedded.running(kept)
        with embedded.services(kept) as (database, _):
            assert count(database) == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_that_was_cut_short_is_made_anew(kept):
    (kept / "pg").rename(kept / "pg.new")
    (kept / "pg.new" / "PG_VERSION").unlink()
    with embedded.services(kept) as (database, _), psycopg.connect(database) as link:
        assert link.execute("SELECT to_regclass('kept')").fetchone()[0] is None


def test_a_second_start_on_the_same_folder_names_the_first(kept):
    process = hold_in_another_process(kept)
    try:
        with pytest.raises(embedded.AlreadyRunning, match=str(process.pid)), embedded.services(kept):
            pass
        assert count(embedded.urls(kept)[0]) == 1
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", ["x" * 110, "数据 夹,\"a%'"])
def test_a_folder_whose_name_no_socket_can_carry_works_too(folder, name):
    with embedded.services(folder / name, test=True) as (database, broker):
        with psycopg.connect(database) as link:
            assert link.execute("SELECT 1").fetchone()
        assert redis.Redis.from_url(broker).ping()
    shutil.rmtree(embedded.socket_dir(folder / name))


def test_a_socket_folder_of_somebody_else_is_refused(folder):
    (folder / "var").mkdir()
    (folder / "var/run").symlink_to("/tmp")
    with pytest.raises(embedded.Refused, match="run"), embedded.services(folder / "var", test=True):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the services as another user")
def test_root_opens_a_folder_on_the_way_to_pass_through_only_and_says_so(folder):
    said = []
    folder.chmod(0o700)
    with embedded.services(folder, test=True, say=said.append):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o701
    assert len(said) == 1 and str(folder) in said[0] and "o+x" in said[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder to another user")
@pytest.mark.parametrize(("owner", "runs_as"), [("daemon", "daemon"), (65533, "nobody")])
def test_root_runs_them_as_the_owner_of_the_folder_where_that_is_a_known_user(folder, owner, runs_as):
    shutil.chown(folder, owner)
    with embedded.services(folder, test=True):
        assert (folder / "pg").owner() == runs_as


@pytest.mark.slow
def test_every_acknowledged_write_is_there_after_twenty_kills(kept):
    """A ledger outside the system: a number goes in only after the server said that its row is committed."""
    acknowledged, writer = [], "import sys, psycopg\nlink = psycopg.connect(sys.argv[1], autocommit=True)\n"
    writer += "link.execute('CREATE TABLE IF NOT EXISTS ledger (n int)')\n"
    writer += "for n in range(int(sys.argv[2]), 10**9):\n"
    writer += "    link.execute('INSERT INTO ledger VALUES (%s)', [n]); print(n, flush=True)"
    for round_ in range(20):
        process = hold_in_another_process(kept)
        client = subprocess.Popen(
            [sys.executable, "-c", writer, embedded.urls(kept)[0], str(round_ * 10**6)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        acknowledged += [int(client.stdout.readline()) for _ in range(50 + 13 * round_)]
        for pid in (process.pid, *children_of(kept)):
            os.kill(pid, signal.SIGKILL)
        acknowledged += [int(line) for line in client.stdout.read().split()]
        client.wait(), process.wait()
    with embedded.services(kept) as (database, _), psycopg.connect(database) as link:
        there = [n for (n,) in link.execute("SELECT n FROM ledger")]
    lost, doubled = set(acknowledged) - set(there), len(there) - len(set(there))
    print(f"acked={len(acknowledged)} lost={len(lost)} doubled={doubled} failed starts=0")
    assert not lost and not doubled
