"""The canary: one invented person with unmistakable words, taken through the whole site, found in clear nowhere but before who has the case in full.

Every place is proved to be really searched: what must stand there is looked for as well.
"""

import base64
import html
import io
import json
import logging
import re
import uuid
import zipfile
from urllib.parse import quote

import pytest
import redis
from celery.app.task import Task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from stdnum.cn import ric

from accounts.models import Event
from casework import actions, showing
from casework.models import BreakGlass, Client, Record
from jobs.models import Job
from surfaces.logs import JSONLines, Lines
from surfaces.models import Draft
from tests.casework.caseload import Caseload, ago
from tests.contracts.table import CASEWORK
from tests.factories import World
from workforce.models import Worker

_BODY = "42079919371113731"
NUMBER = _BODY + ric.calc_check_digit(_BODY + "0")
CANARY = {
    "name": "闾丘鹮雀", "id_number": NUMBER, "phone": "13977531086", "address": "鹣鲽胡同907号", "birth_date": "1937-11-13",
    "story": "鹈鹕衔走了药盒", "kin": "澹台鸂鶒", "kin_phone": "13977531097", "note": "鸬鹚衔回来了",
}  # fmt: skip
ALWAYS_SHUT = {k: CANARY[k] for k in ("id_number", "phone", "kin_phone")}  # opened with a purpose alone
HOLDERS = ("worker", "manager", "supervisor")
OTHERS = ("official", "viewer", "superuser", "expired", "sibling_manager", "twin_supervisor")
CONTROL = "对照词鸳鸯"  # stands where a canary must not, to prove that the place is searched


def ways(word):
    """A word as it may be written: plain, in an address, escaped in JSON and HTML, in base64 at each of its three offsets."""
    raw = word.encode()
    yield raw
    yield quote(word).encode()
    yield quote(word).lower().encode()
    yield ascii(word)[1:-1].encode()
    yield ascii(word)[1:-1].upper().replace("\\U", "\\u").encode()
    yield html.escape(word).encode()
    yield "".join(f"&#{ord(c)};" for c in word).encode()
    for offset in range(3):
        packed = base64.b64encode(b"\0" * offset + raw)
        yield packed[(4 if offset else 0) : -4]


def canaries_in(data, words=None):
    """The names of the canaries that stand in `data` (bytes or str) in clear, however written."""
    data = data.encode(errors="surrogatepass") if isinstance(data, str) else data
    return {n for n, word in (words or CANARY).items() if any(way in data for way in ways(word))}


