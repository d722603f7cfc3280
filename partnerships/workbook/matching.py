"""What a pairing report would do, row by row: which programme, agency, county and pairing a row means, and what changes. Reading only."""

import datetime as dt
import re
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.errors import DomainError, Forbidden
from exchange.plans import CREATED, UNCHANGED, UPDATED, Entry, Plan
from partnerships import access
from partnerships.actions.pairings import change_pairing, check_pairing, span_of
from partnerships.models import Declared, Pairing, Programme
from partnerships.progress import by_pairing
from partnerships.workbook.words import AT, NUMBERS, shown
from periods import today
from stations.models import Agency, Division
from stations.names import plain_name

COUNTY_SUFFIX = re.compile(r"(回族自治县|自治县|县|区|市)$")
CHINESE = "一二三四五六七八九十"


class Unclear(Exception):
    """A cell that names nothing, or several: a fault of the cell of `column`."""

    def __init__(self, column, code, message, value=None):
        super().__init__(code)
        self.column, self.code, self.message, self.value = column, code, message, value


class Target(NamedTuple):
    """What the writer needs of a row."""

    pairing: Any  # the Pairing, new or held, with its new values
    sender: Any  # Agency, perhaps new
    receiver: Any
    side: str
    moved: bool  # does the pairing itself change
    numbers: dict  # {metric: Compared} to be declared
    is_key: Any


def plan(reading, context):
    """The Plan of a Reading."""
    work = Matching(reading, context)
    for row in reading.rows:
        work.take(row)
    return work.plan


