"""Giving an open case to another worker of its station: by the manager there or the supervisor, said in the change log."""

from django.utils.translation import gettext as _

from accounts.errors import Conflict
from casework.actions.cases import named_worker
from casework.actions.holding import held, written
from casework.errors import fault
from workforce.models import Assignment, Worker

ASSIGNED = "case.assigned"


def assign_case(user, case, worker, *, was=None, reason=""):
    """Name another worker (a public id). `was` is whom the asker saw there. Raises Forbidden, CaseClosed, Conflict, DomainError."""
    with held(user, case, "change") as file:
        old = file.case.worker
        if was and old.public_id != was:
            raise Conflict(_("刚才已改派给%(name)s，请看过再改") % {"name": old.name})
        new = named_worker(worker, file.case.station)
        if new.pk == old.pk:
            raise fault("worker", "inconsistent", _("本来就由%(name)s承办") % {"name": old.name})
        file.case.worker = new
        with written(user, file, ASSIGNED, reason=reason, worker=new.public_id, was=old.public_id):
            pass
    return file.case


def workers_for(case):
    """People whom the case may be given to: who works at its station, or at the one whose room it is, the present one aside."""
    stations = [s for s in (case.station_id, case.station.parent_id) if s]
    jobs = Assignment.objects.unended().filter(station__in=stations)
    return Worker.objects.filter(pk__in=jobs.values("worker")).exclude(pk=case.worker_id).order_by("pinyin", "pk")
