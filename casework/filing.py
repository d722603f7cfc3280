"""The contents list of a closed case's file (F13): which papers are there, which the case should have and lacks."""

from casework.casefile import values_of
from casework.records import KINDS
from casework.stages import closes_alone

LISTED = (
    "intake",
    "assessments",
    "plans",
    "contacts",
    "reviews",
    "crisis",
    "transfer",
    "evaluations",
    "closure",
    "follow-ups",
)


def contents_of(file):
    """{"complete", "contents": [{"kind", "form", "record", "version", "on"}], "missing": [kind]}."""
    contents = [
        {"kind": r.kind, "form": KINDS[r.kind].form, "record": r.record, "version": r.version, "on": r.on and r.on.isoformat()}
        for r in file.records
        if r.kind in LISTED and not r.draft
    ]  # fmt: skip
    contents.sort(key=lambda row: LISTED.index(row["kind"]))
    missing = [name for name in wanted(file) if not _has(file, name)]
    return {"complete": not missing, "contents": contents, "missing": missing}


def wanted(file):
    """What the file of this case must hold, by how far it came."""
    names = ["intake", "closure"]
    if file.case.decision == "accept":
        names.insert(1, "consent")
    if file.approved_plan:
        names[-1:-1] = ["assessments", "plans", "agreement"]
        if not closes_alone(file):
            names[-1:-1] = ["contacts", "evaluations"]
    return names


def _has(file, name):
    if name == "consent":
        return any(values_of(r).get("consent") for r in file.all("intake")) or bool(file.all("consent"))
    if name == "agreement":
        return any(r.plain.get("agreement") for r in file.all("plans"))
    return bool(file.all(name))
