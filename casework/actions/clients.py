"""Filing a client and changing what is known of him: numbers checked, duplicates found by their blind index."""

import datetime as dt
import re
import unicodedata

from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import DomainError, Forbidden, NotInScope
from accounts.identity import OLDEST, age_on, check_document, check_phone
from accounts.protection import blind_index
from casework import access
from casework.actions.holding import day_of_text
from casework.errors import Duplicate, fault
from casework.fields import missing
from casework.models import Client, ClientCategory
from periods import today
from stations.access import places
from stations.models import Division, Station

PLAIN = ("sex", "birth_date", "id_type", "id_absent_reason", "ethnicity", "residence_separation", "address")
DOTS = re.compile("[\u2022\u30fb\uff0e\u2027.・]")
PADDING = re.compile(r"(?<=[\u3400-\u9fff])[\s\u3000]+(?=[\u3400-\u9fff])")


def create_client(user, body):
    """File a client from a checked body (bodies.CLIENT). The Client has `warnings`: what is odd, or known elsewhere.

    Raises Forbidden; NotInScope for the station; DomainError for a bad number; Duplicate with `existing` in reach.
    """
    with transaction.atomic():
        station = station_for(user, body.get("station"))
        client = Client(station=station, filed_by=user)
        warnings = _fill(client, body)
        warnings += _look_for_doubles(user, client)
        with change(user, "client.filed", client, station=station.code):
            client.save()
            _set_categories(client, body.get("categories"))
    client.warnings = warnings
    return client


def foresee_client(user, body, client=None):
    """The warnings that filing (or changing `client`) would give; nothing is written. Raises what it would raise."""
    with transaction.atomic():
        client = Client(station=station_for(user, body.get("station")), filed_by=user) if client is None else client
        number = client.id_number_index
        warnings = _fill(client, body)
        if client.id_number and blind_index("client.id_number", client.id_number) != number:
            warnings += _look_for_doubles(user, client)
    return warnings


def change_client(user, client, body, check=None):
    """Change a client that `user` has in full; `check(client)` runs on the held row."""
    with transaction.atomic():
        client = _held_for_change(user, client)
        if check:
            check(client)
        number = client.id_number_index
        warnings = _fill(client, body)
        if "id_number" in body and blind_index("client.id_number", client.id_number) != number:
            warnings += _look_for_doubles(user, client)
        with change(user, "client.changed", client):
            client.save()
            if "categories" in body:
                _set_categories(client, body["categories"])
    client.warnings = warnings
    return client


def station_for(user, code=None):
    """The station where `user` files and opens: the one named, else that of his own post. Raises DomainError, Forbidden."""
    if not code:
        own = [p.station for p in places(user) if p.role in access.WRITERS and p.station_id]
        if not own:
            raise missing("station", _("站点"))
        code = min(own, key=lambda s: -s.tier).code
    known = Station.objects.select_related("division", "parent").visible_to(user).filter(code=code).first()
    if known is None:
        raise fault("station", "out_of_scope", _("没有 %(code)s 这个站点，或不在您的范围内") % {"code": code})
    if not access.may_write_at(user, known):
        raise Forbidden(_("“%(station)s”的个案不由您建") % {"station": known})
    return known


def find_client(user, public_id):
    """The client of a public id in reach. Raises NotInScope."""
    client = Client.objects.visible_to(user).select_related("station__division").filter(public_id=public_id).first()
    if client is None:
        raise NotInScope()
    return client


def plain_name(text):
    """A name as it is kept: narrow, one kind of dot, no padding between its letters."""
    text = DOTS.sub("·", unicodedata.normalize("NFKC", text)).strip()
    return PADDING.sub("", text)


def _fill(client, body):
    """Set the columns from a checked body. Returns warnings; raises one DomainError for all faults."""
    errors: list = []
    for name in PLAIN:
        if name in body:
            setattr(client, name, body[name])
    if "name" in body:
        client.name = plain_name(body["name"])
    born = day_of_text(body.get("birth_date"))
    if born and age_on(born, today()) > OLDEST:
        errors.append(fault("birth_date", "inconsistent", _("出生日期在 %(years)d 年以前，请核对") % {"years": OLDEST}))
    warnings: list = []
    for name in ("id_number", "phone"):  # None takes away what is not true any more
        if name in body and body[name] is None:
            setattr(client, name, None)
    if body.get("id_number"):
        errors += _number(client, body["id_number"], warnings)
    if body.get("phone"):
        errors += _phone(client, "phone", body["phone"])
    for name in ("guardian", "emergency_contact"):
        if name in body:
            errors += _contact(client, name, body[name])
    for name in ("registered_division", "residence_division"):
        if name in body:
            errors += _division(client, name, body[name])
    if errors:
        raise DomainError.many(errors)
    return warnings


