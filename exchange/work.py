"""The room's background work, found by jobs: checking a file, writing it, taking it back."""

from django.utils import translation

from accounts.errors import DomainError
from accounts.models import User
from exchange import actions
from exchange.kinds import kinds
from exchange.models import Import


def _run(job):
    return Import.objects.select_related("file", "job").get(pk=job.input["run"]), User.objects.get(pk=job.input["by"])


def _done(run):
    return {
        "state": run.state,
        "rows": run.rows,
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
    }


def check(job):
    """Read and compare; writes nothing but the import's own row."""
    run, user = _run(job)
    with translation.override(user.language):
        return _done(actions.check(run, user, progress=job.progress))


def write(job):
    """Write everything or nothing. Done already: nothing more to do."""
    run, user = _run(job)
    if run.state in (Import.COMMITTED, Import.UNDONE):
        return _done(run)
    with translation.override(user.language):
        run = actions.write(run, user, hold=job.hold, progress=job.progress)
    if run.state == Import.COMMITTED:
        kinds()[run.kind].tidier()
    return _done(run)


def undo(job):
    """Take back everything or nothing."""
    run, user = _run(job)
    if run.state == Import.UNDONE:
        return _done(run)
    try:
        return _done(actions.take_back(run, user, hold=job.hold))
    except DomainError as error:
        Import.objects.filter(pk=run.pk).update(state=Import.COMMITTED, message=str(error.message))
        raise


WORK = {"exchange.check": check, "exchange.write": write, "exchange.undo": undo}
