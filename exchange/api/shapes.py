"""An import as the API and the command say it (contract §1, case-api §4)."""

FAULT = ("sheet", "row", "column", "code", "message", "value")


def result(run):
    """The counts and the faults of an import, with its id."""
    return {
        "id": str(run.pk),
        "rows": run.rows,
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "errors": [{name: fault.get(name) for name in FAULT} for fault in run.errors],
        "warnings": [{name: fault.get(name) for name in FAULT} for fault in run.warnings],
    }


def described(run):
    """The same with kind, mode, state, progress, and where its changes stand."""
    job = run.job
    done = run.ended
    return {
        **result(run),
        "kind": run.kind,
        "mode": run.mode,
        "within": run.within or None,
        "file": run.file.name,
        "state": run.shown_state,
        "progress": 1.0 if done else (job.progress if job else None) or 0.0,
        "message": run.message or (job.message if job and run.shown_state == run.FAILED else ""),
        "error_count": run.error_count,
        "earlier": str(run.earlier_id) if run.earlier_id else None,
        "changes_url": f"/imports/{run.pk}/",
        "created_at": run.created_at,
    }
