"""The printed file of a case as data: cover, contents, the client, every signed paper in the order of the forms, what happened when.

Words in the reader's language, text as it was written. Layout is print/casefile.typ; who may print is the actions' affair.
"""

from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import FULL
from accounts.reveals import PURPOSES, REVEALED
from casework import codes, filing
from casework.blocks import UNFILLED, blocks_of, field_label, height_of, paragraphs, row_of, stamp
from casework.casefile import values_of
from casework.models import Client
from casework.reads import PRINT_TAKEN, PRINTED, READ, reads_of
from casework.records import KINDS, paper_name
from casework.shapes import client_json, title_of
from stations.models import Station
from workforce.models import Worker

TEMPLATE = Path(__file__).with_name("print") / "casefile.typ"
# The papers in the order of the file (F01 … F13); what stands under another paper; what stands in the course of the case.
ORDER = (
    "intake", "consent", "assessments", "plans", "contacts", "crisis", "transfer", "reviews", "evaluations", "closure",
    "follow-ups", "filing",
)  # fmt: skip
UNDER = ("approvals", "corrections", "withdrawal")
COURSE = ("opened", "reopen", "stage", "suspend", "resume")
SHORT = 130  # millimetres of a paper's own fields, beside which verdicts and signatures find room on its page
FORMS = {"transfer": "F07"}  # a form that records.py does not number
LOOKS = {
    READ: gettext_lazy("查看"), REVEALED: gettext_lazy("显示打码的信息"), PRINTED: gettext_lazy("打印卷宗"),
    PRINT_TAKEN: gettext_lazy("下载打印稿"),
}  # fmt: skip
CLIENT, WORKER, SUPERVISOR = "client", "worker", "supervisor"
SIGNERS = {
    "intake": (CLIENT, WORKER, SUPERVISOR), "consent": (CLIENT, WORKER), "assessments": (WORKER, SUPERVISOR),
    "plans": (CLIENT, WORKER, SUPERVISOR), "contacts": (WORKER,), "crisis": (WORKER, SUPERVISOR),
    "transfer": (CLIENT, WORKER), "reviews": (WORKER, SUPERVISOR), "evaluations": (CLIENT, WORKER, SUPERVISOR),
    "closure": (CLIENT, WORKER, SUPERVISOR), "follow-ups": (WORKER,), "filing": (WORKER, SUPERVISOR),
}  # fmt: skip


def document(file, user, *, purpose, clear=False):
    """Everything that print/casefile.typ lays out, for `user`, who has the case in full. `clear`: ID number and phones are opened."""
    papers = [r for kind in ORDER for r in sorted(file.all(kind), key=lambda r: (r.on or r.signed_at.date(), r.pk))]
    lookups = _lookups(file)
    sheets = [_paper(n, record, file, lookups) for n, record in enumerate(papers, 1)]
    return {
        "labels": labels(), "title": _("个案档案"), "number": file.case.number, "station": file.case.station.name,
        "printed": _("%(who)s %(when)s 印，用途：%(purpose)s") % {
            "who": user, "when": stamp(timezone.now()), "purpose": PURPOSES[purpose],
        },
        "cover": _cover(file.case, clear), "client": _client(file.client, clear), "papers": sheets, "course": _course(file, lookups),
        "register": register(file), "missing": _("、").join(missing(file)), "drafts": _("、").join(drafts(file)),
    }  # fmt: skip


def outline(file):
    """[(form, label, how many)] of what will be printed, for the page that asks for it."""
    found = [(form_of(kind), KINDS[kind].label, len(file.all(kind))) for kind in ORDER]
    return [row for row in found if row[2]]


def missing(file):
    """Labels of what this case's file should hold and lacks (F13)."""
    agreement = next(f.label for f in KINDS["plans"].fields if f.name == "agreement")
    return [
        str(agreement if name == "agreement" else KINDS[name].label) for name in filing.contents_of(file)["missing"]
    ]


def drafts(file):
    """Titles of papers that nobody has signed: they are not printed."""
    return [paper_name(r, first_too=True) for r in file.records if r.draft]


def register(file):
    """[[day, who, what, purpose, times]] of looks into the case, one row a day and person (F12), as the change log tells them."""
    times: dict = {}
    for event in reads_of(file.case):
        what = str(LOOKS.get(event.verb, ""))
        purpose = str(PURPOSES.get(event.detail.get("purpose"), ""))
        row = (timezone.localtime(event.at).date().isoformat(), name_of(event.user), what, purpose)
        times[row] = times.get(row, 0) + 1
    return [[*row, str(n)] for row, n in sorted(times.items())]


def form_of(kind, record=None):
    """The form's number; a plan with its agreement is two forms on one sheet."""
    both = kind == "plans" and record is not None and record.plain.get("agreement")
    return "F03 F04" if both else KINDS[kind].form or FORMS.get(kind, "")


