"""Every address of the URLconf, read and written as every role, as nobody, after one's post has ended and from the twin county."""

import io
import json
import re
import zipfile
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.models import Event
from casework.reads import READ
from tests.contracts.addresses import addresses
from tests.contracts.table import LETTERS, LINES, WRITES
from tests.contracts.things import PLACES, Things
from tests.factories import HOME, SIBLING, TWIN, role_of

TABLE = {line.path: line for line in LINES}
HERE = [*(r for r in LETTERS if r != "expired"), "expired"]
THERE = [f"twin_{r}" for r in ("official", "manager", "supervisor", "worker", "inspector", "viewer", "agency")]
EVERYBODY = [*HERE, *THERE, "sibling_official", "sibling_manager", None]
OF_NO_PLACE = {
    "/healthz",
    "/readyz",
    "/styleguide/",
    "/accounts/logout/",
    "/api/v1/schema/",
    "/api/v1/docs/",
    "/admin/jsi18n/",
}


def letter(who):
    return "X" if who == "expired" else LETTERS[role_of(who)]


def place_of(who):
    return next((p for p in PLACES if p and (who or "").startswith(p)), "")


def forbidden(who):
    """Words that must not stand in anything this person gets."""
    if who == "superuser":
        return ()
    if who in (None, "expired"):
        return HOME + SIBLING + TWIN
    return {"": SIBLING + TWIN, "sibling_": HOME + TWIN, "twin_": HOME + SIBLING}[place_of(who)]


def everything_in(response):
    """Every byte of an answer: headers, body, and what lies packed in a workbook."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    parts = [str(response.headers).encode(), body]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as box:
            parts += [box.read(name) for name in box.namelist()]
    return b"\n".join(parts)


def marks_in(data, words):
    ways = (
        str.encode,
        lambda w: json.dumps(w)[1:-1].encode(),
        lambda w: quote(w).encode(),
        lambda w: ascii(w)[1:-1].encode(),
    )
    return [w for w in words if any(way(w) in data for way in ways)]


@pytest.fixture(scope="module")
def db(django_db_setup, django_db_blocker):
    """The database in one transaction for the whole file, in place of one for each test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def things(db):
    """The world and one of everything in it, made once for this file."""
    with override_settings(API_REQUESTS_A_MINUTE=10**6, API_EXPORTS_A_MINUTE=10**6):
        made = Things()
        made.browsers = {who: made.world.browser(who) for who in EVERYBODY}
        yield made


class Reader:
    """Reads addresses as people and collects what is wrong."""

    def __init__(self, things):
        self.things, self.wrong = things, []

    def get(self, who, url, expected=None, examples=(), **headers):
        response = self.things.browsers[who].get(url, headers=headers)
        if expected is not None and response.status_code not in expected:
            self.wrong.append(
                f"{who or 'nobody'} gets {response.status_code} instead of {'/'.join(map(str, expected))} at {url}"
            )
        if response.status_code >= 500 and 503 not in (expected or ()):
            self.wrong.append(f"{who or 'nobody'} gets {response.status_code} at {url}")
        if found := marks_in(everything_in(response), set(forbidden(who)) - set(examples)):
            self.wrong.append(f"{who or 'nobody'} is shown {found} at {url}")
        return response

    def url(self, line, place):
        return line.path.format(**{p: self.things.at(place, thing) for p, thing in line.at.items()})


def expected(line, who, at):
    """Statuses for `who` at the line's address with the things of the place `at`."""
    if who is None:
        return (line.nobody,) if line.nobody else (401,) if line.path.startswith("/api/") else (302,)
    sees = letter(who) in line.sees
    if not line.at or at == place_of(who) or who == "superuser" or not set(line.at.values()) - SHARED:
        return line.ok if sees else line.no
    if 405 in line.ok:
        return (*line.ok, *line.no, 404)
    gone = (302,) if line.path.startswith("/admin/") else (404,)
    return gone if sees else (*gone, *line.no)


SHARED = {"indicator", "kind", "anything", "app", "tab"}  # things that are no place's own


def test_every_address_has_its_line():
    paths = {a.path for a in addresses()}
    assert not paths - TABLE.keys(), f"write a line into tests/contracts/table.py for: {sorted(paths - TABLE.keys())}"
    assert not TABLE.keys() - paths, f"no such address any more: {sorted(TABLE.keys() - paths)}"
    assert len(TABLE) == len(LINES)


def written():
    """How many events there are, beside the traces of looks into a case."""
    return Event.objects.exclude(verb=READ).count()


@pytest.mark.parametrize("path", TABLE)
def test_reading(things, path):
    line, reader, events = TABLE[path], Reader(things), written()
    for who in EVERYBODY:
        reader.get(who, reader.url(line, ""), expected(line, who, ""), line.examples)
    if line.at:
        for who in HERE:
            for place in ("sibling_", "twin_"):
                reader.get(who, reader.url(line, place), expected(line, who, place), line.examples)
    assert not reader.wrong, "\n".join(reader.wrong)
    assert written() == events, "reading wrote something"


@pytest.mark.parametrize(
    "path", [line.path for line in LINES if line.sees and line.ok == (200,) and line.path not in OF_NO_PLACE]
)
def test_reading_by_other_ways(things, path):
    """As a fragment, as a table, with questions about other places."""
    line, reader = TABLE[path], Reader(things)
    words = {p + name: value for p in PLACES for name, value in things.found[p].items()}
    url = reader.url(line, "")
    for who in ("official", "manager", "worker", "viewer", "agency", "expired", "twin_official", "twin_worker", None):
        for query in line.queries:
            reader.get(who, url + query.format(**words), None, line.examples)
        if path.startswith("/api/"):
            for kind in ("csv", "xlsx"):
                reader.get(who, f"{url}?format={kind}", None, line.examples)
        elif not path.startswith("/admin/"):
            for target in ("", "roster"):
                reader.get(who, url, None, line.examples, **{"HX-Request": "true", "HX-Target": target})
    assert not reader.wrong, "\n".join(reader.wrong)