class Matching:
    """Takes rows and makes their entries. Knows programmes, agencies and counties in reach, and the pairings of the file so far."""

    def __init__(self, reading, context):
        self.reading, self.user, self.plan = reading, context.user, Plan()
        found = Programme.objects.visible_to(context.user).select_related("sending", "receiving")
        self.programmes = [p for p in found.order_by("starts_on") if p.rows_kept]
        provinces = {p.receiving_id for p in self.programmes}
        self.counties = list(Division.objects.on(today()).filter(level=3, province__in=provinces))
        self.seen, self.made, self.counted = {}, {}, {}

    def take(self, row):
        said = {name: row.values[at] for name, at in AT.items()}
        try:
            self._take(row, said)
        except Unclear as unclear:
            if unclear.column not in row.bad:
                self._fault(row, unclear.column, unclear.code, unclear.message, unclear.value)
        except Forbidden:
            self._fault(row, "sender", "out_of_scope", _("这个计划的结对不由您录入。"))
        except DomainError as error:
            column = {"starts_on": "span", "ends_on": "span"}.get(error.field, error.field)
            code = "inconsistent" if error.code == "overlapping_pairing" else error.code
            self._fault(row, column if column in AT else "sender", code, error.message)

    def _fault(self, row, column, code, message, value=None):
        value = None if value is None else shown(column, value)
        self.plan.faults.append(self.reading.fault_at(row, column, code, message, value))

    def _take(self, row, said):
        programme = self._programme(said)
        county = self._county(programme, said)
        sender = self._agency(programme, said["sender"], said["sender_code"], "sender", programme.sending)
        receiver = None
        if said["receiver"] or said["receiver_code"]:
            receiver = self._agency(programme, said["receiver"], said["receiver_code"], "receiver", county)
        key = (programme.pk, sender.pk or id(sender), county.pk)
        if key in self.seen:
            raise Unclear(
                "sender", "duplicate_in_file", _("这个结对在第 %(row)d 行已经写过。") % {"row": self.seen[key]}
            )
        self.seen[key] = row.number
        if (
            said["online"] is not None
            and said["pairing_workdays"] is not None
            and said["online"] > said["pairing_workdays"]
        ):
            raise Unclear("online", "inconsistent", _("其中线上的工作日多于服务工作日。"), said["online"])
        pairing, changes = self._pairing(programme, sender, county, receiver, said)
        side = access.side_for(self.user, Pairing, programme, pairing)
        numbers, more = self._numbers(programme, pairing, said)
        self._note(row, Target(pairing, sender, receiver, side, bool(changes), numbers, said["key"]), changes, more)

    # ── what the cells name ──────────────────────────────────────────────────────────────────────
    def _programme(self, said):
        text, found = said["round"], self.programmes
        for column in ("sending", "receiving"):
            if said[column]:
                found = [p for p in found if getattr(p, column).name.startswith(said[column][:2])]
        if text:
            found = [p for p in found if _plain(text) in _names_of(p)]
        if len(found) == 1:
            return found[0]
        known = "、".join(p.name for p in self.programmes[:6])
        if not found:
            raise Unclear(
                "round", "bad_choice", _("没有这一轮，或不在您的范围内。有：%(known)s") % {"known": known or "—"}, text
            )
        raise Unclear("round", "bad_choice", _("要写明是哪一轮：%(known)s") % {"known": known}, text)

    def _county(self, programme, said):
        name = said["county"]
        if not name:
            raise Unclear("county", "missing_required", _("受援县（区）必须填。"))
        inside = [c for c in self.counties if c.province_id == programme.receiving_id]
        found = [c for c in inside if name in (c.name, c.code)] or [
            c for c in inside if COUNTY_SUFFIX.sub("", c.name) == COUNTY_SUFFIX.sub("", name)
        ]
        if len(found) == 1:
            return found[0]
        code = "ambiguous_division" if found else "unknown_division"
        message = _("%(province)s有 %(n)d 个“%(name)s”。") if found else _("%(province)s没有“%(name)s”这个县（区）。")
        raise Unclear(
            "county", code, message % {"province": programme.receiving.name, "n": len(found), "name": name}, name
        )

    def _agency(self, programme, name, code, column, home):
        """The agency of a credit code, else of a name among those registered in the province; else a new one."""
        if not (name or code):
            raise Unclear(column, "missing_required", _("机构名称或信用代码必须填。"))
        if code and (known := Agency.objects.filter(credit_code=code).select_related("division").first()):
            return known
        province = home.province_id
        named = Agency.objects.filter(division__province=province, name=name) if name else Agency.objects.none()
        same = list(named.select_related("division"))
        same = [a for a in same if not (code and a.credit_code and a.credit_code != code)]
        if len(same) == 1:
            return same[0]
        if same:
            raise Unclear(
                column,
                "bad_choice",
                _("有 %(n)d 家叫“%(name)s”，请填信用代码。") % {"n": len(same), "name": name},
                name,
            )
        if not name:
            raise Unclear(f"{column}_code", "bad_choice", _("没有这个信用代码的机构，请同时填名称。"), code)
        fresh = Agency(name=name, credit_code=code, division=home)
        return self.made.setdefault((plain_name(name), code, province), fresh)

    # ── what changes ─────────────────────────────────────────────────────────────────────────────
    def _pairing(self, programme, sender, county, receiver, said):
        """(pairing with its new values, flat changes of the pairing itself)."""
        stands = (
            sender.pk
            and Pairing.objects.filter(programme=programme, sender=sender, county=county).order_by("-span").first()
        )
        given = {n: said[n] for n in ("signed_on", "note") if said[n] is not None}
        if not stands:
            first, last = said["span"] or (programme.starts_on, programme.ends_on)
            pairing = Pairing(programme=programme, sender=sender, county=county, receiver=receiver, **given)
            pairing.span = span_of(programme, first, last)
            check_pairing(pairing)
            return pairing, ()
        before = _as_said(stands)
        if receiver is not None:
            given["receiver"] = receiver
        if said["span"]:
            given["starts_on"], given["ends_on"] = said["span"]
        if said["key"] is not None:
            before["key"] = programme.parties.filter(county=county, is_key=True).exists()
        change_pairing(stands, **given)
        after = _as_said(stands) | ({"key": said["key"]} if "key" in before else {})
        return stands, tuple(x for n in before if before[n] != after[n] for x in (n, before[n], after[n]))

    def _numbers(self, programme, pairing, said):
        """({metric: number to declare}, flat changes): those that differ from what was declared, or from what the rows come to."""
        declared = {d.metric: d for d in Declared.objects.filter(pairing=pairing)} if pairing.pk else {}
        numbers, changes = {}, []
        for metric in NUMBERS:
            value, stands = said[metric], declared.get(metric)
            if value is None or (stands and value.same_as(stands.op, stands.value)):
                continue
            if (
                stands is None
                and pairing.pk
                and value.same_as("=", self._counted(programme, metric).get(pairing.pk, 0))
            ):
                continue
            numbers[metric] = value
            changes += [metric, stands.value if stands else None, value]
        return numbers, tuple(changes)

    def _counted(self, programme, metric):
        """{pairing: what its confirmed rows come to}, read once a file."""
        key = (programme.pk, metric)
        if key not in self.counted:
            self.counted[key] = by_pairing(programme, metric, programme.ends_on)
        return self.counted[key]

    def _note(self, row, target, changes, more):
        pairing = target.pairing
        is_new = pairing.pk is None
        outcome = CREATED if is_new else UPDATED if changes or more else UNCHANGED
        label = f"{target.sender.name} → {pairing.county.name}"
        self.plan.entries.append(Entry(row, outcome, pairing.pk, label, () if is_new else changes + more, target))


def _as_said(pairing):
    """A pairing's own values in the workbook's words."""
    last = pairing.span.upper - dt.timedelta(days=1)
    return {
        "receiver": pairing.receiver.name if pairing.receiver else None, "signed_on": pairing.signed_on,
        "span": f"{pairing.span.lower} 至 {last}" if isinstance(pairing.span, DateRange) or pairing.span else None,
        "note": pairing.note,
    }  # fmt: skip


def _plain(text):
    return re.sub(r"[\s“”\"'（）()—–~～至]|年|第(?=.)|轮|期|首", lambda m: "1" if m[0] == "首" else "", str(text))


def _names_of(programme):
    """The ways in which a round is written: its name, its address, 第二轮, 2, 2021–2025, 十四五."""
    n = programme.round
    words = [programme.name, programme.slug, str(n), CHINESE[n - 1] if n <= 10 else str(n)]
    words.append(f"{programme.starts_on.year}-{programme.ends_on.year}")
    words.append(f"{programme.starts_on.year}{programme.ends_on.year}")
    if programme.starts_on.year == 2021 and programme.ends_on.year == 2025:
        words.append("十四五")
    return {_plain(word) for word in words}
