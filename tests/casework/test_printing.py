"""The printed file of a case: everything that is declared stands in it once, nothing of anybody else, masked as the pages mask."""

import contextlib
import io
import time
import unicodedata

import pytest
from django.utils import timezone, translation
from pypdf import PdfReader

from accounts.changes import VIA
from accounts.errors import DomainError, Forbidden
from accounts.models import Event
from accounts.reveals import REVEALED
from casework import access, printing, reads
from casework.actions import prints
from casework.casefile import CaseFile
from casework.fields import Choice, Clock, Day, Each, Flag, Many, Moment, Part, Text, Texts, Whole
from casework.models import Case
from casework.records import DEEDS, KINDS, STAGE_RECORDS
from jobs.actions import run, work
from jobs.models import Job, StoredFile
from surfaces.pdf import typeset
from tests.budgets import within_budget
from tests.casework.caseload import SCORES, ago

SPECIAL = {"draft", "record", "worker", "to_station"}


@pytest.fixture
def session():
    with coming_from("web"):
        yield


@contextlib.contextmanager
def coming_from(edge):
    token = VIA.set(edge)
    yield
    VIA.reset(token)


class Filler:
    """Bodies with every declared field filled; each written text is a word of its own, kept in `words`."""

    def __init__(self):
        self.words = []

    def body(self, fields, **fixed):
        found = {f.name: fixed[f.name] if f.name in fixed else self.value(f) for f in fields if f.name not in SPECIAL}
        return {n: v for n, v in found.items() if v is not None} | {n: v for n, v in fixed.items() if v is not None}

    def word(self):
        self.words.append(f"甲{len(self.words):03d}乙")
        return self.words[-1]

    def value(self, field):
        if isinstance(field, Each):
            return [self.body(field.fields)]
        if isinstance(field, Part):
            return self.body(field.fields)
        if isinstance(field, Text):
            return self.word()
        if isinstance(field, Texts):
            return [self.word()]
        if isinstance(field, Many):
            return [next(iter(field.codes))]
        if isinstance(field, Choice):
            return next(iter(field.codes))
        for kind, value in (
            (Flag, True),
            (Day, ago(9)),
            (Moment, timezone.now().isoformat()),
            (Clock, "09:30"),
            (Whole, max(1, getattr(field, "least", 1))),
        ):
            if isinstance(field, kind):
                return value
        return {"scores": SCORES, "diagnoses": ["F01"], "risk_events_30d": 2, "assessors": [self.word(), self.word()]}


