"""What is done with imports: asking for one, checking, writing, taking back. Each step can be done again after a crash."""

import json

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import Conflict, DomainError, Forbidden
from exchange import sheets
from exchange.kinds import kinds
from exchange.models import HeaderMapping, Import, ImportRow
from exchange.normalising import clean_text, key_of
from exchange.plans import CREATED, UNCHANGED, UPDATED, WRONG, Context
from exchange.refusals import Unusable
from jobs.actions import enqueue
from jobs.files import keep

LISTED = 5_000  # beyond this only rows that change are listed
STORED = 1_000  # errors and warnings kept with an import; the counts are whole


def request_import(user, *, kind, file, name, mode=Import.PREVIEW, within="", sheet="", start=True, mapping=None):
    """Keep `file` and note an import of it; with `start`, a job begins to check it (or to write it, with mode commit).

    Raises DomainError bad_choice (kind), Forbidden, NotInScope, too_large.
    """
    declared = kinds().get(kind)
    if declared is None:
        raise DomainError(_("没有“%(kind)s”这种表。") % {"kind": str(kind)[:20]}, code="bad_choice", field="kind")
    if mode not in (Import.PREVIEW, Import.COMMIT):
        raise DomainError(_("方式只有 preview 和 commit。"), code="bad_choice", field="mode")
    place = declared.place(within, user) if within else None
    if not declared.may(user, mode, place):
        raise Forbidden()
    with transaction.atomic():
        stored = keep(file, name, user)
        earlier = Import.objects.filter(kind=kind, file__sha256=stored.sha256).visible_to(user).order_by("-id").first()
        run = Import.objects.create(
            kind=kind, mode=mode, within=within, place_name=str(getattr(place, "name", "") or ""), sheet=str(sheet or ""),
            user=user if user.pk else None, file=stored, earlier=earlier, mapping=mapping or {},
        )  # fmt: skip
        if start:
            _start(run, "exchange.write" if mode == Import.COMMIT else "exchange.check", user)
    return run


def commit_import(user, run, *, start=True):
    """Write a checked import in the background. Raises Conflict rows_wrong, not_pending; Forbidden."""
    with transaction.atomic():
        run = Import.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if not user.can("commit", run):
            raise Forbidden(_("写入由民政干部来做；这份表已经可以交给他核对。"))
        if run.state == Import.WRONG:
            raise Conflict(_("还有 %(count)d 处要改，一行也没有写入。") % {"count": run.error_count}, code="rows_wrong")
        if run.state != Import.PREVIEWED:
            raise _wrong_state(run, _("不能写入"))
        if start:
            _start(run, "exchange.write", user)
    return run


def undo_import(user, run, *, start=True):
    """Take back a written import in the background. Raises Conflict not_pending, changed_since naming the records; Forbidden."""
    with transaction.atomic():
        run = Import.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if not user.can("undo", run):
            raise Forbidden()
        if run.state != Import.COMMITTED:
            raise _wrong_state(run, _("不能撤销"))
        declared = kinds()[run.kind]
        if run.event_id and (named := declared.changed_since(run.event_id, taken_back())):
            raise declared.refusal(named)
        if start:
            _start(run, "exchange.undo", user)
    return run


def remember_mapping(user, run, mapping):
    """Use `mapping` {header path key: field or ""} for this import and remember it for its office. Checks the file again."""
    known = {*kinds()[run.kind].fields, ""}
    mapping = {key_of(str(path)[:200]): name for path, name in mapping.items() if name in known}
    with transaction.atomic():
        run = Import.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if run.state not in (Import.PREVIEWED, Import.WRONG, Import.UNUSABLE):
            raise _wrong_state(run, _("不能再改表头"))
        place, name = _place_of(run, user)
        HeaderMapping.objects.update_or_create(
            kind=run.kind, place=place, office=run.office or name[:120], defaults={"mapping": mapping, "user": user}
        )
        run.mapping = mapping
        run.save(update_fields=["mapping", "updated_at"])
        _start(run, "exchange.check", user)
    return run


def mend(user, run, cells, rows):
    """Read `cells` {(sheet, row, column): text} in place of what the file says, leave out `rows` {(sheet, row)}, and check again.

    The file itself stays as it is. Raises Conflict not_pending.
    """
    with transaction.atomic():
        run = Import.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if run.state not in (Import.PREVIEWED, Import.WRONG):
            raise _wrong_state(run, _("不能再改"))
        mended = run.mended.clear if run.mended else {}
        for (sheet, row, column), text in cells.items():
            mended.setdefault(sheet, {})[f"{row}:{column}"] = clean_text(text)[:2000]
        run.mended = mended
        for sheet, row in rows:
            run.skipped[sheet] = sorted({*run.skipped.get(sheet, ()), row})
        run.save(update_fields=["mended", "skipped", "updated_at"])
        _start(run, "exchange.check", user)
    return run