def unpacked(response):
    """Every byte of an answer's body; of a workbook what lies packed in it."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as box:
            return b"\n".join(box.read(name) for name in box.namelist())
    return body


# ── Her life on the site ─────────────────────────────────────────────────────────────────────────
class Life:
    """The canary's file and case in the small world, made through pages and the API as people make them."""

    def __init__(self, world):
        self.world, self.load = world, Caseload(world)
        self.worker = world.browser("worker")
        self.file()
        self.open()
        self.papers()

    def form(self, **more):
        return {
            "client_ref": str(uuid.uuid4()), "station": self.world.station("太和镇").code, "confirmed": "id_number:unknown_region",
            "name": CANARY["name"], "id_type": "resident_id", "id_number": CANARY["id_number"], "phone": CANARY["phone"],
            "residence_division": "太和镇谢埠村", "address": CANARY["address"], "categories": ["lone_elder"],
            "emergency_contact_name": CANARY["kin"], "emergency_contact_relation": "女儿", "emergency_contact_phone": CANARY["kin_phone"],
            **more,
        }  # fmt: skip

    def file(self):
        self.draft("/clients/new/", self.form())
        answer = self.worker.post("/clients/new/", self.form())
        assert answer.status_code == 302, answer.content.decode()
        self.client = Client.objects.get()
        self.draft(
            f"/clients/{self.client.public_id}/edit/", self.form(id_number="", phone="", emergency_contact_phone="")
        )
        self.worker.post(f"/clients/{self.client.public_id}/household/", {"since": ago(30), "note": CANARY["note"]})
        self.household = self.client.memberships.get().household

    def draft(self, address, typed):
        self.worker.post("/drafts/", {"_address": address, **typed, "client_ref": ""})

    def open(self):
        url = f"/cases/new/?client={self.client.public_id}"
        sent = {
            "client_ref": str(uuid.uuid4()),
            "station": self.world.station("太和镇").code,
            "opened_on": ago(60),
            "domain": "elder",
        }
        assert self.worker.post(url, sent).status_code == 302
        self.case = self.client.cases.get()

    def papers(self):
        load, case, story = self.load, self.case, CANARY["story"]
        self.intake = load.intake(case, presenting_problem=story)
        case = load.advance(case, "assessment")
        load.assess(case, personal=story, needs=[{"rank": 1, "domain": "care", "text": story}])
        case = load.advance(case, "planning")
        goal = {"text": story, "indicator": "餐数", "baseline": "0", "target": "2", "due_on": ago(-60)}
        plan = load.write(case, "plans", {
            "planned_on": ago(56), "goals": [goal], "review_on": ago(-30),
            "agreement": {"signed_on": ago(56), "method": "signature", "by": "self"},
        })  # fmt: skip
        load.approve(plan, text=story)
        case = load.advance(case, "intervention")
        body = {
            "happened_on": ago(40),
            "minutes": 30,
            "way": "home_visit",
            "facts": story,
            "client_ref": str(uuid.uuid4()),
        }
        answer = self.worker.post(f"/api/v1/cases/{case.number}/contacts/", body, content_type="application/json")
        assert answer.status_code == 201, answer.content
        self.worker.post(
            f"/cases/{case.number}/suspend/", {"on": ago(3), "reason": "hospital", "note": story, "review_on": ago(-9)}
        )
        self.draft(f"/cases/{case.number}/log/", {"facts": story})
        self.case = case

    def things(self):
        """What the addresses of casework name."""
        return {
            "case": self.case.number, "client": self.client.public_id, "household": self.household.public_id,
            "intake": self.intake.public_id, "category": self.client.category_rows.get().pk,
            "member": self.household.members.get().pk, "case_worker": Worker.objects.get(user=self.world.users["worker"]).public_id,
            "approved": Record.objects.get(kind="plans").public_id, "approved_kind": "plans", "paper_form": "evaluation",
        }  # fmt: skip

    def addresses(self):
        """Every address of the room that shows something, filled in with her things."""
        found = self.things()
        return [
            line.path.format(**{name: found.get(thing, "x") for name, thing in line.at.items()})
            for line in CASEWORK if 405 not in line.ok
        ]  # fmt: skip


