"""Who gets what at every address: one line an address. A new address without a line fails `test_scope.py`.

Roles are letters: O official, M manager, S supervisor, W worker, I inspector, V viewer, A agency, R superuser, X one whose post
has ended. All work in the home district; the twin county's people have the same letters and must find nothing of it.
"""

from dataclasses import dataclass, field

ALL, NETWORK, NOBODY = "OMSWIVARX", "OMSWIVR", ""
LETTERS = {
    "official": "O", "manager": "M", "supervisor": "S", "worker": "W", "inspector": "I", "viewer": "V", "agency": "A",
    "superuser": "R", "expired": "X",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What a GET of `path` answers: `ok` to the roles in `sees`, one of `no` to the others of the place.

    `at` says which thing (`things.py`) each parameter names; where there is one, people of another place get 404, or what
    their role gets anywhere. `nobody` is the answer to one who is not signed in. `queries` are read too, for their marks.
    `examples` are words of the page's own text, whoever reads it.
    """

    path: str
    sees: str
    at: dict = field(default_factory=dict)
    ok: tuple = (200,)
    no: tuple = (403,)
    nobody: int | None = None
    queries: tuple = ()
    examples: tuple = ()


@dataclass(frozen=True)
class Write:
    """A `method` on `path` by the roles in `may` is taken up, whatever then comes of it; others get 403 or 404, and nothing is written.

    `body` is sent as JSON to the API and as a form to pages; its values may name things: "{station}".
    """

    path: str
    may: str
    body: dict = field(default_factory=dict)
    at: dict = field(default_factory=dict)
    method: str = "post"


STATION, PLACE = {"code": "station"}, {"code": "division"}
ELSEWHERE = ("?within={sibling_division}", "?within={twin_station}", "?within={twin_division}")
PAGES = [
    Line("/healthz", ALL, nobody=200),
    Line("/readyz", ALL, nobody=200),
    Line("/accounts/login/", ALL, ok=(302,), nobody=200),
    Line("/accounts/logout/", ALL),
    Line("/accounts/code/", ALL, nobody=200),
    Line("/account/", ALL),
    Line("/account/password/", ALL),
    Line("/account/devices/", ALL),
    Line("/account/language/", ALL, ok=(405,), nobody=405),
    Line("/", ALL, queries=("?period=2022-08",)),
    Line("/search/", ALL, queries=("?q=420703", "?q=421199", "?q=社", "?q=person", "?q=z")),
    Line("/inbox/", ALL),
    Line("/agency/", "A", no=(404,)),
    Line("/metrics/", ALL),
    Line("/metrics/{code}/", "OMVR", {"code": "indicator"}, queries=ELSEWHERE),
    Line("/dashboard/{code}/", "OVR", PLACE, no=(403, 404)),
    Line("/coverage/", NETWORK, queries=(*ELSEWHERE, "?level=village")),
    Line("/stations/", NETWORK, queries=(*ELSEWHERE, "?q=420703", "?branch={twin_station}", "?branch={sibling_station}", "?as_of=2021-03-02")),
    Line("/stations/new/", "OR", queries=("?division={twin_division}", "?within={sibling_division}")),
    Line("/stations/{code}/", NETWORK, STATION, queries=("?as_of=2021-03-02",)),
    Line("/stations/{code}/history/", NETWORK, STATION),
    Line("/stations/{code}/{tab}/", "OMSWR", STATION | {"tab": "tab"}, no=(403, 404)),
    Line("/stations/{code}/edit/", "OMR", STATION, no=(403, 404)),
    Line("/stations/{code}/change/", "OMR", STATION, no=(403, 404),
         queries=("?verb=move", "?verb=merge", "?verb=move&parent={twin_station}", "?verb=merge&into={sibling_station}")),
    Line("/stations/{code}/undo/{event}/", ALL, STATION | {"event": "step"}, ok=(405,)),
    Line("/divisions/", NETWORK, queries=(*ELSEWHERE, "?q=420703")),
    Line("/divisions/changes/", NETWORK),
    Line("/people/", "OMR", queries=("?q=o", "?within={twin_division}")),
    Line("/people/new/", "OMR", queries=("?place={twin_station}",)),
    Line("/people/{pk}/", "OMR", {"pk": "person"}),
    Line("/people/{pk}/post/", "OMR", {"pk": "person"}),
    Line("/people/{pk}/code/", "OMR", {"pk": "person"}, ok=(405,)),
    Line("/people/posts/{pk}/end/", "OMR", {"pk": "post"}, ok=(405,)),
    Line("/account/keys/", "OR"),
    Line("/account/keys/new/", "OR"),
    Line("/account/keys/{pk}/revoke/", "OR", {"pk": "key"}, ok=(405,)),
    Line("/imports/", "OMR"),
    Line("/imports/blank/{kind}.xlsx", "OMR", {"kind": "kind"}, no=(404,), examples=("太和镇",)),
    Line("/imports/{pk}/", "OR", {"pk": "import"}, no=(404,)),
    *(Line(f"/imports/{{pk}}/{verb}/", ALL, {"pk": "import"}, ok=(405,)) for verb in ("commit", "undo", "mend", "mapping")),
    Line("/imports/{pk}/annotated.xlsx", "OR", {"pk": "import"}, no=(404,)),
    Line("/jobs/{pk}/", "OR", {"pk": "job"}, no=(404,)),
    Line("/drafts/", ALL),
    Line("/styleguide/", ALL, examples=("太和镇", "东沟镇")),
]  # fmt: skip

WORKFORCE = [
    Line("/workers/", "OMSWR", queries=("?q=z", *ELSEWHERE)),
    Line("/workers/new/", "OMR", queries=("?station={twin_station}",)),
    Line("/workers/{pk}/", "OMSR", {"pk": "worker"}, no=(403, 404)),
    Line("/workers/{pk}/edit/", "OMR", {"pk": "worker"}, no=(403, 404)),
    Line("/workers/{pk}/account/", "OMR", {"pk": "worker"}, no=(403, 404)),
    Line("/workers/{pk}/phone/", ALL, {"pk": "worker"}, ok=(405,)),
    Line("/workers/{pk}/jobs/", "OMR", {"pk": "worker"}, no=(403, 404)),
    Line("/workers/{pk}/jobs/{job}/", "OMR", {"pk": "worker", "job": "worker_job"}, no=(403, 404)),
    Line("/trainings/", "OMSWR", queries=("?q=z", *ELSEWHERE)),
    Line("/trainings/new/", "OMR", queries=("?station={twin_station}",)),
    Line("/trainings/{pk}/", "OMSWR", {"pk": "training"}),
    Line("/trainings/{pk}/edit/", "OMR", {"pk": "training"}, no=(403, 404)),
    Line("/trainings/{pk}/came/{entry}/", "OMR", {"pk": "training", "entry": "attendance"}, no=(403, 404)),
    Line("/trainings/{pk}/came/{entry}/remove/", ALL, {"pk": "training", "entry": "attendance"}, ok=(405,)),
    Line("/api/v1/workers/", "OMSWR", queries=("?search=z", *ELSEWHERE)),
    Line("/api/v1/workers/{pk}/", "OMSR", {"pk": "worker"}, no=(403, 404)),
    Line("/api/v1/workers/{worker}/assignments/", "OMSR", {"worker": "worker"}, no=(403, 404)),
    Line("/api/v1/workers/{worker}/assignments/{pk}/", "OMSR", {"worker": "worker", "pk": "worker_job"}, no=(403, 404)),
    Line("/api/v1/trainings/", "OMSWR", queries=("?search=z", *ELSEWHERE)),
    Line("/api/v1/trainings/{pk}/", "OMSWR", {"pk": "training"}),
    Line("/api/v1/trainings/{training}/attendances/", "OMSWR", {"training": "training"}),
    Line("/api/v1/trainings/{training}/attendances/{pk}/", "OMSWR", {"training": "training", "pk": "attendance"}),
]  # fmt: skip

API = [
    Line("/api/v1/schema/", ALL),
    Line("/api/v1/docs/", ALL),
    Line("/api/v1/me/", ALL),
    Line("/api/v1/coverage/", NETWORK, no=(400,), queries=(*ELSEWHERE, "?within={division}&level=village")),
    Line("/api/v1/divisions/", ALL, queries=(*ELSEWHERE, "?search=420703", "?page_size=1000&as_of=2021-01-01")),
    Line("/api/v1/divisions/{pk}/", "OSIVR", {"pk": "division_pk"}, no=(404,)),
    Line("/api/v1/stations/", ALL, queries=(*ELSEWHERE, "?search=420703", "?page_size=1000&as_of=2021-03-02", "?updated_since=2020-01-01T00:00:00Z")),
    *(Line(f"/api/v1/stations/{{code}}/{more}", NETWORK, STATION, no=(404,)) for more in ("", "children/", "ancestors/", "descendants/")),
    *(Line(f"/api/v1/stations/{{code}}/{verb}/", ALL, STATION, ok=(405,)) for verb in ("open", "suspend", "close", "move", "merge")),
    Line("/api/v1/imports/", ALL),
    Line("/api/v1/imports/{pk}/", "OR", {"pk": "import"}, no=(404,)),
    Line("/api/v1/imports/{pk}/annotated.xlsx", "OR", {"pk": "import"}, no=(404,)),
    *(Line(f"/api/v1/imports/{{pk}}/{verb}/", ALL, {"pk": "import"}, ok=(405,)) for verb in ("commit", "undo")),
    Line("/api/v1/indicators/", ALL),
    Line("/api/v1/metrics/", ALL, queries=(*(q + "&page_size=1000" for q in ELSEWHERE), "?page_size=1000", "?within={division}&page_size=1000")),
    Line("/api/v1/metrics/explain/", ALL, ok=(400,), queries=tuple(
        f"?indicator={code}&place={{{place}}}&page_size=1000"
        for code in ("station_coverage", "stations_operating") for place in ("division", "station", "sibling_division", "twin_station"))),
    Line("/api/v1/rollups/", ALL, ok=(405,)),
    Line("/api/v1/rollups/{pk}/", "OR", {"pk": "rollup"}, no=(404,)),
    Line("/api/v1/.*", ALL, ok=(404,), nobody=404),
]  # fmt: skip

ADMIN = [
    Line("/admin/login/", ALL, ok=(302,)),
    Line("/admin/logout/", ALL, ok=(302,)),
    Line("/admin/password_change/", ALL, ok=(302,)),
    Line("/admin/password_change/done/", ALL, ok=(302,)),
    Line("/admin/", "OR"),
    Line("/admin/autocomplete/", NOBODY, queries=(
        "?app_label=stations&model_name=coverageunit&field_name=division&term=4",
        "?app_label=stations&model_name=agency&field_name=division&term=4",
        "?app_label=stations&model_name=post&field_name=user&term=o")),
    Line("/admin/jsi18n/", "OR"),
    Line("/admin/r/{content_type_id}/{object_id}/", "OR", {"content_type_id": "anything", "object_id": "anything"}, ok=(404,)),
    Line("/admin/{app_label}/", "OR", {"app_label": "app"}),
    Line("/admin/{url}", "OR", {"url": "anything"}, ok=(404,)),
    Line("/admin/stations/agency/import/", "OR"),
    Line("/admin/stations/agency/process_import/", "OR", ok=(405,)),
]  # fmt: skip
# The pages of one table: who keeps it, the thing of it, and what may be done: a(dd), c(hange), d(elete), x(export).
# "r" after one of them: the page sends on to another place.
KEPT = {
    "accounts/user": ("R", "person", "a c"), "accounts/apikey": ("R", "key", "c"), "accounts/event": ("R", "event", "c"),
    "axes/accessattempt": ("R", None, ""), "periods/calendarday": ("R", None, "a d"),
    "stations/agency": ("OR", "agency", "a c x"), "stations/coverageunit": ("OR", "unit", "a c x"),
    "stations/division": ("OR", "division_pk", "c x"), "stations/post": ("OR", "post", "ar cr x"),
    "stations/station": ("OR", "station_pk", "ar cr hr x"),
    "workforce/worker": ("OR", "worker_pk", "c"), "workforce/assignment": ("OR", "worker_job_pk", "c"),
    "workforce/certificate": ("OR", "certificate", "c"), "workforce/registration": ("OR", "registration", "c"),
    "workforce/training": ("OR", "training_pk", "c"), "workforce/hourrequirement": ("R", None, "a"),
    "casework/deadlinerule": ("R", None, "a"),
}  # fmt: skip


def kept(table, who, thing, may):
    """The lines of one table's pages in the admin."""
    may, base, at = may.split(), f"/admin/{table}/", {"object_id": thing or "anything"}

    def page(letter, always=False):
        sees = who if letter in may or letter + "r" in may or always else NOBODY
        return {"sees": sees, "ok": (302,) if letter + "r" in may else (200,)}

    searched = ("?q=420703", "?q=z", "?q=person", "?o=1", "?all=")
    gone = {"ok": (302, 403, 404), "no": (302, 403)} if thing is None else {}  # there is none: the list, or nothing
    yield Line(base, who, queries=searched if who == "OR" else ())
    yield Line(f"{base}add/", **page("a"))
    yield Line(f"{base}{{object_id}}/change/", at=at, **(page("c") | gone))
    yield Line(f"{base}{{object_id}}/history/", at=at, **(page("h", always=True) | gone))
    yield Line(f"{base}{{object_id}}/delete/", at=at, **(page("d") | gone))
    yield Line(f"{base}{{object_id}}/", "OR", at=at, ok=(302,))
    if "x" in may:
        yield Line(f"{base}export/", who)


from tests.contracts.casework_lines import CASEWORK, CASEWORK_WRITES
from tests.contracts.partnerships_lines import PARTNERSHIP_WRITES, PARTNERSHIPS

LINES = [
    *PAGES,
    *WORKFORCE,
    *CASEWORK,
    *PARTNERSHIPS,
    *API,
    *ADMIN,
    *(line for table, how in KEPT.items() for line in kept(table, *how)),
]

OWN = "OMSWIVARX"  # one's own account
WRITES = [
    Write("/account/", OWN, {"display_name": "新名", "language": "en"}),
    Write("/account/password/", OWN, {"old_password": "x"}),
    Write("/account/devices/", OWN),
    Write("/account/language/", OWN, {"language": "en"}),
    Write("/drafts/", OWN, {"_address": "/account/", "display_name": "新名"}),
    Write("/search/", OWN, {"q": "太和"}),
    Write("/approvals/{kind}/{public_id}/", "S", {"decision": "note", "text": "看过"}, {"kind": "approved_kind", "public_id": "approved"}),
    Write("/stations/new/", "OR", {"name": "新站"}),
    Write("/stations/{code}/edit/", "OMR", {"name": "新名"}, STATION),
    Write("/stations/{code}/change/", "OMR", {"verb": "suspend", "on": "2026-01-05"}, STATION),
    Write("/stations/{code}/undo/{event}/", "OMR", {}, STATION | {"event": "step"}),
    Write("/people/new/", "OMR", {"username": "neu", "display_name": "新人", "role": "worker"}),
    Write("/people/{pk}/post/", "OMR", {"role": "worker"}, {"pk": "person"}),
    Write("/people/{pk}/code/", "OMR", {}, {"pk": "person"}),
    Write("/people/posts/{pk}/end/", "OMR", {}, {"pk": "post"}),
    Write("/account/keys/new/", "OR", {"name": "键"}),
    Write("/account/keys/{pk}/revoke/", "OR", {}, {"pk": "key"}),
    Write("/imports/", "OMR", {"kind": "stations"}),
    *(Write(f"/imports/{{pk}}/{verb}/", "OR", {}, {"pk": "import"}) for verb in ("commit", "undo", "mend", "mapping")),
    Write("/workers/new/", "OMR", {"name": "新"}),
    Write("/workers/{pk}/edit/", "OMR", {"name": "新"}, {"pk": "worker"}),
    Write("/workers/{pk}/account/", "OMR", {}, {"pk": "worker"}),
    Write("/workers/{pk}/phone/", "OMR", {"purpose": "service"}, {"pk": "worker"}),
    Write("/workers/{pk}/jobs/", "OMR", {}, {"pk": "worker"}),
    Write("/workers/{pk}/jobs/{job}/", "OMR", {}, {"pk": "worker", "job": "worker_job"}),
    Write("/trainings/new/", "OMR", {"title": "新"}),
    Write("/trainings/{pk}/", "OMR", {}, {"pk": "training"}),
    Write("/trainings/{pk}/edit/", "OMR", {}, {"pk": "training"}),
    Write("/trainings/{pk}/came/{entry}/", "OMR", {}, {"pk": "training", "entry": "attendance"}),
    Write("/trainings/{pk}/came/{entry}/remove/", "OMR", {}, {"pk": "training", "entry": "attendance"}),
    Write("/api/v1/stations/", "OR", {"name": "马龙村室", "tier": "village", "division": "420702100202"}),
    Write("/api/v1/stations/{code}/", "OMR", {"address": "新址"}, STATION, "patch"),
    Write("/api/v1/stations/{code}/open/", "OMR", {}, STATION),
    Write("/api/v1/stations/{code}/suspend/", "OMR", {}, STATION),
    Write("/api/v1/stations/{code}/close/", "OMR", {}, STATION),
    Write("/api/v1/stations/{code}/move/", "OR", {"parent": "{station}"}, STATION),
    Write("/api/v1/stations/{code}/merge/", "OR", {"into": "{station}"}, STATION),
    *(Write(f"/api/v1/imports/{{pk}}/{verb}/", "OR", {}, {"pk": "import"}) for verb in ("commit", "undo")),
    Write("/api/v1/rollups/", "OR", {"period": "2022-08", "within": "{division}"}),
    Write("/api/v1/workers/", "OMR", {"name": "新", "assignments": [{"station": "{station}"}]}),
    Write("/api/v1/workers/{pk}/", "OMR", {"name": "新名"}, {"pk": "worker"}, "patch"),
    Write("/api/v1/workers/{worker}/assignments/", "OMR", {"station": "{station}"}, {"worker": "worker"}),
    Write("/api/v1/trainings/", "OMR", {"title": "新", "station": "{station}", "starts_on": "2026-01-05", "ends_on": "2026-01-05", "minutes": 60}),
    Write("/api/v1/trainings/{pk}/", "OMR", {"title": "新名"}, {"pk": "training"}, "patch"),
    *PARTNERSHIP_WRITES,
    *CASEWORK_WRITES,
    Write("/admin/accounts/user/add/", "R", {"username": "neu"}),
    Write("/admin/accounts/user/{object_id}/change/", "R", {"username": "neu"}, {"object_id": "person"}),
    Write("/admin/stations/agency/add/", "OR", {"name": "新机构"}),
    Write("/admin/stations/agency/{object_id}/change/", "OR", {"name": "新名"}, {"object_id": "agency"}),
    Write("/admin/stations/coverageunit/add/", "OR", {}),
    Write("/admin/stations/coverageunit/{object_id}/change/", NOBODY, {}, {"object_id": "unit"}),
]  # fmt: skip
