"""The addresses of partnerships and one of each thing they name; `table.py` and `things.py` take them up."""

import datetime as dt

from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.models import User
from partnerships import actions
from stations.models import Agency, Division, Post
from tests.contracts.table import ALL, Line, Write

ROWS, READERS, DAY = "OAR", "OVAR", dt.date(2023, 3, 6)
SLUG = {"slug": "programme"}
LISTS = {
    "pairings": "pairing", "batches": "batch", "support-sessions": "support", "cooperation-activities": "deed",
    "pairing-outcomes": "outcome",
}  # fmt: skip
PAGES_OF = {
    "pairings": "pairing",
    "batches": "batch",
    "support": "support",
    "cooperation": "deed",
    "outcomes": "outcome",
}
_elsewhere = ("?programme={twin_programme}", "?programme={sibling_programme}&state=entered", "?search=person")

PARTNERSHIPS = [
    Line("/programmes/", READERS, ok=(200, 302)),
    Line("/agencies/", ROWS, queries=("?q=社", "?q=person")),
    Line("/programmes/{slug}/", READERS, SLUG, no=(403, 404)),
    Line("/programmes/{slug}/pairings.xlsx", ROWS, SLUG, no=(403, 404)),
    *(
        Line(f"/programmes/{{slug}}/report/{{code}}.{ending}", ROWS, SLUG | {"code": "half"}, no=(403, 404))
        for ending in ("pdf", "xlsx")
    ),
    Line("/programmes/{slug}/{metric}/", ROWS, SLUG | {"metric": "metric"}, no=(403, 404)),
    *(Line(f"/{name}/", ROWS, queries=("?state=entered", "?page=9")) for name in PAGES_OF),
    *(
        Line(f"/{name}/new/", ROWS if name != "pairings" else "OR", queries=("?pairing={twin_pairing}",))
        for name in PAGES_OF
    ),
    *(Line(f"/{name}/{{pk}}/", ROWS, {"pk": thing}, no=(403, 404)) for name, thing in PAGES_OF.items()),
    *(
        Line(f"/{name}/{{pk}}/edit/", ROWS if name != "pairings" else "OR", {"pk": thing}, no=(403, 404))
        for name, thing in PAGES_OF.items()
    ),
    *(
        Line(f"/{name}/{{pk}}/{verb}/", ALL, {"pk": thing}, ok=(405,))
        for name, thing in PAGES_OF.items()
        for verb in ("confirm", "return")
    ),
    Line("/api/v1/programmes/", READERS, queries=("?search=person",)),
    Line("/api/v1/programmes/{slug}/", READERS, SLUG, no=(403, 404)),
    Line("/api/v1/programmes/{slug}/progress/", READERS, SLUG, no=(403, 404)),
    Line("/api/v1/agencies/", "OMSWIVAR", queries=("?search=社", "?search=person")),
    Line("/api/v1/agencies/{pk}/", "OMSWIVAR", {"pk": "agency"}, no=(403, 404)),
    *(Line(f"/api/v1/{name}/", ROWS, queries=_elsewhere) for name in LISTS),
    *(Line(f"/api/v1/{name}/{{pk}}/", ROWS, {"pk": thing}, no=(403, 404)) for name, thing in LISTS.items()),
    *(
        Line(f"/api/v1/{name}/{{pk}}/{verb}/", ALL, {"pk": thing}, ok=(405,))
        for name, thing in LISTS.items()
        for verb in ("confirm", "return")
    ),
]
_of_pairing = {"pairing": "{pairing}", "on": "2023-03-08"}
PARTNERSHIP_WRITES = [
    *(Write(f"/{name}/new/", ROWS if name != "pairings" else "OR", {"title": "新"}) for name in PAGES_OF),
    *(Write(f"/{name}/{{pk}}/edit/", ROWS if name != "pairings" else "OR", {"title": "新"}, {"pk": thing}) for name, thing in PAGES_OF.items()),
    *(
        Write(f"/{name}/{{pk}}/{verb}/", ROWS, {"reason": "不对"}, {"pk": thing})
        for name, thing in PAGES_OF.items()
        for verb in ("confirm", "return")
    ),
    Write("/api/v1/programmes/", "R", {
        "slug": "new-one", "name": "新的", "sending": "640000000000", "receiving": "420000000000", "starts_on": "2024-01-01",
        "ends_on": "2024-12-31"}),
    Write("/api/v1/programmes/{slug}/", "R", {"name": "改名"}, SLUG, "patch"),
    Write("/api/v1/agencies/", "OR", {"name": "新机构", "division": "{division}"}),
    Write("/api/v1/pairings/", "OR", {"programme": "{programme}", "sender": "{sender}", "county": "{division}"}),
    Write("/api/v1/pairings/{pk}/", "OR", {"note": "改"}, {"pk": "pairing"}, "patch"),
    Write("/api/v1/batches/", ROWS, {
        "pairing": "{pairing}", "departs_on": "2023-04-03", "returns_on": "2023-04-07", "members": [{"name": "甲"}]}),
    Write("/api/v1/batches/{pk}/", ROWS, {"place": "改"}, {"pk": "batch"}, "patch"),
    Write("/api/v1/support-sessions/", ROWS, {**_of_pairing, "kind": "tutoring", "title": "新", "minutes": 60, "way": "online"}),
    Write("/api/v1/support-sessions/{pk}/", ROWS, {"place": "改"}, {"pk": "support"}, "patch"),
    Write("/api/v1/cooperation-activities/", ROWS, {
        **_of_pairing, "programme": "{programme}", "field": "policy", "title": "新", "way": "online"}),
    Write("/api/v1/cooperation-activities/{pk}/", ROWS, {"place": "改"}, {"pk": "deed"}, "patch"),
    Write("/api/v1/pairing-outcomes/", ROWS, {**_of_pairing, "kind": "certificate", "evidence": "证书", "name": "乙", "unit": "站"}),
    Write("/api/v1/pairing-outcomes/{pk}/", ROWS, {"evidence": "改"}, {"pk": "outcome"}, "patch"),
    *(
        Write(f"/api/v1/{name}/{{pk}}/{verb}/", ROWS, body, {"pk": thing})
        for name, thing in LISTS.items()
        for verb, body in (("confirm", {}), ("return", {"reason": "不对"}))
    ),
]  # fmt: skip