def _wrong_state(run, what):
    words = {"state": run.get_state_display(), "what": what}
    return Conflict(_("这次导入现在是“%(state)s”，%(what)s。") % words, code="not_pending")


def known_mapping(run, user, office=""):
    """What people of the user's place said of the headers of `office` (else of their own)."""
    place, name = _place_of(run, user)
    found = HeaderMapping.objects.filter(kind=run.kind, place=place, office=office[:120] or name).first()
    return found.mapping if found else {}


def _place_of(run, user):
    """(code, name) of the user's first place, under which headers are remembered."""
    places = kinds()[run.kind].places(user) if user.pk else []
    return places[0] if places else ("", f"user-{user.pk}")


def taken_back():
    """Events of imports that were undone, and of their undoing: together they changed nothing."""
    found = Import.objects.filter(state=Import.UNDONE).values_list("event_id", "undo_event_id")
    return tuple(pk for pair in found for pk in pair if pk)


def _start(run, work, user):
    run.state, run.message = Import.QUEUED, ""
    run.job = enqueue(work, user=user, url=f"/imports/{run.pk}/", run=run.pk, by=user.pk)
    run.save(update_fields=["state", "message", "job", "updated_at"])


# ── The work itself: by a job under its lease, or by a command ───────────────────────────────────


def check(run, user, progress=None):
    """Read and compare without writing to any record. Ends previewed, wrong or unusable."""
    reading = _read(run, user)
    if reading is None:
        return run
    declared = kinds()[run.kind]
    plan = declared.planner(reading, Context(user, _place(run, user, declared), progress=progress))
    with transaction.atomic():
        _note(run, reading, plan)
        run.state = Import.WRONG if run.error_count else Import.PREVIEWED
        run.save()
    return run


def write(run, user, hold=None, progress=None):
    """Read, compare and write in one transaction under one event. `hold()` is called first in it.

    Ends committed, wrong, unusable; or previewed again where the records changed since the preview.
    """
    seen = run.digest if run.mode == Import.PREVIEW else ""
    reading = _read(run, user)
    if reading is None:
        return run
    declared = kinds()[run.kind]
    place = _place(run, user, declared)
    if not declared.may(user, "commit", place):
        raise Forbidden()
    with transaction.atomic():
        if hold:
            hold()
        plan = declared.planner(reading, Context(user, place, writing=True, progress=progress))
        if reading.error_count or plan.faults:
            _note(run, reading, plan)
            run.state = Import.WRONG
        elif seen and seen != plan.digest():
            _note(run, reading, plan)
            run.state, run.message = (
                Import.PREVIEWED,
                _("核对之后库里有变化，差异和您看过的不一样了。请再看一遍，再写入。"),
            )
        else:
            with change(user, "import.committed", run, rows=len(plan.entries), file=run.file.name) as event:
                declared.writer(plan, Context(user, place, writing=True))
            run.event_id = event.pk
            _note(run, reading, plan)
            run.state, run.finished_at = Import.COMMITTED, timezone.now()
        run.save()
    return run


def take_back(run, user, hold=None):
    """Undo in one transaction under one event. Raises Conflict changed_since."""
    declared = kinds()[run.kind]
    with transaction.atomic():
        if hold:
            hold()
        if run.event_id:
            with change(user, "import.undone", run, undoes=run.event_id) as event:
                declared.undoer(run.event_id, Context(user, ignored=taken_back()))
            run.undo_event_id = event.pk
        run.state, run.finished_at, run.message = Import.UNDONE, timezone.now(), ""
        run.save()
    return run


def _read(run, user):
    """The Reading of the import's file, with its state set to running; None where the file is unusable, which is noted."""
    Import.objects.filter(pk=run.pk).update(state=Import.RUNNING)
    run.state = Import.RUNNING
    mapping = run.mapping or known_mapping(run, user)
    try:
        reading = sheets.read_rows(
            kinds()[run.kind],
            run.file.path,
            sheet=run.sheet or None,
            mapping=mapping,
            mended=run.mended.clear if run.mended else None,
            skipped=run.skipped,
        )
    except Unusable as unusable:
        with transaction.atomic():
            run.import_rows.all().delete()
            run.errors, run.warnings, run.error_count = [unusable.as_error()], [], 1
            run.rows = run.created = run.updated = run.unchanged = 0
            run.state, run.message, run.finished_at = Import.UNUSABLE, unusable.message, timezone.now()
            run.save()
        return None
    if not run.mapping and reading.office:
        said = known_mapping(run, user, reading.office)
        if said and said != mapping:
            run.mapping = said
            return _read(run, user)
    return reading