@pytest.fixture
def filled(load):
    """(a closed case with every paper and every field of it filled, the words that were written)."""
    fill = Filler()
    case = load.case(guardian={"name": "王建", "relation": "子", "phone": "13812345678"}, client=None)
    load.write(case, "intake", fill.body(KINDS["intake"].fields, received_on=ago(60), decision="accept", consent={
        "basis": "consent", "given_on": ago(60), "method": "signature", "by": "self", "scope": [fill.word()],
        "expires_on": ago(-300), "reason": fill.word(),
    }))  # fmt: skip
    case = load.advance(case, "assessment")
    need = {"rank": 1, "domain": "care", "text": fill.word()}
    load.write(
        case,
        "assessments",
        fill.body(KINDS["assessments"].fields, assessed_on=ago(58), risk_level="yellow", needs=[need]),
    )
    case = load.advance(case, "planning", reason=fill.word())
    step = {
        "task": fill.word(),
        "responsible": fill.word(),
        "frequency": fill.word(),
        "starts_on": ago(50),
        "ends_on": ago(40),
    }
    goal = {
        "text": fill.word(),
        "indicator": fill.word(),
        "baseline": fill.word(),
        "target": fill.word(),
        "due_on": ago(-60),
    }
    again = goal | {"text": fill.word(), "indicator": fill.word(), "baseline": fill.word(), "target": fill.word()}
    plan = load.write(
        case,
        "plans",
        fill.body(KINDS["plans"].fields, planned_on=ago(56), goals=[goal, again], steps=[step], review_on=ago(-30)),
    )
    load.approve(plan, text=fill.word())
    case = load.advance(case, "intervention")
    first, second = plan.goals.order_by("position")
    from casework import actions

    actions.withdraw_goal(load.user(), case, second.public_id, {"reason": fill.word()})
    load.approve(second, text=fill.word())
    load.write(
        case, "contacts", fill.body(KINDS["contacts"].fields, happened_on=ago(50), goals=[first.public_id], minutes=40)
    )
    load.write(
        case,
        "reviews",
        fill.body(KINDS["reviews"].fields, reviewed_on=ago(40), subject=plan.record, next_review_on=ago(-20)),
    )
    actions.record_consent(
        load.user(),
        case,
        fill.body(
            [f for f in KINDS["consent"].fields if f.name != "withdrawn_on"],
            action="give",
            given_on=ago(40),
            expires_on=ago(-300),
        ),
    )
    for action, names in (
        ("raise", "found_at kinds level measures reported_to report_no safety_plan"),
        ("follow_up", "at note"),
        ("lift", "at reason"),
    ):
        some = [f for f in KINDS["crisis"].fields if f.name in names.split()]
        actions.record_crisis(
            load.user("supervisor" if action == "lift" else "worker"), case, fill.body(some, action=action)
        )
    actions.suspend_case(load.user(), case, fill.body(KINDS["suspend"].fields, on=ago(30), review_on=ago(-3)))
    actions.resume_case(load.user(), case, fill.body(KINDS["resume"].fields, on=ago(20)))
    offer = {"action": "offer", "to_station": load.world.station("葛店镇").code, "reason": fill.word()}
    actions.transfer_case(load.user(), case, offer)
    actions.transfer_case(load.user(), case, {"action": "cancel"})
    case = load.advance(case, "evaluation")
    score = [{"goal": first.public_id, "score": 1, "evidence": fill.word()}]
    happy = {"score": 5, "said_on": ago(8), "absent_reason": None}
    load.write(
        case,
        "evaluations",
        fill.body(KINDS["evaluations"].fields, goal_scores=score, satisfaction={n: v for n, v in happy.items() if v}),
    )
    closure = load.write(
        case,
        "closure",
        fill.body(
            KINDS["closure"].fields,
            closed_on=ago(3),
            code="01",
            informed_on=ago(3),
            follow_up=[{"due_on": ago(-30), "way": "phone"}],
            follow_up_none=None,
        ),
    )
    load.approve(closure, text=fill.word())
    case = load.advance(case, "closed")
    actions.correct_record(
        load.user(), case, {"record": plan.record, "field": "model", "text": fill.word(), "reason": fill.word()}
    )
    load.write(case, "follow-ups", fill.body(KINDS["follow-ups"].fields, visited_on=ago(1)))
    load.write(case, "filing", fill.body(KINDS["filing"].fields, filed_on=ago(1)))
    return Case.objects.select_related("station__division", "client", "worker__user", "previous").get(
        pk=case.pk
    ), fill.words


def text_of(made):
    found = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    return "".join(c for c in unicodedata.normalize("NFKC", found) if not c.isspace() and c != "\u200b")


def printed(case, user, **how):
    return typeset(printing.TEMPLATE, printing.document(CaseFile(case), user, purpose="supervision", **how))


def test_every_text_that_was_written_stands_in_it_once(load, filled):
    case, words = filled
    found = text_of(printed(case, load.user()))
    assert {w: found.count(w) for w in words} == dict.fromkeys(words, 1)


def test_every_declared_field_of_every_kind_has_its_label(load, filled):
    case, _words = filled
    found = text_of(printed(case, load.user()))
    declared = [f for kind in STAGE_RECORDS for f in kind.fields]
    inside = [g for f in declared if isinstance(f, Part) for g in f.fields]
    missing = [str(f.label) for f in declared + inside if unicodedata.normalize("NFKC", str(f.label)) not in found]
    assert set(missing) <= {"开始时间"} or missing == []


def test_every_kind_of_paper_has_its_place():
    placed = {*printing.ORDER, *printing.UNDER, *printing.COURSE}
    assert placed == {kind.name for kind in (*STAGE_RECORDS, *DEEDS)}
    assert set(printing.SIGNERS) == set(printing.ORDER)


def test_forms_follow_each_other_and_the_contents_know_their_pages(load, filled):
    case, _words = filled
    reader = PdfReader(io.BytesIO(printed(case, load.user())))
    forms = [
        p["form"] for p in printing.document(CaseFile(case), load.user(), purpose="service")["papers"] if p["form"]
    ]
    assert forms == sorted(forms)
    contents = "".join(reader.pages[1].extract_text().split())
    for n, page in enumerate(reader.pages, 1):
        head = "".join(page.extract_text().split())
        assert f"第{n}页,共{len(reader.pages)}页" in unicodedata.normalize("NFKC", head)
        if "F09结案报告" in head and n > 2:
            assert (
                contents.split("结案报告")[1].startswith(("第1版", "1版"))
                and str(n) in contents.split("结案报告")[1][:40]
            )


