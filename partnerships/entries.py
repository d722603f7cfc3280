"""The kinds of entries as pages know them: what a list shows of each, what a page of one says, in which order. One table."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from partnerships.models import Activity, Batch, Outcome, Pairing, Session
from surfaces.words import iso_day


@dataclass(frozen=True)
class Kind:
    """One kind of entry. `path` is its address, `columns` = [(heading, is a number, what of a row)], `facts` the same of one."""

    path: str
    model: Any
    title: Any
    add: Any
    empty: Any
    icon: str
    name: Callable  # what a row is called
    related: tuple
    columns: tuple
    facts: tuple
    order: tuple = ("-pk",)
    complete: Callable = lambda rows: rows

    @property
    def new_url(self):
        return f"/{self.path}/new/"

    @property
    def letter(self):
        return self.model.letter

    def url(self, row):
        return f"/{self.path}/{row.public_id}/"


def _last(row):
    return row.span.upper.fromordinal(row.span.upper.toordinal() - 1)


def _who(row):
    return row.station or row.agency or row.trainee


_PAIR = (_("结对"), False, lambda row: row.pairing)
_PLACE, _WAY = (_("地点"), False, lambda row: row.place), (_("现场或线上"), False, lambda row: row.get_way_display())
_ON = (_("日期"), False, lambda row: row.on)
OF_PAIRING = ("pairing__sender", "pairing__county", "pairing__programme")

KINDS = {
    kind.path: kind
    for kind in (
        Kind(
            "pairings", Pairing, _("结对"), _("录一对"), _("对应关系待录入"), "link", str,
            ("programme", "sender", "county", "receiver"),
            (
                (_("受援机构"), False, lambda row: row.receiver), (_("协议"), False, lambda row: row.signed_on),
                (_("止"), False, _last), (_("计划"), False, lambda row: row.programme),
            ),
            (
                (_("计划"), False, lambda row: row.programme), (_("援派机构"), False, lambda row: row.sender),
                (_("受援县（区）"), False, lambda row: row.county.name), (_("受援机构"), False, lambda row: row.receiver),
                (_("起"), False, lambda row: row.span.lower), (_("止"), False, _last),
                (_("协议签订日期"), False, lambda row: row.signed_on), (_("协议编号"), False, lambda row: row.agreement_no),
                (_("备注"), False, lambda row: row.note),
            ),
            ("county__code", "pk"),
        ),
        Kind(
            "batches", Batch, _("派驻批次"), _("记一个批次"), _("还没有批次"), "people", str, OF_PAIRING,
            (
                _PAIR, (_("出发"), False, lambda row: row.departs_on), (_("返回"), False, lambda row: row.returns_on),
                (_("人次"), True, lambda row: row.trips), (_("工作日（按队）"), True, lambda row: row.team_days),
                (_("工作日（按人）"), True, lambda row: row.person_days),
            ),
            (
                _PAIR, (_("出发"), False, lambda row: row.departs_on), (_("返回"), False, lambda row: row.returns_on),
                _PLACE, (_("任务"), False, lambda row: row.task), (_("人次"), True, lambda row: row.trips),
                (_("工作日（按队）"), True, lambda row: row.team_days), (_("工作日（按人）"), True, lambda row: row.person_days),
            ),
            ("-departs_on", "-pk"), lambda rows: rows.with_counts(),
        ),
        Kind(
            "support", Session, _("支持服务"), _("记一次支持"), _("还没有支持服务"), "check", str, OF_PAIRING,
            (
                _PAIR, (_("方式"), False, lambda row: row.get_kind_display()), _ON, _WAY,
                (_("分钟"), True, lambda row: row.minutes), (_("人次"), True, lambda row: row.person_times),
            ),
            (
                _PAIR, (_("方式"), False, lambda row: row.get_kind_display()), _ON, _WAY, _PLACE,
                (_("分钟"), True, lambda row: row.minutes), (_("参加人次"), True, lambda row: row.person_times),
            ),
            ("-on", "-pk"),
        ),
        Kind(
            "outcomes", Outcome, _("结对成果"), _("记一项成果"), _("还没有成果"), "check", lambda row: str(_who(row)),
            (*OF_PAIRING, "station", "agency", "trainee"),
            (
                _PAIR, (_("成果"), False, lambda row: row.get_kind_display()), _ON,
                (_("凭据"), False, lambda row: row.evidence),
            ),
            (
                _PAIR, (_("成果"), False, lambda row: row.get_kind_display()), _ON,
                (_("单位"), False, lambda row: row.trainee and row.trainee.unit), (_("凭据"), False, lambda row: row.evidence),
            ),
            ("-on", "-pk"),
        ),
        Kind(
            "cooperation", Activity, _("合作活动"), _("记一次活动"), _("还没有合作活动"), "link", str,
            ("programme", "pairing__sender", "pairing__county"),
            (
                (_("合作方面"), False, lambda row: row.get_field_display()), _ON, _WAY, _PLACE,
                (_("人次"), True, lambda row: row.person_times), (_("成果"), False, lambda row: row.result),
            ),
            (
                (_("计划"), False, lambda row: row.programme), _PAIR,
                (_("合作方面"), False, lambda row: row.get_field_display()), _ON, _WAY, _PLACE,
                (_("参加人次"), True, lambda row: row.person_times), (_("成果"), False, lambda row: row.result),
            ),
            ("-on", "-pk"),
        ),
    )
}  # fmt: skip
BADGES = {"entered": ("warn", "clock"), "confirmed": ("ok", "check"), "returned": ("bad", "undo")}


def badge_of(row):
    """{kind, icon, label} of an entry's state."""
    kind, icon = BADGES[row.state]
    return {"kind": kind, "icon": icon, "label": row.get_state_display()}


def shown(value):
    """A value of a cell: a day as tables write it, an object by its name."""
    return iso_day(value) if isinstance(value, dt.date) else value


def tabs_of(current):
    """The room's pages as tabs: the programme, then the lists."""
    found = [{"url": f"/{kind.path}/", "label": kind.title, "current": kind.path == current} for kind in KINDS.values()]
    first = {"url": "/programmes/", "label": _("计划和目标"), "current": current == "programmes"}
    return [first, *found, {"url": "/agencies/", "label": _("机构"), "current": current == "agencies"}]


def waiting_for(user, most=200):
    """[(kind, row)] of entries in reach that wait for `user`'s word, oldest first, at most `most` of each kind."""
    found = []
    for kind in KINDS.values():
        rows = kind.model.objects.visible_to(user).filter(state="entered").select_related(*kind.related).order_by("pk")
        found += [(kind, row) for row in rows[:most] if user.can("confirm", row)]
    return found