def labels():
    """The template's own words."""
    return {
        "contents": _("卷内目录"), "n": _("序号"), "form": _("表号"), "paper": _("文件"), "on": _("日期"), "by": _("签名人"), "who": _("经办人"),
        "page": _("页次"), "missing": _("应有而没有"), "complete": _("应有的都有"), "drafts": _("没有签名的草稿，没有印"),
        "client": _("服务对象基本情况"), "course": _("办理经过"), "what": _("事项"), "said": _("内容"), "verdicts": _("审批"),
        "corrections": _("更正"), "withdrawals": _("撤回目标"), "signatures": _("签名"), "sign": _("签名"), "date": _("日期"),
        "signed": _("已在系统签名"), "pages": _around(_("第 %(first)s 页，共 %(second)s 页")),
        "register": _("查看登记"), "purpose": _("用途"), "times": _("次数"), "codes": _("没有字形的字符"), "reason": _("原因"),
        "codes_note": _("这些字符字体里没有，或会改变行文方向，正文里印成方括号中的编号。"),
        "papers": _around(_("共 %(first)s 份文件，%(second)s 页")),
        "confidential": _("含个人信息。按档案规定保管、借阅、销毁；证件号和电话按打印人的权限遮盖。"),
    }  # fmt: skip


def _around(sentence):
    """The three pieces of a sentence around two numbers that only the typesetter knows."""
    return (sentence % {"first": "\0", "second": "\0"}).split("\0")


# ── Cover and client ─────────────────────────────────────────────────────────────────────────────
def _cover(case, clear):
    person = _person(case.client, clear)
    closed = codes.CLOSURES.get(case.closure_code, "") if case.closed_on else ""
    rows = [
        (_("个案编号"), case.number),
        (_("服务对象"), person["name"]),
        (_("证件号"), person["id_number"] or case.client.id_absent_reason),
        (_("站点"), f"{case.station.name}（{case.station.code}）"),
        (_("承办社工"), case.worker.name),
        (_("领域"), codes.DOMAINS.get(case.domain, "")),
        (_("阶段"), codes.STAGES[case.stage]),
        (_("风险等级"), codes.RISK_LEVELS.get(case.risk_level, "")),
        (_("开案日期"), case.opened_on.isoformat()),
        (_("结案日期"), f"{case.closed_on.isoformat()}　{closed}" if case.closed_on else ""),
        (_("归档日期"), case.filed_on.isoformat() if case.filed_on else ""),
        (_("第几次服务"), f"{case.episode}" + (f"（{case.previous.number}）" if case.previous else "")),
        (_("保密级别"), codes.CONFIDENTIALITY[case.confidentiality]),
    ]
    by_hand = [[str(label), ["　"], False] for label in (_("档号"), _("保管期限"))]
    return [row_of(label, value or "") for label, value in rows] + by_hand


def _person(client: Client, clear):
    """The client as this reader sees him; with what is masked where it was opened for this print."""
    shown = client_json(client, FULL, False)
    if clear:
        opened = ("id_number", "phone", "guardian", "emergency_contact")
        shown |= {name: value.clear for name in opened if (value := getattr(client, name))}
    return shown


def _client(client, clear):
    shown = _person(client, clear)
    divisions = client.registered_division, client.residence_division
    rows = [
        (_("姓名"), shown["name"]),
        (_("性别"), codes.SEXES[client.sex]),
        (_("出生日期"), shown["birth_date"]),
        (_("民族"), shown["ethnicity"]),
        (_("证件种类"), codes.ID_TYPES[client.id_type]),
        (_("证件号"), shown["id_number"] or client.id_absent_reason),
        (_("电话"), shown["phone"]),
        (_("人户分离"), codes.SEPARATIONS.get(client.residence_separation, "")),
        *((label, str(d) if d else "") for label, d in zip((_("户籍地"), _("居住地")), divisions, strict=True)),
        (_("住址"), shown["address"]),
        (_("身份类别"), _("、").join(str(codes.CATEGORIES[c]) for c in shown["categories"])),
        (_("监护人"), _contact(shown["guardian"])),
        (_("紧急联系人"), _contact(shown["emergency_contact"])),
        (_("建档日期"), client.filed_on.isoformat()),
    ]
    return [row_of(label, value or "") for label, value in rows]


def _contact(person):
    person = person or {}
    return "　".join(str(person[name]) for name in ("name", "relation", "phone") if person.get(name))