def test_a_key_opens_what_its_scopes_name_and_shows_no_other_place(things):
    """Every address of the API by keys: of the home district, of the twin county, and one that may read nothing."""
    reader, program = Reader(things), {}
    for who in ("official", "worker", "viewer", "twin_official"):
        program[who] = things.world.program(who)
    program["idle"] = things.world.program("inspector", ["cases:read"])
    for line in (line for line in LINES if line.path.startswith("/api/v1/")):
        for who, client in program.items():
            response = client.get(reader.url(line, ""))
            person = "inspector" if who == "idle" else who
            if found := marks_in(everything_in(response), forbidden(person)):
                reader.wrong.append(f"the key of {who} is shown {found} at {line.path}")
            if who == "idle" and response.status_code == 200 and line.path not in OPEN_TO_ANY_KEY:
                reader.wrong.append(f"a key without the scope reads {line.path}")
    assert not reader.wrong, "\n".join(reader.wrong)


OPEN_TO_ANY_KEY = {"/api/v1/me/", "/api/v1/schema/", "/api/v1/docs/", "/api/v1/indicators/"}


def named(value, words):
    """A body with its {things} filled in."""
    if isinstance(value, dict):
        return {k: named(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [named(v, words) for v in value]
    return words.get(value[1:-1], value) if isinstance(value, str) and value.startswith("{") else value


def send(things, who, write, place):
    """The answer to `who` for the things of `place`, and whether anything was written; all of it taken back."""
    words = things.found[place]
    url = write.path.format(**{p: words[thing] for p, thing in write.at.items()})
    body, more = named(write.body, words), {}
    if write.path.startswith("/api/"):
        body, more = json.dumps(body), {"content_type": "application/json", "headers": {"If-Match": "*"}}
    before = written()
    with transaction.atomic():
        answer = getattr(things.world.browser(who), write.method)(url, body, **more)
        wrote = written() > before
        transaction.set_rollback(True)
    return answer, wrote, url


@pytest.mark.parametrize("write", WRITES, ids=lambda w: f"{w.method} {w.path}")
def test_writing(things, write):
    """Those who may are let through to the rules; all others are refused and nothing is written, here and elsewhere."""
    wrong = []
    for who in (*HERE, *THERE, None):
        for place in ("", *(("twin_",) if write.at and who in HERE and who != "superuser" else ())):
            answer, wrote, url = send(things, who, write, place)
            of_no_place = not write.at and not re.search(r'"{\w+}"', json.dumps(write.body))
            status, own = answer.status_code, place == place_of(who) or of_no_place or who == "superuser"
            may = who is not None and letter(who) in write.may and own
            if may:
                fine = status < 500 and status != 403 and (status != 404 or not own)
            elif who is None:
                fine = status in (302, 401) and not wrote
            else:
                elsewhere = (
                    (302,) if url.startswith("/admin/") else () if write.at else (400,)
                )  # a body that names another place
                fine = status in (403, 404, 422, *elsewhere) and not wrote  # 422: a page's form again, nothing taken
            if not fine:
                wrong.append(f"{who or 'nobody'} gets {status}{' and writes' if wrote else ''} at {url}")
            if found := marks_in(everything_in(answer), forbidden(who)):
                wrong.append(f"{who or 'nobody'} is shown {found} at {url}")
    assert not wrong, "\n".join(wrong)


# Addresses that take writes and stand in no line of WRITES, by their beginning, each with the reason.
WRITTEN_ELSEWHERE = {
    "/accounts/": "signing in and out: tests/accounts",
    "/admin/login": "sends on to our sign-in", "/admin/logout": "sends on", "/admin/password_change": "sends on",
    "/api/v1/imports/": "takes a file: tests/exchange", "/api/v1/.*": "is nowhere",
    "/api/v1/cases/": "tests/casework", "/api/v1/clients/": "tests/casework", "/cases/": "tests/casework", "/clients/": "tests/casework",
    "/api/v1/trainings/{training}/attendances/": "tests/workforce", "/api/v1/workers/{worker}/assignments/{pk}/": "tests/workforce",
    "/admin/stations/agency/import/": "takes a file: tests/stations", "/admin/stations/agency/process_import/": "its second step",
}  # fmt: skip


def test_every_address_that_takes_writes_is_written_to():
    written = {w.path for w in WRITES}
    missing = []
    for address in addresses():
        accepted = set(getattr(address.view, "actions", None) or {}) or {
            m for m in ("post", "patch", "delete") if hasattr(address.view_class, m)
        }  # fmt: skip
        allowed = set(getattr(address.view_class, "http_method_names", ()))
        takes = accepted & allowed & {"post", "patch", "delete"}
        sends_on = address.path.startswith("/admin/") and address.path.endswith("{object_id}/")
        if (
            takes
            and not sends_on
            and address.path not in written
            and not address.path.startswith(tuple(WRITTEN_ELSEWHERE))
        ):
            missing.append(f"{'/'.join(sorted(takes))} {address.path}")
    assert not missing, "write a Write into tests/contracts/table.py, or a reason here:\n" + "\n".join(missing)
