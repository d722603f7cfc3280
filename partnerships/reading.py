"""Reading rows with what hangs on them in one query: a programme's lists, a batch's members, a session's tutors and groups."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject

from partnerships.models import (
    Batch,
    Declared,
    Document,
    Member,
    MemberDay,
    Party,
    SessionGroup,
    Target,
    Tutor,
)
from workforce.models.workers import LastDay


def _ids(letter, path="pk"):
    return Concat(Value(letter), Cast(path, CharField()))


def _list(model, path, order=("pk",), **shape):
    found = model.objects.filter(**{path: OuterRef("pk")}).order_by(*order)
    return found, JSONObject(**shape)


def with_lists(programmes):
    """Adds `papers`, `sent`, `helped`, `aims`, `published` to programmes: lists of dictionaries as the API shows them."""
    papers, paper = _list(
        Document, "programme", ("issued_on", "pk"), title="title", number="number", issued_on="issued_on"
    )
    parties = Party.objects.filter(programme=OuterRef("pk")).order_by("position", "pk")
    agency = JSONObject(id=Cast("agency_id", CharField()), name="agency__name", credit_code="agency__credit_code")
    county = JSONObject(code="county__code", name="county__name", key="is_key")
    aims, aim = _list(Target, "programme", ("position", "pk"), metric="metric", op="op", value="value")
    said = Declared.objects.filter(programme=OuterRef("pk"), pairing=None).order_by("pk")
    number = JSONObject(metric="metric", op="op", value="value", source="source")
    return programmes.annotate(
        papers=ArraySubquery(papers.values(shown=paper)),
        sent=ArraySubquery(parties.filter(county=None).values(shown=agency)),
        helped=ArraySubquery(parties.filter(agency=None).values(shown=county)),
        aims=ArraySubquery(aims.values(shown=aim)),
        published=ArraySubquery(said.values(shown=number)),
    )


def with_sums(pairings):
    """Adds `last`, `key_county`, `sent_batches` (confirmed) and `reported` to pairings."""
    key = Party.objects.filter(programme=OuterRef("programme"), county=OuterRef("county"), is_key=True)
    went = Batch.objects.confirmed().filter(pairing=OuterRef("pk")).order_by().values("pairing")
    said, number = _list(Declared, "pairing", metric="metric", op="op", value="value", source="source")
    return pairings.annotate(
        last=LastDay(F("span")), key_county=Exists(key), reported=ArraySubquery(said.values(shown=number)),
        sent_batches=Coalesce(Subquery(went.annotate(n=Count("pk")).values("n")), 0),
    )  # fmt: skip


def with_members(batches):
    """Adds `team` (members with their stays and the number of their workdays) and the counts to batches."""
    days = MemberDay.objects.filter(day__batch=OuterRef("batch"), envoy=OuterRef("envoy")).order_by().values("envoy")
    shape = JSONObject(
        id=_ids("e", "envoy_id"), name="envoy__name", mark="envoy__mark", to=LastDay(F("span")),
        days=Coalesce(Subquery(days.annotate(n=Count("pk")).values("n")), 0), **{"from": "span__startswith"},
    )  # fmt: skip
    team = Member.objects.filter(batch=OuterRef("pk")).order_by("pk").values(shown=shape)
    return batches.with_counts().annotate(team=ArraySubquery(team))


def with_people(sessions):
    """Adds `given_by` (tutors) and `for_groups` to sessions."""
    tutors, tutor = _list(Tutor, "session", id=_ids("e", "envoy_id"), name="envoy__name", mark="envoy__mark")
    groups, group = _list(SessionGroup, "session", group="group", person_times="person_times")
    return sessions.annotate(
        given_by=ArraySubquery(tutors.values(shown=tutor)), for_groups=ArraySubquery(groups.values(shown=group))
    )