@pytest.fixture(scope="module")
def db(django_db_setup, django_db_blocker):
    """The database in one transaction for the whole file: she lives once."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def life(db):
    with override_settings(API_REQUESTS_A_MINUTE=10**6, API_EXPORTS_A_MINUTE=10**6):
        yield Life(World())


@pytest.fixture
def world(life):
    return life.world


# ── Who is shown what ────────────────────────────────────────────────────────────────────────────
def faults_of(response, who, url):
    """What no answer may hold, whoever gets it: a canary in an address, a header or a title."""
    found = []
    if canaries_in(str(response.headers)):
        found.append(f"{who}: {url}: in a header")
    body = unpacked(response).decode(errors="replace")
    for title in re.findall(r"<title>.*?</title>", body, re.S):
        if canaries_in(title):
            found.append(f"{who}: {url}: in the title")
    for address in re.findall(r'(?:href|action|src|hx-[a-z-]+)="([^"]*)"', body):
        if canaries_in(address):
            found.append(f"{who}: {url}: in the address {address}")
    return found


def test_pages_and_session_api_show_her_to_those_who_have_her_in_full_and_to_nobody_else(world, life):
    faults, shown = [], dict.fromkeys(HOLDERS, frozenset())
    for who in (*HOLDERS, *OTHERS):
        browser = world.browser(who)
        for url in (*life.addresses(), "/", "/inbox/", "/search/", "/jobs/1/"):
            response = browser.get(url)
            found, faults = canaries_in(unpacked(response)), faults + faults_of(response, who, url)
            if who in HOLDERS:
                shown[who] |= found
                found &= ALWAYS_SHUT.keys()
            if found:
                faults.append(f"{who}: {url}: {sorted(found)}")
    assert not faults, "\n".join(faults)
    for who, found in shown.items():  # and it is really her whom they looked at
        assert found == CANARY.keys() - ALWAYS_SHUT.keys(), who


def test_she_stands_on_the_very_pages_where_she_is_worked_with(world, life):
    case, person = f"/cases/{life.case.number}/", f"/clients/{life.client.public_id}/"
    for who in HOLDERS:
        browser = world.browser(who)
        for url, words in (
            (person, {"name", "address", "birth_date", "kin"}), (case, {"name", "address", "birth_date"}), (f"{case}goals/", {"story"}),
            (f"/households/{life.household.public_id}/", {"name", "note"}), (f"/api/v1{person}", {"name", "address", "birth_date"}),
            (f"/api/v1{case}", {"name", "story"}), (f"/api/v1{case}contacts/", {"story"}),
        ):  # fmt: skip
            assert words <= canaries_in(unpacked(browser.get(url))), (who, url)


def test_number_and_phone_are_shown_after_a_purpose_in_that_session_alone(world, life):
    url = f"/clients/{life.client.public_id}/"
    life.worker.post(f"{url}show/", {"purpose": "service"})
    assert canaries_in(unpacked(life.worker.get(url))) >= ALWAYS_SHUT.keys()
    assert not canaries_in(unpacked(world.browser("worker").get(url)), ALWAYS_SHUT)
    answer = life.worker.post(f"/api/v1{url}reveal/", {"purpose": "service"}, content_type="application/json")
    assert canaries_in(answer.content) >= ALWAYS_SHUT.keys() and answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("form", ["", "?format=csv", "?format=xlsx"])
def test_no_key_and_no_export_shows_her(world, life, form):
    faults = []
    for who in (*HOLDERS, "official", "superuser", "twin_manager"):
        program, browser = world.program(who), world.browser(who)
        for url in (u for u in life.addresses() if u.startswith("/api/")):
            asked = [(program, "key")] + ([(browser, "session")] if form and url.count("/") == 4 else [])
            for client, how in asked:
                response = client.get(url + form)
                if found := canaries_in(unpacked(response)) | canaries_in(str(response.headers)):
                    faults.append(f"{who}'s {how}: {url}{form}: {sorted(found)}")
    assert not faults, "\n".join(faults)
    exported = world.browser("worker").get(f"/api/v1/cases/{form}")
    assert life.case.number.encode() in unpacked(exported), "the list is really read"


def test_what_a_key_sends_comes_back_masked(world, life):
    program, json_body = world.program("worker"), {"content_type": "application/json"}
    ref = str(uuid.uuid4())
    person = {"name": CANARY["name"], "sex": "female", "birth_date": CANARY["birth_date"], "phone": CANARY["phone"], "address": CANARY["address"],
              "id_absent_reason": "遗失", "client_ref": ref, "guardian": {"name": CANARY["kin"], "phone": CANARY["kin_phone"]}}  # fmt: skip
    answers = [
        program.post("/api/v1/clients/", body, **json_body)
        for body in (
            person,
            person,
            person | {"ethnicity": "汉族"},
            person | {"sex": "x", "client_ref": str(uuid.uuid4())},
        )
    ]
    assert [a.status_code for a in answers] == [201, 200, 409, 400]
    answers.append(
        program.post("/api/v1/clients/", person | {"id_number": NUMBER, "client_ref": str(uuid.uuid4())}, **json_body)
    )
    body = {"happened_on": ago(30), "minutes": 30, "way": "phone", "facts": CANARY["story"], "client_ref": ref}
    answers += [
        program.post(f"/api/v1/cases/{life.case.number}/contacts/", b, **json_body)
        for b in (body, body | {"minutes": 31})
    ]
    assert [a.status_code for a in answers[4:]] == [409, 201, 409]
    for answer in answers:
        assert not canaries_in(answer.content) | canaries_in(str(answer.headers)), answer.content.decode()
    assert '"***"' in answers[5].content.decode() and "闾***" in answers[0].content.decode()


def test_search_finds_her_for_those_who_have_her_and_never_by_an_address(world, life):
    for who in (*HOLDERS, "official", "superuser", "sibling_worker", "twin_supervisor"):
        browser = world.browser(who)
        for typed in (CANARY["name"], "lqhq", NUMBER):
            sent = browser.post("/search/", {"q": typed})
            answers = [sent, browser.get(sent["Location"]) if sent.status_code == 302 else sent, browser.post("/clients/", {"q": typed}),
                       browser.post("/cases/new/", {"q": typed})]  # fmt: skip
            for answer in answers:
                assert not canaries_in(str(answer.headers)), (who, typed)
                body = unpacked(answer).decode()
                for echo in (f'value="{typed}"', f"“{typed}”"):
                    body = body.replace(echo, "")  # what one typed oneself
                found = canaries_in(body) - ({"name"} if who in HOLDERS else set())
                assert not found, (who, typed, found)
    assert CANARY["name"] in world.browser("supervisor").post("/clients/", {"q": NUMBER}).content.decode()


def test_the_administration_and_the_log_of_events_name_nobody(world, life):
    for who in ("superuser", "official"):
        browser = world.browser(who)
        for url in (
            "/admin/",
            "/admin/accounts/event/",
            "/admin/accounts/event/?q=client",
            "/admin/casework/",
            "/admin/jobs/",
            "/break-glass/",
        ):
            assert not canaries_in(unpacked(browser.get(url))), url
    events = Event.objects.filter(kind__startswith="casework.")
    assert events.filter(verb="client.filed").exists()
    browser = world.browser("superuser")
    for pk in events.values_list("pk", flat=True):
        assert not canaries_in(unpacked(browser.get(f"/admin/accounts/event/{pk}/change/")))


def test_break_glass_shows_her_in_the_session_and_leaves_her_nowhere(world, life):
    browser = world.browser("superuser")
    browser.post("/break-glass/", {"place": life.case.number, "reason": "核对这一份记录是否完整"})
    assert {"name", "address"} <= canaries_in(unpacked(browser.get(f"/clients/{life.client.public_id}/")))
    assert not canaries_in(unpacked(browser.get("/break-glass/")))
    browser.post(f"/break-glass/{BreakGlass.objects.get().public_id}/end/")
    assert not canaries_in(unpacked(browser.get(f"/cases/{life.case.number}/")))
    assert not canaries_in(rows_of_the_database())


# ── What is kept ─────────────────────────────────────────────────────────────────────────────────
def rows_of_the_database():
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        text = []
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            text += [f"{table} {row[0]}" for row in cursor.fetchall()]
    return "\n".join(text)


def test_nothing_in_the_database_holds_her_in_clear(life):
    life.worker.post(f"/clients/{life.client.public_id}/show/", {"purpose": "service", "note": CANARY["story"]})
    life.draft("/clients/new/", life.form())
    text = rows_of_the_database()
    assert not canaries_in(text), [line[:300] for line in text.splitlines() if canaries_in(line)][:5]
    for table in ("casework_client ", "casework_record ", "accounts_change ", "accounts_event ", "surfaces_draft ", "surfaces_clientref ",
                  "django_session ", "casework_household "):  # fmt: skip
        assert f"\n{table}" in f"\n{text}", f"{table}has rows"
    assert "太和镇社会工作服务站" in text, "the text of rows is really there"
    assert (
        life.client.name.clear == CANARY["name"]
        and Record.objects.get(pk=life.intake.pk).narrative.clear["presenting_problem"] == CANARY["story"]
    )
    assert {d.typed.clear["name"][0] for d in Draft.objects.filter(address__startswith="/clients/")} == {CANARY["name"]}
    assert text.count("v1.") > 20
    mine = canaries_in(unpacked(life.worker.get("/clients/new/")))
    assert mine >= {"id_number", "phone"}, "what she typed comes back to the writer"
    assert not canaries_in(unpacked(life.world.browser("manager").get("/clients/new/")))
    life.worker.post("/drafts/", {"_address": "/clients/new/", "_discard": "1"})


def test_no_session_holds_her(life):
    life.worker.post(f"/clients/{life.client.public_id}/show/", {"purpose": "service"})
    life.worker.post("/clients/new/", life.form())
    kept = [json.dumps(s.get_decoded(), ensure_ascii=False) for s in Session.objects.all()]
    assert any(showing.KEY in text and life.client.public_id in text for text in kept), "the sessions are really read"
    assert not canaries_in("\n".join(kept))


def cached():
    """Every key and value of the broker's databases: the cache and what waits for a worker."""
    found = []
    for name in {
        settings.CACHES["default"]["LOCATION"],
        settings.CACHES["default"]["LOCATION"].replace("db=1", "db=0"),
    }:
        broker = redis.from_url(name)
        for key in broker.scan_iter("*", count=1000):
            found.append(key)
            kind = broker.type(key)
            found += (
                [broker.get(key) or b""] if kind == b"string" else broker.lrange(key, 0, -1) if kind == b"list" else []
            )
            found += [x for pair in broker.hgetall(key).items() for x in pair] if kind == b"hash" else []
    return b"\n".join(found)