def a_pairing(world, place):
    """{name: value}: a programme of the place's county with an agency from another province, and one entry of each kind."""
    mark = {"": "HOME", "sibling_": "SIBLING", "twin_": "TWIN"}[place]
    county = {"": world.home, "sibling_": world.sibling, "twin_": world.twin}[place]
    receiver = next((a for a in world.agencies.values() if a.division_id == county.pk), None)
    root = world.users["superuser"]
    with change(None, "test.pairing"):
        north = _province()
        sender = Agency.objects.create(name=f"{mark}-person社", division=north)
        user = User.objects.create(username=f"sent_{mark.lower()}", display_name="派")
        Post.objects.create(user=user, role="agency", agency=sender, span=DateRange(dt.date(2020, 1, 1), None))
    programme = actions.create_programme(
        root, slug=f"{mark.lower()}-round", name=f"{mark}-person计划", sending=north, receiving=county.province,
        starts_on=dt.date(2021, 1, 1), ends_on=dt.date(2025, 12, 31), agencies=[sender], counties=[(county, True)],
        targets=[{"metric": "pairing_batches", "op": ">=", "value": 3}],
    )  # fmt: skip
    pairing = actions.create_pairing(root, programme=programme, sender=sender, county=county, receiver=receiver)
    with change(None, "test.pairing"):
        type(pairing).objects.filter(pk=pairing.pk).update(entered_by=user)
    more = {"on": DAY, "place": f"{mark}-address", "way": "onsite"}
    batch = actions.create_batch(
        user,
        pairing=pairing,
        departs_on=DAY,
        returns_on=DAY,
        place=f"{mark}-address",
        members=[{"name": f"{mark}-person"}],
    )
    session = actions.create_session(
        user, pairing=pairing, kind="supervision", title=f"{mark}-person", minutes=60, **more
    )
    deed = actions.create_activity(
        user, programme=programme, pairing=pairing, field="policy", title=f"{mark}-person", **more
    )
    outcome = actions.create_outcome(
        user, pairing=pairing, kind="certificate", on=DAY, evidence="证书", name=f"{mark}-person", unit="站"
    )
    return {
        "programme": programme.slug, "metric": "pairing_batches", "half": "2023-H1", "sender": str(sender.pk), "pairing": pairing.public_id, "batch": batch.public_id,
        "support": session.public_id, "deed": deed.public_id, "outcome": outcome.public_id,
    }  # fmt: skip


def _province():
    """Another province than the world's."""
    known = Division.objects.filter(code="640000000000", level=1).first()
    if known is None:
        known = Division.objects.create(code="640000000000", name="朔方区", level=1, valid_from=dt.date(2020, 1, 1))
        known.province = known
        known.save()
    return known
