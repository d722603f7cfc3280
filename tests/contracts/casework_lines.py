"""The addresses of casework and one of each thing they name; `table.py` and `things.py` take them up."""

import datetime as dt

from django.utils import timezone

from accounts.changes import change
from casework import actions
from casework.models import BreakGlass
from periods import today
from tests.contracts.table import ALL, Line, Write
from workforce import actions as staff
from workforce.models import Worker

PAPERS = ("intake", "assessments", "plans", "contacts", "reviews", "evaluations", "closure", "follow-ups", "filing",
          "consent", "suspend", "resume", "transfer", "crisis", "approvals", "corrections")  # fmt: skip
READERS, CASE, CLIENT = "MSW", {"number": "case"}, {"public_id": "client"}
ANY, PERSON = CASE | {"pk": "anything"}, {"client": "client"}
DEEDS = {
    "advance": "W", "suspend": "W", "resume": "W", "consent": "W", "crisis": READERS, "transfer": READERS, "reopen": READERS,
    "correct": READERS, "filing": "MW", "confidentiality": "MS", "reads": READERS,
}  # fmt: skip

CASEWORK = [
    Line("/cases/", "OMSWR", queries=("?overdue=yes", "?station={sibling_station}", "?worker={twin_worker}")),
    Line("/cases/{number}/", "OMSWR", CASE, no=(404,)),
    *(Line(f"/cases/{{number}}/{tab}/", READERS, CASE, no=(403, 404)) for tab in ("goals", "assessments", "plans", "supervision", "file")),
    Line("/cases/{number}/papers/{kind}/{pk}/", READERS, CASE | {"kind": "approved_kind", "pk": "approved"}, no=(403, 404)),
    *(Line(f"/cases/{{number}}/{deed}/", who, CASE, no=(403, 404)) for deed, who in DEEDS.items()),
    Line("/cases/{number}/withdraw-goal/{goal}/", ALL, CASE | {"goal": "anything"}, ok=(403, 404)),
    Line("/cases/{number}/print/", READERS, CASE, no=(403, 404)),
    Line("/cases/{number}/print/{job}/", ALL, CASE | {"job": "anything"}, ok=(403, 404)),
    Line("/log/", READERS),
    Line("/cases/{number}/log/", "W", CASE, no=(403, 404)),
    Line("/cases/{number}/{form}/", "W", CASE | {"form": "paper_form"}, no=(403, 404), queries=("?step=2", "?step=x")),
    Line("/api/v1/clients/", READERS),
    Line("/api/v1/clients/{public_id}/", READERS, CLIENT, no=(404,)),
    Line("/api/v1/clients/{public_id}/reveal/", ALL, CLIENT, ok=(405,)),
    Line("/api/v1/cases/", "OMSWR", queries=("?overdue=true", "?within={twin_division}", "?station={sibling_station}", "?worker={twin_worker}")),
    Line("/api/v1/cases/{number}/", "OMSWR", CASE, no=(404,)),
    Line("/api/v1/cases/{number}/timeline/", "OMSWR", CASE, no=(404,)),
    *(Line(f"/api/v1/cases/{{number}}/{verb}/", ALL, CASE, ok=(405,)) for verb in ("advance", "reopen", "reveal")),
    Line("/api/v1/cases/{number}/goals/{goal}/withdraw/", ALL, CASE | {"goal": "anything"}, ok=(405,)),
    *(Line(f"/api/v1/cases/{{number}}/{kind}/", READERS, CASE, no=(403, 404)) for kind in PAPERS),
    Line("/api/v1/cases/{number}/intake/{pk}/", READERS, CASE | {"pk": "intake"}, no=(403, 404)),
    *(Line(f"/api/v1/cases/{{number}}/{kind}/{{pk}}/", ALL, ANY, ok=(403, 404)) for kind in PAPERS if kind != "intake"),
    Line("/todo/", ALL, queries=("?when=overdue", "?when=x")),
    Line("/approvals/", "MS"),
    Line("/approvals/{kind}/{public_id}/", "MS", {"kind": "approved_kind", "public_id": "approved"}, no=(403, 404)),
    Line("/caseload/", "MS", queries=("?sort=-overdue", "?within={twin_division}", "?within={sibling_station}")),
    Line("/caseload/{worker}/", "MS", {"worker": "case_worker"}),
    Line("/cases/{number}/assign/", "MS", CASE, no=(403, 404)),
    Line("/cases/new/", READERS),
    Line("/clients/", READERS, queries=("?only=mine", "?only=none", "?only=x")),
    Line("/clients/new/", READERS, queries=("?then=case",)),
    Line("/clients/{client}/", READERS, PERSON, no=(403, 404)),
    *(Line(f"/clients/{{client}}/{page}/", READERS, PERSON, no=(403, 404)) for page in ("edit", "categories", "household")),
    Line("/clients/{client}/categories/{row}/", READERS, PERSON | {"row": "category"}, no=(403, 404)),
    Line("/clients/{client}/show/", ALL, PERSON, ok=(405,)),
    *(Line(f"/households/{{household}}/{page}", READERS, {"household": "household"}, no=(404,)) for page in ("", "in/", "head/")),
    Line("/households/{household}/out/{row}/", READERS, {"household": "household", "row": "member"}, no=(404,)),
    Line("/break-glass/", "MSR", queries=("?place={twin_station}",)),
    Line("/break-glass/{glass}/", "MSR", {"glass": "glass"}, no=(403, 404)),
    *(Line(f"/break-glass/{{glass}}/{verb}/", ALL, {"glass": "glass"}, ok=(405,)) for verb in ("end", "seen")),
]  # fmt: skip

