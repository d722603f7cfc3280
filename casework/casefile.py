"""The file of one case as its rules read it: its papers in order, the newest of each kind, what was decided about them."""

from functools import cached_property

from casework import codes
from casework.fields import merge
from casework.models import Goal
from periods.deadlines import day_of

ORDER = list(codes.STAGES)


def values_of(record):
    """Everything a record holds, written texts in clear."""
    return merge(record.plain, record.narrative.clear if record.narrative else {})


def is_back(step):
    """Did this stage record lead back?"""
    return step.plain.get("from") and ORDER.index(step.code) < ORDER.index(step.plain["from"])


class CaseFile:
    """Read once under the case's lock, or once for a page: two queries. `forget()` after writing."""

    def __init__(self, case):
        self.case, self.client = case, case.client

    def forget(self):
        for name in ("records", "goals", "_verdicts", "_notes"):
            self.__dict__.pop(name, None)

    @cached_property
    def records(self):
        found = self.case.records.select_related("author__worker", "signed_by__worker").order_by("pk")
        return list(found)

    @cached_property
    def goals(self):
        """{plan id: its goals in order}."""
        out: dict = {}
        for goal in Goal.objects.filter(plan__case=self.case).order_by("plan", "position"):
            out.setdefault(goal.plan_id, []).append(goal)
        return out

    # ── which paper ──────────────────────────────────────────────────────────────────────────────
    def all(self, kind, *, signed=True):
        """Papers of a kind, oldest first; drafts too where asked."""
        return [r for r in self.records if r.kind == kind and not (signed and r.draft)]

    def newest(self, kind):
        """The newest version, a draft included, or None."""
        return next((r for r in reversed(self.records) if r.kind == kind), None)

    def signed(self, kind):
        """The newest signed version, or None."""
        return next((r for r in reversed(self.records) if r.kind == kind and not r.draft), None)

    def readable(self, kind):
        """The newest signed version, else the newest draft."""
        return self.signed(kind) or self.newest(kind)

    def named(self, name):
        """The record that the API calls `plans/p3f9`, or None."""
        return next((r for r in self.records if r.record == name), None)

    def goal(self, public_id):
        return next((g for goals in self.goals.values() for g in goals if g.public_id == public_id), None)

    # ── what was decided ─────────────────────────────────────────────────────────────────────────
    @cached_property
    def _verdicts(self):
        return {r.about_id: r for r in self.all("approvals") if r.about_id and r.code in ("approve", "return")}

    def verdict(self, record):
        """The approval record that approved or returned `record`, or None while it is open."""
        return self._verdicts.get(record.pk) if record else None

    def is_approved(self, record):
        verdict = self.verdict(record)
        return verdict is not None and verdict.code == "approve"

    def noted(self, record):
        """Has a supervisor approved or noted it, with a text?"""
        about = [r for r in self.all("approvals") if r.about_id == record.pk and r.code in ("approve", "note")]
        return any(values_of(r).get("text") for r in about)

    @property
    def approved_plan(self):
        """The newest approved version of the plan, or None."""
        return next((p for p in reversed(self.all("plans")) if self.is_approved(p)), None)

    @property
    def live_goals(self):
        """Goals of the approved plan that are not withdrawn."""
        plan = self.approved_plan
        return [g for g in self.goals.get(plan.pk, []) if not g.is_withdrawn] if plan else []

    def turned_back(self, *stages):
        """The last step back to one of `stages`, or None: what was signed before it no longer counts for going on."""
        steps = [s for s in self.all("stage") if s.code in stages and is_back(s)]
        return steps[-1] if steps else None

    def holds_since(self, record, *stages):
        """Was `record` written after the last step back to one of `stages`?"""
        step = self.turned_back(*stages)
        return step is None or record.pk > step.pk

    def entered(self, stage):
        """Steps into `stage`."""
        return [s for s in self.all("stage") if s.code == stage]

    # ── consent ──────────────────────────────────────────────────────────────────────────────────
    @property
    def consent(self):
        """The consent that holds: the newest given at intake or later, None where it was withdrawn since or none is there."""
        found = None
        for record in self.records:
            if record.draft or record.kind not in ("intake", "consent"):
                continue
            values = values_of(record)
            if record.kind == "intake":
                found = values.get("consent") or found
            elif values.get("action") == "withdraw":
                found = None
            else:
                found = values
        return found

    @property
    def was_withdrawn(self):
        last = self.signed("consent")
        return last is not None and last.code == "withdraw"

    # ── reviews ──────────────────────────────────────────────────────────────────────────────────
    def review_chain(self):
        """[(record, the date it sets for the next review)]: approved plans and reviews in the order of their days."""
        steps = [p for p in self.all("plans") if self.is_approved(p)] + self.all("reviews")
        steps.sort(key=lambda r: (r.on, r.pk))
        return [(r, r.plain.get("review_on") or r.plain.get("next_review_on")) for r in steps]

    def scores(self):
        """{goal id: score} of the newest signed evaluation."""
        record = self.signed("evaluations")
        return {s["goal"]: s["score"] for s in (record.plain.get("goal_scores") or [])} if record else {}

    def last_day(self, *kinds):
        """The latest main date among signed papers of these kinds, or None."""
        return max((r.on for r in self.records if r.kind in kinds and not r.draft and r.on), default=None)

    def first_day(self, *kinds):
        return min((r.on for r in self.records if r.kind in kinds and not r.draft and r.on), default=None)


def signed_day(record):
    """The day on which a paper was signed."""
    return day_of(record.signed_at)
