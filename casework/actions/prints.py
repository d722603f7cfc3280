"""Printing the file of a case: asked for with a purpose, made by a job, handed to whoever asked for it alone, gone after a day.

What a print says is `casework/printing.py`'s affair. The PDF lies on the disk encrypted: it holds what the database protects.
"""

import base64
import datetime as dt
import io
import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import VIA, change
from accounts.errors import DomainError, Forbidden, NotInScope
from accounts.models import Event
from accounts.protection import decrypt, encrypt
from accounts.reveals import LONGEST_NOTE, NOTE, PURPOSES, reveal
from casework import printing
from casework.access import can
from casework.actions.holding import held
from casework.casefile import CaseFile
from casework.errors import fault
from casework.models import Case
from casework.reads import PRINT_TAKEN, PRINTED
from jobs.actions import enqueue
from jobs.files import keep
from jobs.models import Job, StoredFile
from surfaces.pdf import typeset

PRINT = "casework.print"  # the job's kind, and what the file's ciphertext is bound to
SEALED = "application/x-sealed-print"
KEPT = dt.timedelta(hours=24)
OPENED = ("id_number", "phone", "guardian", "emergency_contact")


class Gone(DomainError):
    """The print has been deleted, or was never finished."""

    status, code, message = 410, "gone", _("这份打印稿已经删除，需要就再印一次")


def ask_for_print(user, case, *, purpose, note="", clear=False, url=""):
    """The Job that prints the file of `case` for `user`; one that is under way already is given again.

    `purpose` is a word of reveals.PURPOSES; `clear` opens ID number and phones, within the day's budget. One event each.
    Raises Forbidden outside a session or without the right, DomainError for purpose and note, BudgetSpent.
    """
    if VIA.get() != "web" or user.is_service:
        raise Forbidden(_("卷宗只能由本人登录后打印"))
    _check(purpose, note)
    with held(user, case, "print", closed=None) as file:
        if job := prints_of(user, file.case).filter(state__in=(Job.QUEUED, Job.RUNNING)).first():
            return job
        if clear:
            reveal(user, file.case, purpose, note, OPENED)
        sealed = {"note": encrypt(NOTE, note)} if note else {}
        with change(user, PRINTED, file.case, purpose=purpose, clear=bool(clear), **sealed) as event:
            return enqueue(PRINT, user=user, url=url, number=file.case.number, event=event.pk)


def _check(purpose, note):
    if not purpose:
        raise fault("purpose", "missing_required", _("请选择打印的用途"))
    if purpose not in PURPOSES:
        raise fault("purpose", "bad_choice", _("没有这种用途，请从列表里选"))
    if len(note) > LONGEST_NOTE:
        raise fault("note", "inconsistent", _("说明最多 %(most)d 个字") % {"most": LONGEST_NOTE})


def prints_of(user, case):
    """The jobs by which `user` had the file of `case` printed, newest first."""
    return Job.objects.filter(user=user.pk, kind=PRINT, input__number=case.number).order_by("-pk")


def newest_print(user, case):
    """(Job or None, StoredFile or None): what became of the last one."""
    job = prints_of(user, case).first()
    return job, _file_of(job) if job else None


def make_print(job):
    """The work of the job: typeset and keep. Raises NotInScope where the right has gone meanwhile, NotPrinted."""
    case = Case.objects.select_related("station__division", "client", "worker__user", "previous").get(
        number=job.input["number"]
    )
    asked = Event.objects.get(pk=job.input["event"], user=job.user, verb=PRINTED, object_id=str(case.pk))
    if not can(job.user, "print", case):
        raise NotInScope()
    data = printing.document(CaseFile(case), job.user, purpose=asked.detail["purpose"], clear=asked.detail["clear"])
    made = typeset(printing.TEMPLATE, data)
    job.progress(1, 1)
    sealed = encrypt(PRINT, base64.b64encode(made).decode()).encode()
    stored = keep(io.BytesIO(sealed), f"{case.number}.pdf", job.user, SEALED)
    return {"file": stored.pk.hex, "bytes": len(made)}


def take_print(user, case, job_id):
    """The PDF (bytes) of a print that `user` asked for; one event. Raises Forbidden, NotInScope where it is not his, Gone."""
    if VIA.get() != "web":
        raise Forbidden()
    if not can(user, "print", case):
        raise Forbidden()
    job = prints_of(user, case).filter(pk=job_id).first()
    if job is None:
        raise NotInScope()
    file = _file_of(job)
    if file is None:
        raise Gone()
    made = base64.b64decode(decrypt(PRINT, file.path.read_text()))
    asked = Event.objects.get(pk=job.input["event"])
    with change(user, PRINT_TAKEN, case, purpose=asked.detail["purpose"], clear=asked.detail["clear"]):
        return made


def _file_of(job):
    """The file of a finished print as long as it may be had."""
    if job.state != Job.DONE or not job.result:
        return None
    kept = StoredFile.objects.filter(
        pk=uuid.UUID(job.result["file"]), user=job.user_id, content_type=SEALED, created_at__gt=timezone.now() - KEPT
    )
    return next((file for file in kept if file.path.exists()), None)


def forget_prints():
    """Delete every print that is older than a day. Returns how many."""
    old = StoredFile.objects.filter(content_type=SEALED, created_at__lte=timezone.now() - KEPT)
    with transaction.atomic():
        found = list(old.select_for_update(skip_locked=True))
        for file in found:
            file.path.unlink(missing_ok=True)
        StoredFile.objects.filter(pk__in=[file.pk for file in found]).delete()
    return len(found)