def test_neither_cache_nor_broker_holds_her(world, life):
    cache.set(f"canary-control-{CONTROL}", CONTROL)
    for who in HOLDERS:
        browser = world.browser(who)
        for url in life.addresses():
            browser.get(url)
    text = cached()
    assert text.count(CONTROL.encode()) >= 2, "key and value are really read"
    assert not canaries_in(text)
    cache.delete(f"canary-control-{CONTROL}")


def test_no_task_and_no_job_is_told_of_her(life, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(
        Task, "apply_async", lambda task, args=None, kwargs=None, **more: sent.append((task.name, args, kwargs))
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = life.worker.post(
            f"/cases/{life.case.number}/print/", {"purpose": "service", "note": CANARY["story"], "clear": "on"}
        )
    assert answer.status_code == 302, answer.content.decode()[:500]
    jobs = [json.dumps([j.kind, j.input, j.message, j.url, j.result], ensure_ascii=False) for j in Job.objects.all()]
    assert any("casework.print" in text for text in jobs) and any(name == "jobs.tasks.run_job" for name, _a, _k in sent)
    assert not canaries_in("\n".join(jobs)) | canaries_in(repr(sent))


# ── What is told when something breaks ───────────────────────────────────────────────────────────
@pytest.fixture
def lines():
    """Everything that is logged, at every level, by both of the site's formatters."""
    out, handlers = io.StringIO(), []
    root = logging.getLogger()
    level = root.level
    for formatter in (Lines(settings.LOGGING["formatters"]["plain"]["format"]), JSONLines()):
        handler = logging.StreamHandler(out)
        handler.setFormatter(formatter)
        root.addHandler(handler)
        handlers.append(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def broken(*args, **kwargs):
    """A program error whose words quote what was typed, with local variables that hold it."""
    name, told = CANARY["name"], dict(CANARY)
    try:
        int(NUMBER[:-1] + "甲")
    except ValueError as e:
        raise KeyError(name, told["story"]) from e


@pytest.mark.parametrize("how", ["page", "api"])
def test_an_error_tells_log_and_mail_where_it_broke_and_nothing_of_her(world, life, lines, monkeypatch, settings, how):
    settings.ADMINS = [("A", "admin@example.org")]
    monkeypatch.setattr("casework.actions.clients._fill", broken)
    if how == "page":
        answer = life.worker.post("/clients/new/?typed=" + quote(CANARY["story"]), life.form(id_number=NUMBER))
    else:
        body = {"name": CANARY["name"], "sex": "female", "birth_date": CANARY["birth_date"]}
        answer = life.worker.post("/api/v1/clients/", body, content_type="application/json")
    assert answer.status_code == 500 and not canaries_in(answer.content)
    (told,) = mail.outbox
    report = "\n".join([told.subject, told.body, *(str(a[0]) for a in told.alternatives)])
    log = lines.getvalue()
    for text in (report, log):
        assert "KeyError" in text and "test_canary.py" in text and "in broken" in text, "where it broke is told"
        assert not canaries_in(text), canaries_in(text)
    assert "/clients/" in report and "Internal Server Error" in log
    assert "ValueError" in log and '"level": "ERROR"' in log


def test_refusals_and_warnings_log_nothing_of_her(world, life, lines):
    browser = life.worker
    logging.getLogger("shegong.control").warning(CONTROL)
    for sent in (life.form(), life.form(phone="1"), life.form(name=""), life.form(id_number=NUMBER[:-1])):
        browser.post("/clients/new/", sent)
    browser.post("/search/", {"q": CANARY["name"]})
    browser.post("/clients/", {"q": NUMBER})
    world.browser("official").post("/clients/new/", life.form())
    world.program("viewer").post("/api/v1/clients/", {"name": CANARY["name"]}, content_type="application/json")
    with pytest.raises(Exception, match="."):
        actions.create_client(
            life.load.user(), life.load.person(name=CANARY["name"], phone=CANARY["phone"], id_number=NUMBER)
        )
    text = lines.getvalue()
    assert CONTROL in text and "/clients/new/" in text, "the log is really read"
    assert not canaries_in(text) and not canaries_in("\n".join(m.body for m in mail.outbox))
