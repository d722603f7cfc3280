"""The change log: no write escapes it, it says what changed and hides what is secret, and nobody alters it unseen."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.changes import change, seal_events, verify_seals
from accounts.models import ApiKey, Change, Event, OneTimeCode, Seal, User
from stations.models import Agency, CoverageUnit, Station
from stations.planting import copy_rows

# Tables that are no facts of the domain, each with the reason why the log does not follow it.
NOT_FOLLOWED = {
    "accounts_event": "the log itself, guarded as append-only",
    "accounts_change": "the log itself, guarded as append-only",
    "accounts_seal": "the log itself, guarded as append-only",
    "jobs_job": "a job tells its own story; what it does to the domain runs under events",
    "jobs_storedfile": "written once with its checksum, never changed",
    "jobs_heartbeat": "a clock",
    "surfaces_clientref": "written once, beside the object that it made",
    "surfaces_draft": "what somebody is still typing; nothing of it is a fact yet",
    "exchange_import": "the story of an upload; what it did to the domain stands under its event",
    "exchange_importrow": "the office's rows as they were read, kept with their import",
    "exchange_headermapping": "a memory of how an office names its columns",
    "casework_casenumber": "a counter of numbers given out; the numbers stand in the cases",
    "stations_stationnumber": "a counter of codes given out; the codes stand in the stations",
}
NOT_FOLLOWED_ROOMS = {"metrics": "derived from what is followed; a roll-up makes it again"}


def followed():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'record_update'")
        return {row[0] for row in cursor.fetchall()}


def own_models():
    rooms = [config for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    return [m for room in rooms for m in room.get_models(include_auto_created=True)]


def refused(write):
    """Does the database refuse this write as one without an event?"""
    try:
        with transaction.atomic():
            write()
    except DatabaseError as e:
        return "no change event is open" in str(e) or "guard_" in str(e)
    return False


# ── every write ──────────────────────────────────────────────────────────────────────────────────
def test_every_table_of_the_domain_is_followed_or_says_why_not(db):
    tables = {m._meta.db_table: m._meta.app_label for m in own_models()}
    have = followed()
    missing = {
        t for t, room in tables.items() if t not in have | NOT_FOLLOWED.keys() and room not in NOT_FOLLOWED_ROOMS
    }
    assert not missing, f"neither followed by the change log nor in NOT_FOLLOWED with a reason: {sorted(missing)}"
    assert not have & NOT_FOLLOWED.keys(), "followed after all: take it off the list"
    assert not NOT_FOLLOWED.keys() - tables.keys(), "gone: take it off the list"


def test_every_followed_table_refuses_insert_update_delete_and_truncate_without_an_event(world):
    for table in sorted(followed()):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' AND is_generated = 'NEVER'"
            )
            columns = ", ".join(f'"{row[0]}"' for row in cursor.fetchall())
            for statement in (
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE false",
                f"DELETE FROM {table} WHERE false",
            ):
                assert refused(lambda s=statement, c=cursor: c.execute(s)), statement
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER no_truncate")
            with pytest.raises(DatabaseError, match="would leave no trace"), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")


WAYS = {
    "create": lambda w: Agency.objects.create(name="新", division=w.home),
    "bulk_create": lambda w: Agency.objects.bulk_create([Agency(name="新", division=w.home)]),
    "save": lambda w: w.agencies["益民社会工作服务中心"].save(),
    "update": lambda w: Agency.objects.update(name="同"),
    "bulk_update": lambda w: Agency.objects.bulk_update([Agency(pk=a.pk, name=f"改{a.pk}") for a in w.agencies.values()], ["name"]),
    "get_or_create": lambda w: Agency.objects.get_or_create(name="无"),
    "delete": lambda w: CoverageUnit.objects.all().delete(),
    "copy": lambda w: copy_rows(Agency, ["name", "division_id"], [("抄", w.home.pk)]),
    "save of a form's columns": lambda w: Station.objects.filter(pk=w.station("太和镇").pk).first().save(),
    "update of the station's status": lambda w: Station.objects.update(status="closed"),
    "raw upsert": lambda w: connection.cursor().execute(
        "INSERT INTO stations_agency (name) VALUES ('x') ON CONFLICT DO NOTHING"
    ),
    "user": lambda w: User.objects.filter(username="worker").update(is_superuser=True),
}  # fmt: skip


@pytest.mark.parametrize("way", [w for w in WAYS if w not in ("save", "save of a form's columns")])
def test_no_way_of_writing_escapes(world, way):
    before = Change.objects.count()
    assert refused(lambda: WAYS[way](world))
    with change(world.users["official"], "test.written"):
        WAYS[way](world)
    assert Change.objects.count() > before or way == "update of the station's status"


@pytest.mark.parametrize("way", ["save", "save of a form's columns"])
def test_saving_what_is_there_already_is_no_change(world, way):
    before = Change.objects.count()
    WAYS[way](world)
    with change(None, "test.saved"):
        WAYS[way](world)
    assert Change.objects.count() == before


def test_after_an_event_the_door_is_shut_again_even_after_an_error(world):
    with change(None, "test.first"):
        Agency.objects.create(name="一")
    assert refused(lambda: Agency.objects.create(name="二"))
    with pytest.raises(RuntimeError), change(None, "test.second"):
        raise RuntimeError
    assert refused(lambda: Agency.objects.create(name="三"))


def test_an_event_inside_another_gives_it_back(world):
    with change(None, "outer") as outer:
        with change(None, "inner") as inner:
            one = Agency.objects.create(name="内")
        with pytest.raises(RuntimeError), change(None, "failed"):
            raise RuntimeError
        two = Agency.objects.create(name="外")
    rows = Change.objects.filter(table="stations_agency")
    assert [rows.get(row_id=a.pk).event_id for a in (one, two)] == [inner.pk, outer.pk]
    assert not Event.objects.filter(verb="failed").exists()


# ── what it says ─────────────────────────────────────────────────────────────────────────────────
def test_an_update_records_the_changed_columns_alone(world):
    station = world.fresh("太和镇")
    station.address, station.phone = "新址", station.phone
    with change(world.users["official"], "station.changed", station, reason="搬家") as event:
        station.save()
    row = event.changes.get()
    assert (row.table, row.row_id) == ("stations_station", station.pk)
    assert (row.before, row.after) == ({"address": "HOME-address"}, {"address": "新址"})
    assert (event.user.username, event.kind, event.object_id, event.label, event.reason) == (
        "official", "stations.station", str(station.pk), station.name, "搬家",
    )  # fmt: skip


def test_a_new_row_is_recorded_whole_and_a_deleted_one_too(world):
    with change(None, "test") as event:
        agency = Agency.objects.create(name="来去", division=world.home)
        pk = agency.pk
        agency.delete()
    made, gone = event.changes.order_by("pk")
    whole = {"id": pk, "name": "来去", "credit_code": None, "division_id": world.home.pk}
    assert (made.before, made.after) == (None, whole)
    assert (gone.before, gone.after) == (whole, None)


def test_ten_thousand_rows_are_one_statement_and_ten_thousand_entries(world):
    with change(None, "test") as event:
        copy_rows(Agency, ["name"], ((f"机构{i}",) for i in range(10_000)))
    assert event.changes.count() == 10_000


def test_today_s_picture_of_the_tree_is_not_recorded_but_its_dated_rows_are(world):
    from stations.actions import move_station

    moved = move_station(world.users["city_official"], world.fresh("东沟镇"), parent=world.fresh("华容区"))
    tables = set(Change.objects.filter(event__verb="station.moved").values_list("table", flat=True))
    assert tables == {"stations_stationparent"}
    assert moved.parent.name.startswith("华容区")


def test_secrets_stand_there_as_digests(world):
    user = world.users["worker"]
    with change(None, "test") as event:
        user.set_password("a very secret password")
        user.save()
        key = ApiKey.objects.create(user=user, name="k", prefix="sg_x", digest="f" * 64)
        code = OneTimeCode.objects.create(user=user, digest="e" * 64, expires_at=user.created_at)
    after = {c.table: c.after for c in event.changes.all()}
    assert after["accounts_user"]["password"].startswith("digest:") and len(after["accounts_user"]["password"]) == 23
    assert key.digest not in str(after) and code.digest not in str(after) and user.password not in str(after)


def test_who_and_by_which_way_is_recorded(world):
    world.browser("worker").post("/account/language/", {"language": "en"})
    event = Event.objects.latest("pk")
    assert (event.user.username, event.via, event.verb) == ("worker", "web", "account.changed")
    code = world.station("太和镇").code
    program = world.program("official")
    tag = program.get(f"/api/v1/stations/{code}/")["ETag"]
    answer = program.patch(
        f"/api/v1/stations/{code}/", {"address": "经键"}, content_type="application/json", headers={"If-Match": tag}
    )
    assert answer.status_code == 200
    event = Event.objects.latest("pk")
    assert (event.user.username, event.via, event.verb) == ("official", "key", "station.changed")


def test_a_refused_form_of_the_admin_leaves_no_event(world):
    admin, before = world.browser("superuser"), Event.objects.count()
    page = f"/admin/accounts/user/{world.users['worker'].pk}/change/"
    assert admin.post(page, {"username": ""}).status_code == 200
    assert Event.objects.count() == before
    form = {"username": "worker", "display_name": "改名", "language": "en", "is_active": "on"}
    assert admin.post(page, form).status_code == 302
    event = Event.objects.latest("pk")
    assert (event.verb, event.changes.get().after) == ("user.changed", {"display_name": "改名", "language": "en"})


def test_an_unknown_action_of_the_admin_names_no_verb(world):
    admin = world.browser("superuser")
    for action in ("x" * 500, "a\0b", "delete_selected"):
        answer = admin.post("/admin/accounts/user/", {"action": action, "_selected_action": ["1"]})
        assert answer.status_code < 500
    assert not Event.objects.filter(verb__contains="xxx").exists()
    assert User.objects.filter(username="worker").exists()


# ── that it stands ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_event SET verb = 'x'",
        "UPDATE accounts_event SET seal_id = 1, verb = 'x'",
        "DELETE FROM accounts_event",
        "UPDATE accounts_change SET after = '{}'",
        "DELETE FROM accounts_change",
        "UPDATE accounts_seal SET hash = 'x'",
        "DELETE FROM accounts_seal",
    ],
)
def test_the_log_takes_no_change_and_no_deletion(world, statement):
    Seal.objects.create(events=0, previous="0", hash="0")
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def write_agencies(n):
    for i in range(n):
        with change(None, "test.written", reason=f"第{i}次"):
            Agency.objects.create(name=f"甲{i}")


def test_nothing_is_sealed_while_an_older_transaction_may_still_write(transactional_db):
    write_agencies(3)
    begun, go = threading.Event(), threading.Event()

    def slow():
        with change(None, "test.slow"):
            Agency.objects.create(name="慢")
            begun.set()
            go.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    write_agencies(2)  # later ids, committed earlier
    assert seal_events() == 3
    go.set()
    thread.join()
    assert seal_events() == 3
    assert verify_seals()[:3] == (2, 0, None)


def test_sealing_while_many_write_loses_and_doubles_nothing(transactional_db):
    done = threading.Event()

    def writer(n):
        write_agencies_of(n)
        connection.close()

    def write_agencies_of(n):
        for i in range(25):
            with change(None, "test.written"):
                Agency.objects.bulk_create([Agency(name=f"{n}-{i}-{k}") for k in range(3)])

    def sealer():
        sealed = 0
        while not done.is_set():
            sealed += seal_events()
        connection.close()
        return sealed

    with ThreadPoolExecutor(10) as pool:
        sealers = [pool.submit(sealer) for _ in range(2)]
        list(pool.map(writer, range(6)))
        done.set()
        sealed = sum(s.result() for s in sealers)
    sealed += seal_events()
    assert sealed == Event.objects.count() == 150
    links, tail, broken, _head = verify_seals()
    assert (tail, broken) == (0, None) and links == Seal.objects.count() > 1
    assert sum(Seal.objects.values_list("events", flat=True)) == 150


TAMPERING = {
    "a word changed": "UPDATE accounts_event SET reason = 'nie' WHERE id = (SELECT max(id) FROM accounts_event WHERE seal_id = {2})",
    "text moved to the next column": "UPDATE accounts_event SET label = label || '|' || reason, reason = '' WHERE seal_id = {2}",
    "the time changed": "UPDATE accounts_event SET at = at - interval '1 second' WHERE seal_id = {2}",
    "another person named": "UPDATE accounts_event SET user_id = 1 WHERE seal_id = {2}",
    "what was changed, changed": "UPDATE accounts_change SET after = '{{}}' WHERE event_id IN (SELECT id FROM accounts_event WHERE seal_id = {2})",
    "an entry removed": "DELETE FROM accounts_change WHERE id = (SELECT max(c.id) FROM accounts_change c JOIN accounts_event e ON e.id = c.event_id WHERE e.seal_id = {2})",
    "an entry slipped in": "INSERT INTO accounts_change (event_id, \"table\", row_id) SELECT max(id), 'x', 1 FROM accounts_event WHERE seal_id = {2}",
    "an event removed": "DELETE FROM accounts_event WHERE id = (SELECT max(id) FROM accounts_event WHERE seal_id = {2})",
    "a link's hash changed": "UPDATE accounts_seal SET hash = repeat('0', 64) WHERE id = {2}",
    "a link emptied": "DELETE FROM accounts_event WHERE seal_id = {2}",
    "the last link cut off, its events left": "DELETE FROM accounts_seal WHERE id = {3}",
}  # fmt: skip


@pytest.fixture
def three_links(transactional_db):
    """Ids of three links of three events each, and the guards off."""
    for _ in range(3):
        write_agencies(3)
        seal_events()
    with connection.cursor() as cursor:
        for table in ("accounts_event", "accounts_change", "accounts_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        yield [None, *Seal.objects.order_by("pk").values_list("pk", flat=True)]
        for table in ("accounts_event", "accounts_change", "accounts_seal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")


def test_verify_audit_names_the_first_broken_link_of_every_forgery(three_links):
    unseen = {}
    for what, statement in TAMPERING.items():
        at = three_links[3 if "last link" in what else 2]
        with transaction.atomic(), connection.cursor() as cursor:
            for column in ("seal_id", "user_id"):
                cursor.execute("ALTER TABLE accounts_event DROP CONSTRAINT " + foreign_key(cursor, column))
            cursor.execute(statement.format(*three_links))
            if verify_seals()[2] != at:
                unseen[what] = verify_seals()
            transaction.set_rollback(True)
    assert not unseen
    assert verify_seals()[2] is None


def test_verify_audit_ends_with_1_and_names_the_link(three_links):
    call_command("verify_audit")
    with connection.cursor() as cursor:
        cursor.execute(TAMPERING["a word changed"].format(*three_links))
    with pytest.raises(CommandError, match=str(three_links[2])):
        call_command("verify_audit")


def foreign_key(cursor, column):
    cursor.execute(
        "SELECT conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) "
        "WHERE conrelid = 'accounts_event'::regclass AND contype = 'f' AND attname = %s",
        [column],
    )
    return cursor.fetchone()[0]


def test_whoever_noted_the_last_hash_sees_a_cut_tail(three_links):
    """The one forgery that the chain alone cannot show: its end removed with everything in it."""
    noted = verify_seals()[3]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_change WHERE event_id IN (SELECT id FROM accounts_event WHERE seal_id = %s)",
            [three_links[3]],
        )
        cursor.execute("DELETE FROM accounts_event WHERE seal_id = %s", [three_links[3]])
        cursor.execute("DELETE FROM accounts_seal WHERE id = %s", [three_links[3]])
        assert verify_seals()[2] is None and verify_seals()[3] != noted
        transaction.set_rollback(True)


def test_events_restored_from_another_server_are_sealed_as_well(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        there = cursor.fetchone()[0] + 1_000_000
    Event.objects.create(via="command", verb="test.restored", transaction_id=there)
    assert seal_events() == 1
    assert verify_seals()[:3] == (1, 0, None)


def test_what_the_database_refuses_in_a_copy_is_an_error_of_django_s(world):
    with pytest.raises(IntegrityError), change(None, "test"):
        copy_rows(Agency, ["name", "division_id"], [("益民社会工作服务中心", world.home.pk)])