def _number(client, text, warnings):
    kind = client.id_type
    if kind == "none":
        return [fault("id_number", "inconsistent", _("选了没有证件，就不填证件号"))]
    stated = {"sex": client.sex, "birth_date": client.born} if kind == "resident_id" else {}
    try:
        client.id_number, odd = check_document(kind, text, **stated)
    except DomainError as e:
        return [e]
    warnings += [{"field": "id_number", "code": w["code"], "message": str(w["message"])} for w in odd]
    return []


def _phone(client, field, text):
    try:
        client.phone = check_phone(text, field)
    except DomainError as e:
        return [e]
    return []


def _contact(client, name, person):
    if not person:
        setattr(client, name, None)
        return []
    person = dict(person)
    try:
        if person.get("phone"):
            person["phone"] = check_phone(person["phone"], f"{name}.phone")
    except DomainError as e:
        return [e]
    setattr(client, name, person)
    return []


def _division(client, name, code):
    """Where somebody lives or is registered may lie anywhere: the code must be in the list, of reach nothing is asked."""
    if not code:
        setattr(client, name, None)
        return []
    found = Division.objects.on(today()).filter(code=code).order_by("-level").first()
    if found is None:
        return [fault(name, "unknown_division", _("没有 %(code)s 这个区划") % {"code": code[:12]})]
    setattr(client, name, found)
    return []


def _look_for_doubles(user, client):
    """Raise Duplicate for the same number in reach; a hint where it is filed out of reach. Two at once wait for each other."""
    index = blind_index("client.id_number", client.id_number)
    if index is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"client {index}"])
    others = Client.objects.exclude(pk=client.pk).numbered(client.id_number)
    near = others.visible_to(user).first()
    if near is not None:
        raise Duplicate(_("这个证件号已经建过档"), field="id_number", existing=near.public_id)
    if others.exists():
        message = _("别的站点已有这个证件号的档案；如需了解，请与上级督导联系")
        return [{"field": "id_number", "code": "duplicate", "message": message}]
    return []


def _set_categories(client, wanted):
    """From today on the client belongs to exactly `wanted`; earlier days keep what they had."""
    now, wanted = today(), set(wanted or ())
    current = {row.category: row for row in client.category_rows.filter(span__contains=now)}
    for category in current.keys() - wanted:
        row = current[category]
        if row.span.lower == now:
            row.delete()
        else:
            row.span = DateRange(row.span.lower, now)
            row.save()
    ClientCategory.objects.bulk_create(
        ClientCategory(client=client, category=c, span=DateRange(now, None)) for c in sorted(wanted - current.keys())
    )


def add_category(user, client, category, since):
    """From `since` on (today or before) the client belongs to `category`. Raises DomainError where he does already by then."""
    with transaction.atomic():
        client = _held_for_change(user, client)
        if since > today():
            raise fault("since", "inconsistent", _("这一天还没有到"))
        if client.born and since < client.born:
            raise fault("since", "inconsistent", _("不能早于出生日期"))
        span = DateRange(since, None)
        if client.category_rows.filter(category=category, span__overlap=span).exists():
            raise fault("category", "duplicate", _("从这一天起已经有这一类，或以后又有过；先结束那一段"))
        with change(user, "client.category_added", client, category=category):
            return ClientCategory.objects.create(client=client, category=category, span=span)


def end_category(user, client, row, last):
    """The client belongs to the category of `row` up to `last`, that day included."""
    with transaction.atomic():
        client = _held_for_change(user, client)
        row = client.category_rows.select_for_update().get(pk=row.pk)
        if row.span.upper is not None:
            raise fault("last", "inconsistent", _("这一段已经结束"))
        if last > today():
            raise fault("last", "inconsistent", _("这一天还没有到"))
        if last < row.span.lower:
            raise fault("last", "inconsistent", _("不能早于开始的 %(day)s") % {"day": row.span.lower})
        with change(user, "client.category_ended", client, category=row.category):
            row.span = DateRange(row.span.lower, last + dt.timedelta(days=1))
            row.save()
    return row


def _held_for_change(user, client):
    client = Client.objects.select_related("station").select_for_update(of=("self",)).get(pk=client.pk)
    user._posts_now = None
    if not access.can(user, "change", client):
        raise Forbidden()
    return client