def test_numbers_are_masked_as_on_pages_and_open_where_they_were_opened(load, filled):
    case, _words = filled
    number = case.client.id_number.clear
    masked, clear = text_of(printed(case, load.user())), text_of(printed(case, load.user(), clear=True))
    assert number not in masked and "13912345678" not in masked and "13812345678" not in masked
    assert f"{number[:3]}***********{number[-4:]}" in masked and "139****5678" in masked
    assert "王德福" in masked
    assert number in clear and "13912345678" in clear and "13812345678" in clear


def test_nothing_of_another_case_stands_in_it(load, filled):
    case, _words = filled
    other = load.case(name="别人名", address="别处路9号")
    load.intake(other, presenting_problem="别人的事")
    found = text_of(printed(case, load.user()))
    assert other.number not in found and "别人" not in found and "别处" not in found


def test_what_is_missing_and_what_is_unsigned_is_said(load):
    case = load.to("planning")
    load.write(case, "plans", {"draft": True, "overall_goal": "没签名的话"})
    found = text_of(printed(case, load.user()))
    assert "应有而没有结案报告" in found
    assert "没有签名的草稿,没有印服务计划第1版" in found and "没签名的话" not in found


def test_of_two_versions_the_newest_is_marked(load):
    case = load.to("planning")
    load.plan(case, approve=False)
    load.plan(case, approve=False)
    papers = printing.document(CaseFile(case), load.user(), purpose="service")["papers"]
    assert [p["note"] for p in papers if p["kind"] == "plans"] == ["已由第2版代替", "现行的一版"]


def test_who_signed_stands_in_his_own_place(load):
    case = load.to("intervention")
    load.write(case, "reviews", {"reviewed_on": ago(2), "finding": "照计划", "decision": "continue"}, who="supervisor")
    papers = {p["kind"]: p for p in printing.document(CaseFile(case), load.user(), purpose="service")["papers"]}
    named = {kind: {s["who"]: bool(s["name"]) for s in p["signatures"]} for kind, p in papers.items()}
    assert named["reviews"] == {"社工": False, "督导": True}
    assert named["plans"] == {"服务对象或监护人": False, "社工": True, "督导": True}
    assert named["intake"] == {"服务对象或监护人": False, "社工": True, "督导": False}


def test_english_readers_get_english_words_around_the_same_text(load, filled):
    case, words = filled
    with translation.override("en"):
        found = text_of(printed(case, load.user()))
    assert all(w in found for w in words)


def test_hostile_text_comes_through_as_text(load):
    hostile = '#panic() $x$ *a* ] } \\ " <l> @r // ☐ 😀 \u202e نور 䶮\n= 题'
    case = load.case()
    load.intake(case, presenting_problem=hostile + "长" * 4000)
    found = text_of(printed(case, load.user()))
    assert '#panic()$x$*a*]}\\"<l>@r//☐' in found and "U+1F600" in found and "U+202E" in found and "䶮" in found
    assert found.count("长") >= 4000


# ── Asking, making, taking, forgetting ───────────────────────────────────────────────────────────
def ask(load, case, who="worker", **more):
    return prints.ask_for_print(load.user(who), case, purpose="supervision", **more)


def test_a_print_is_asked_for_made_and_taken_with_a_purpose_each_time_recorded(load, filled, session):
    case, words = filled
    job = ask(load, case, note="给督导看")
    assert job.input == {"number": case.number, "event": Event.objects.filter(verb=reads.PRINTED).latest("pk").pk}
    run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.DONE
    stored = StoredFile.objects.get(content_type=prints.SEALED)
    kept = stored.path.read_bytes()
    assert kept.startswith(b"v1.") and b"%PDF" not in kept  # on the disk it is sealed
    made = prints.take_print(load.user(), case, job.pk)
    assert words[0] in text_of(made)
    events = Event.objects.filter(verb__in=(reads.PRINTED, reads.PRINT_TAKEN)).order_by("pk")
    assert [(e.verb, e.detail["purpose"], e.label) for e in events] == [
        (reads.PRINTED, "supervision", case.number), (reads.PRINT_TAKEN, "supervision", case.number),
    ]  # fmt: skip
    assert "给督导看" not in str(events[0].detail)


def test_opening_what_is_masked_counts_as_a_reveal(load, session):
    case = load.case()
    ask(load, case, clear=True)
    event = Event.objects.get(verb=REVEALED)
    assert event.detail["fields"] == list(prints.OPENED) and event.detail["purpose"] == "supervision"