# ── Papers ───────────────────────────────────────────────────────────────────────────────────────
def _paper(n, record, file, lookups):
    """One signed paper with what was decided about it, what was put right later, and where it is signed."""
    blocks = blocks_of(record, file, lookups)
    heights = [height_of(block) for block in blocks]
    return {
        "short": sum(heights) < SHORT, "ends_short": heights[-1] < SHORT / 2, "n": n, "form": form_of(record.kind, record), "kind": record.kind, "title": _title(record, file), "note": _note(record, file),
        "on": record.on.isoformat() if record.on else f"{timezone.localtime(record.signed_at):%Y-%m-%d}",
        "by": name_of(record.signed_by), "blocks": blocks,
        "verdicts": [_verdict(r) for r in file.all("approvals") if r.about_id == record.pk],
        "corrections": [_correction(r, record) for r in file.all("corrections") if r.about_id == record.pk],
        "withdrawals": list(_withdrawals(record, file)), "signatures": list(_signatures(record, file)),
    }  # fmt: skip


def _title(record, file):
    if record.kind == "contacts":
        nth = sorted(file.all("contacts"), key=lambda r: (r.on, r.pk)).index(record) + 1
        return _("服务记录第%(n)d次") % {"n": nth}
    if record.kind in ("consent", "crisis", "transfer"):
        return str(title_of(record))
    return paper_name(record, first_too=True)


def _note(record, file):
    """Which of several versions holds."""
    newest = file.signed(record.kind)
    if not KINDS[record.kind].versions or newest is None:
        return ""
    if newest.pk == record.pk:
        return _("现行的一版") if record.version > 1 else ""
    return _("已由第%(n)d版代替") % {"n": newest.version}


def _verdict(record):
    text = values_of(record).get("text") or ""
    return [
        record.signed_at.date().isoformat(),
        name_of(record.signed_by),
        str(codes.VERDICTS[record.code]),
        paragraphs(text),
    ]


def _correction(record, about):
    values = values_of(record)
    return [
        stamp(record.signed_at), name_of(record.signed_by), field_label(about.kind, values["field"]),
        paragraphs(values["text"]), paragraphs(values["reason"]),
    ]  # fmt: skip


def _withdrawals(plan, file):
    """Goals of this plan that were to be withdrawn: which, why, who asked, what was answered."""
    goals = {g.pk: g for g in file.goals.get(plan.pk, [])}
    for record in file.all("withdrawal"):
        if record.goal_id in goals:
            answers = [r for r in file.all("approvals") if r.goal_id == record.goal_id and r.pk > record.pk]
            text = values_of(answers[0]).get("text") or "" if answers else ""
            said = (
                f"{codes.VERDICTS[answers[0].code]} {name_of(answers[0].signed_by)} {text}" if answers else _("待批准")
            )
            yield [
                str(goals[record.goal_id].position + 1), paragraphs(values_of(record)["reason"]),
                name_of(record.signed_by), stamp(record.signed_at), paragraphs(said),
            ]  # fmt: skip


def _signatures(record, file):
    """[{who, name, at}]: electronic signatures where there are some, else a place to sign by hand."""
    words = {CLIENT: _("服务对象或监护人"), WORKER: _("社工"), SUPERVISOR: _("督导")}
    author = SUPERVISOR if _by_supervisor(record, file) else WORKER
    signed = {SUPERVISOR: file.verdict(record)} | {author: record}
    for who in SIGNERS[record.kind]:
        by = signed.get(who)
        yield {
            "who": str(words[who]), "name": name_of(by.signed_by) if by else "", "at": stamp(by.signed_at) if by else "",
        }  # fmt: skip


def _by_supervisor(record, file):
    """Reviews, and what ends a crisis, may be somebody else's than the worker's."""
    return record.kind in ("reviews", "crisis") and record.signed_by_id != file.case.worker.user_id


def _course(file, lookups):
    """[[day, what, paragraphs, who]] of steps, rests and reopening, in their order."""
    rows = []
    for record in file.records:
        if record.draft or record.kind not in COURSE:
            continue
        kind = KINDS[record.kind]
        rows_of = [row for block in blocks_of(record, file, lookups) for row in block["rows"]]
        known = {str(f.label) for f in kind.fields if f.name in (kind.on, kind.code)}  # what day and title say
        told = [
            f"{label}：{'；'.join(said)}" for label, said, _wide in rows_of if label not in known and said != [UNFILLED]
        ]
        day = record.on or timezone.localtime(record.at).date()
        rows.append([day.isoformat(), str(title_of(record)), told or [""], name_of(record.author)])
    return sorted(rows, key=lambda row: row[0])


def _lookups(file):
    """What the ids in transfers stand for: two queries where there are any, else none."""
    found = [values_of(r) for r in file.all("transfer")]
    stations = {v["to_station"] for v in found if v.get("to_station")}
    workers = {v["worker"] for v in found if v.get("worker")}
    people = Worker.objects.filter(pk__in=[int(w[1:]) for w in workers if w[1:].isdigit()])
    rows = Station.objects.filter(code__in=stations)
    return {
        "stations": dict(rows.values_list("code", "name")) if stations else {},
        "workers": {w.public_id: w.name for w in people} if workers else {},
    }


def name_of(user):
    """Who did something, as printed; what nobody did the system did."""
    return str(user) if user else _("系统")