CASEWORK_WRITES = [
    Write("/cases/{number}/print/", READERS, {"purpose": "supervision"}, CASE),
    *(Write(f"/households/{{household}}/{page}/", READERS, {}, {"household": "household"}) for page in ("in", "head")),
    Write("/households/{household}/out/{row}/", READERS, {}, {"household": "household", "row": "member"}),
    Write("/break-glass/", "R", {"place": "x", "reason": "核对记录是否完整"}),
    Write("/break-glass/{glass}/end/", "R", {}, {"glass": "glass"}),
    Write("/break-glass/{glass}/seen/", "M", {}, {"glass": "glass"}),
]


def a_case(world, place, town):
    """{name: value}: a client of the place's worker with a case and a signed intake."""
    user = world.users[f"{place}worker"]
    job = {"station": world.station(town), "starts_on": world.station(town).established_on}
    worker = staff.create_worker(world.users["superuser"], name="甲", assignments=[job])
    with change(None, "test.linked"):
        Worker.objects.filter(pk=worker.pk).update(user=user)
    user = world.user(f"{place}worker")
    mark = {"": "HOME", "sibling_": "SIBLING", "twin_": "TWIN"}[place]
    person = {
        "name": f"{mark}-person",
        "sex": "male",
        "birth_date": "1945-03-12",
        "id_absent_reason": "遗失",
        "address": f"{mark}-address",
        "categories": ["lone_elder"],
    }
    client = actions.create_client(user, person)
    case = actions.open_case(user, {"client": client.public_id, "opened_on": "2022-08-01"})
    intake = actions.write_record(user, case, "intake", {
        "received_on": "2022-08-01", "source": "outreach", "presenting_problem": f"{mark}-person", "decision": "accept",
        "decision_reason": "属服务范围",
    })  # fmt: skip
    closure = actions.write_record(
        user, case, "closure", {"closed_on": "2022-08-01", "code": "07", "summary": f"{mark}-person"}
    )
    household = actions.found_household(user, client, since=today(), note=f"{mark}-person")
    with change(None, "test.looked"):
        hour = dt.timedelta(minutes=30)
        glass = BreakGlass.objects.create(
            user=world.users["superuser"], station=case.station, reason=f"{mark}-person", opened_at=timezone.now() - hour,
            until=timezone.now(), ended_at=timezone.now() - hour / 2,
        )  # fmt: skip
    return {
        "category": client.category_rows.get().pk, "household": household.public_id, "member": household.members.get().pk,
        "glass": glass.public_id, "paper_form": "intake", "approved_kind": "closure", "approved": closure.public_id, "case_worker": worker.public_id, "client": client.public_id, "case": case.number, "intake": intake.public_id,
    }  # fmt: skip