def test_asking_twice_prints_once(load, session):
    case = load.case()
    assert ask(load, case) == ask(load, case)
    assert Event.objects.filter(verb=reads.PRINTED).count() == 1


@pytest.mark.parametrize("purpose", ["", "curiosity"])
def test_without_a_purpose_nothing_is_printed(load, session, purpose):
    with pytest.raises(DomainError):
        prints.ask_for_print(load.user(), load.case(), purpose=purpose)
    assert not Job.objects.filter(kind=prints.PRINT).exists()


@pytest.mark.parametrize("edge", ["key", "job", "command"])
def test_a_key_and_a_job_cannot_ask(load, edge):
    with coming_from(edge), pytest.raises(Forbidden):
        ask(load, load.case())


@pytest.mark.parametrize("who", ["supervisor", "manager", "superuser", "sibling_worker", "official"])
def test_nobody_takes_what_another_had_printed(load, session, who):
    case = load.case()
    job = ask(load, case)
    run(job.pk)
    with pytest.raises(DomainError):
        prints.take_print(load.user(who), case, job.pk)


def test_who_lost_the_case_meanwhile_gets_nothing(load, session, monkeypatch):
    case = load.case()
    job = ask(load, case)
    monkeypatch.setattr(prints, "can", lambda user, verb, obj: False)
    run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.FAILED and not StoredFile.objects.filter(content_type=prints.SEALED).exists()
    assert access.can(load.user(), "print", case)


def test_after_a_day_it_is_gone_from_the_table_and_the_disk(load, session):
    case = load.case()
    job = ask(load, case)
    run(job.pk)
    stored = StoredFile.objects.get(content_type=prints.SEALED)
    assert prints.forget_prints() == 0
    StoredFile.objects.filter(pk=stored.pk).update(created_at=timezone.now() - prints.KEPT)
    with pytest.raises(prints.Gone):
        prints.take_print(load.user(), case, job.pk)
    assert prints.forget_prints() == 1
    assert not stored.path.exists() and not StoredFile.objects.filter(pk=stored.pk).exists()


def test_its_work_is_found():
    assert work()[prints.PRINT] is prints.make_print


# ── The page ─────────────────────────────────────────────────────────────────────────────────────
def test_the_page_says_what_it_will_hold_and_hands_the_file_over(load, filled):
    case, words = filled
    worker, url = load.world.browser("worker"), f"/cases/{case.number}/print/"
    page = worker.get(url).content.decode()
    assert "接案登记" in page and "F01" in page and "supervision" in page
    assert worker.post(url, {"purpose": "supervision"}).status_code == 302
    assert "正在排版" in worker.get(url).content.decode()
    job = Job.objects.get(kind=prints.PRINT)
    run(job.pk)
    assert f"{url}{job.pk}/" in worker.get(url, headers={"HX-Request": "true"}).content.decode()
    answer = worker.get(f"{url}{job.pk}/")
    assert answer["Content-Type"] == "application/pdf" and case.number in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert words[0] in text_of(answer.content)
    assert load.world.browser("supervisor").get(f"{url}{job.pk}/").status_code == 404


def test_the_page_refuses_an_empty_form_and_keeps_what_was_typed(load):
    case = load.case()
    answer = load.world.browser("worker").post(f"/cases/{case.number}/print/", {"note": "写过的话"})
    assert (
        answer.status_code == 400 and "用途必须填" in answer.content.decode() and "写过的话" in answer.content.decode()
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [("official", 403), ("superuser", 403), ("inspector", 404), ("twin_worker", 404), ("manager", 200)],
)
def test_only_who_has_the_case_in_full_prints(load, who, status):
    case = load.case()
    assert load.world.browser(who).get(f"/cases/{case.number}/print/").status_code == status


def test_a_file_of_hundreds_of_contacts_is_done_in_one_go(load, filled):
    """Not a measure: that long ones end at all, in the time and memory one document may take."""
    case, _words = filled
    data = printing.document(CaseFile(case), load.user(), purpose="service")
    contact = next(p for p in data["papers"] if p["kind"] == "contacts")
    data["papers"] += [contact | {"n": 1000 + n} for n in range(300)]
    started = time.monotonic()
    assert len(PdfReader(io.BytesIO(typeset(printing.TEMPLATE, data))).pages) > 90
    assert started


def test_the_page_stays_within_its_queries(load):
    case = load.to("planning")
    within_budget(load.world.browser("worker"), "case_print", f"/cases/{case.number}/print/")