def _place(run, user, declared):
    return declared.place(run.within, user) if run.within else None


def _note(run, reading, plan):
    """Put counts, faults, headers and every row's difference into the import."""
    faults = sorted([*reading.errors, *plan.faults], key=lambda f: (f.sheet or "", f.row or 0, f.at or 0))
    warnings = sorted([*reading.warnings, *plan.warnings], key=lambda f: (f.sheet or "", f.row or 0, f.at or 0))
    run.error_count = reading.error_count + len(plan.faults)
    _mark_wrong(plan, {(fault.sheet or "", fault.row) for fault in faults})
    labels = _labels(reading, plan, {(fault.sheet or "", fault.row) for fault in faults[:STORED]})
    run.errors = [
        {**fault.as_json(), "at": fault.at, "label": labels.get((fault.sheet or "", fault.row), "")}
        for fault in faults[:STORED]
    ]
    run.warnings = [{**fault.as_json(), "at": fault.at} for fault in warnings[:STORED]]
    run.rows, run.left_out, run.office = len(reading.rows), reading.left_out, reading.office[:120]
    run.created, run.updated, run.unchanged = plan.count(CREATED), plan.count(UPDATED), plan.count(UNCHANGED)
    run.cells_changed = sum(len(entry.changes) // 3 for entry in plan.entries if entry.outcome == UPDATED)
    run.absent, run.digest = plan.absent, plan.digest() if run.mode == Import.PREVIEW else ""
    run.headers = [_header(name, header) for name, header in reading.headers.items()]
    run.checked = [list(found) for found in reading.checked[:200]]
    _store_rows(run, plan)


def _labels(reading, plan, rows):
    """{(sheet, row): which record the row speaks of} of these rows."""
    position = reading.kind.position.get(reading.kind.label_field)
    found = {}
    for row in reading.rows:
        if (row.sheet, row.number) in rows and row.values and position is not None:
            found[row.sheet, row.number] = row.values[position] or ""
    for entry in plan.entries:
        if (entry.row.sheet, entry.row.number) in rows:
            found[entry.row.sheet, entry.row.number] = entry.label
    return found


def _mark_wrong(plan, rows):
    """A row with a fault is neither new nor changed."""
    for entry in plan.entries:
        if rows and (entry.row.sheet, entry.row.number) in rows:
            entry.outcome = WRONG


def _header(sheet, header):
    by_column = {column: name for name, column in header.fields.items()}
    unread = {*header.unknown, *(dropped for _kept, dropped in header.doubled)}
    columns = [
        {
            "column": c,
            "label": header.labels[c],
            "path": header.paths[c],
            "field": by_column.get(c, ""),
            "unknown": c in unread,
        }
        for c in sorted(header.labels)
    ]
    return {"sheet": sheet, "first": header.first, "last": header.last, "columns": columns}


def _store_rows(run, plan):
    """COPY one ImportRow for each entry; of long files those that change something. Personal data stands there masked."""
    run.import_rows.all().delete()
    columns = [(column.field, at) for at, column in enumerate(kinds()[run.kind].columns)]
    masks = {column.field: column.mask for column in kinds()[run.kind].columns if column.mask}
    sql = f"COPY {ImportRow._meta.db_table} (run_id, number, sheet, outcome, key, label, changes) FROM STDIN"
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
    with connection.cursor() as cursor, cursor.copy(sql) as out:
        for entry in plan.entries:
            row, changes = entry.row, entry.changes
            if entry.outcome == UNCHANGED and len(plan.entries) > LISTED:
                continue
            if row.values and not changes:
                given = ((name, row.values[at]) for name, at in columns)
                changes = [part for name, value in given if value is not None for part in (name, None, value)]
            if masks:
                changes = _masked(changes, masks)
            shown = encode(changes) if changes else "[]"
            out.write_row((run.pk, row.number, row.sheet, entry.outcome, entry.key, entry.label[:200], shown))


def _masked(changes, masks):
    """Flat changes with the values of personal columns masked."""
    flat = list(changes)
    for at in range(0, len(flat), 3):
        if mask := masks.get(flat[at]):
            flat[at + 1 : at + 3] = [value if value is None else mask(str(value)) for value in flat[at + 1 : at + 3]]
    return flat
