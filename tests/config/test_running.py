"""`make run`'s program as an operator knows it: ready, watched, stopped, killed, started again, backed up and restored."""

import os
import signal
import stat

import pytest

from tests.config.starting import accounts, make_account, until

pytestmark = pytest.mark.slow


def pids(site, word):
    return {pid for pid, line in site.pids().items() if word in line}


def test_it_is_ready_says_where_and_stops_without_a_trace(begin):
    site = begin().ready()
    assert f"Ready: http://127.0.0.1:{site.port}" in site.said()
    assert site.get("/healthz") == (200, {"status": "ok"})
    status, body = site.get("/readyz")
    assert status == 200 and set(body["parts"]) == {"database", "broker", "migrations", "worker"}
    assert stat.S_IMODE((site.var / "keys.env").stat().st_mode) == 0o600
    assert pids(site, "gunicorn") and pids(site, "beat") and pids(site, "worker") and pids(site, "postgres")
    assert site.stop() == 0
    assert until(5, lambda: not site.pids()), site.pids()


def test_a_second_start_on_the_same_folder_says_where_the_first_runs(begin):
    first = begin().ready()
    second = begin()
    assert second.process.wait(30) != 0
    assert f"http://127.0.0.1:{first.port}" in second.said() and "Traceback" not in second.said()
    assert first.get("/readyz")[0] == 200
    second.pids = dict  # they are the first one's


def test_two_copies_run_side_by_side_with_keys_of_their_own(begin):
    one, two = begin("one"), begin("two")
    one.ready(), two.ready()
    assert one.get("/readyz")[0] == two.get("/readyz")[0] == 200
    assert (one.var / "keys.env").read_text() != (two.var / "keys.env").read_text()
    one.stop()
    assert until(5, lambda: not one.pids())
    assert two.get("/readyz")[0] == 200


@pytest.mark.parametrize("whom", ["the starter", "everything"])
def test_a_start_after_kill_9_keeps_the_data(begin, whom):
    site = begin().ready()
    make_account(site, "留下的人")
    keys = (site.var / "keys.env").read_text()
    victims = [site.process.pid] if whom == "the starter" else [site.process.pid, *site.pids()]
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    again = begin(port=site.port).ready()  # at once: it waits for what is left of the first
    assert accounts(again.var) == ["留下的人"]
    assert (again.var / "keys.env").read_text() == keys


def test_nothing_outlives_a_starter_that_was_killed(begin):
    site = begin().ready()
    os.kill(site.process.pid, signal.SIGKILL)
    site.process.wait()
    assert until(20, lambda: not site.pids()), site.pids()


@pytest.mark.parametrize("name", ["web", "worker", "beat", "postgres", "broker"])
def test_a_killed_child_is_started_again_and_the_site_answers(begin, name):
    site = begin().ready()
    word = {"web": "gunicorn", "worker": "celery -A config worker", "beat": "config beat", "broker": "valkey"}.get(
        name, "postgres -D"
    )
    before = pids(site, word)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert until(30, lambda: pids(site, word) - before), site.said()
    assert until(30, lambda: site.get("/readyz")[0] == 200), (site.get("/readyz"), site.said())
    assert name in site.said() and site.process.poll() is None


def test_a_child_that_dies_again_and_again_ends_the_site_with_a_reason(begin):
    site = begin().ready()

    def kill_beat():
        for pid in pids(site, "config beat"):
            os.kill(pid, signal.SIGKILL)
        return site.process.poll() is not None

    assert until(60, kill_beat) and site.process.returncode != 0
    assert "beat" in site.said() and "Traceback" not in site.said()
    assert until(20, lambda: not site.pids())


def test_a_closed_terminal_stops_the_site(begin):
    site = begin().ready()
    site.stop(signal.SIGHUP)
    assert until(5, lambda: not site.pids())


def test_the_embedded_services_come_for_a_command_and_go_with_it(begin):
    site = begin().ready()
    make_account(site, "甲")
    site.stop()
    assert accounts(site.var) == ["甲"]
    assert not site.pids()
