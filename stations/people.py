"""People and their posts: who may give which role where, adding and ending posts, codes to sign in, keys for programs."""

import datetime as dt
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.codes import end_sessions, issue_code
from accounts.errors import DomainError, Forbidden, NotInScope
from accounts.keys import SCOPES, create_key, revoke_key
from accounts.models import ApiKey, User
from periods import today
from stations.access import places, roles_at
from stations.models import Agency, Division, Post, Station
from stations.models.divisions import ANCESTORS
from stations.models.posts import ROLES

# role held at a place → roles that may be given inside it. Nobody gives what he could not do himself.
GRANTS = {
    "official": frozenset(role for role, _label in ROLES),
    "manager": frozenset({"manager", "supervisor", "worker"}),
}


def grantable(user, place):
    """The roles `user` may give at `place` (a Division, Station or Agency), in the order of ROLES."""
    if user.is_superuser and user.is_active:
        held = {"official"}
    elif isinstance(place, Division):  # a station's post reaches its division to read it, not to give rights on it
        at = [post for post in places(user) if post.division_id]
        held = {post.role for post in at if getattr(place, ANCESTORS[post.division.level]) == post.division_id}
    else:
        held = roles_at(user, place)
    given = frozenset().union(*(GRANTS.get(role, ()) for role in held))
    fits = {"agency"} if isinstance(place, Agency) else {role for role, _label in ROLES} - {"agency"}
    return [role for role, _label in ROLES if role in given and role in fits]


def keeps_people(user):
    """May `user` give any role anywhere?"""
    return user.is_active and (user.is_superuser or any(post.role in GRANTS for post in places(user)))


def keeps_keys(user):
    """May `user` make keys for programs anywhere?"""
    return user.is_active and (user.is_superuser or any(post.role == "official" for post in places(user)))


def current_or_coming(posts):
    """Of `posts` those that have not ended."""
    return posts.filter(Q(span__endswith=None) | Q(span__endswith__gt=today()))


def may_reset(user, account, posts=None):
    """May `user` issue a code for `account`? All its posts lie in his places and are of roles he may give; never his own.

    `posts` are the account's unended posts with their places, where the caller has read them already.
    """
    if not (user.is_active and account.is_active) or account.is_service or account.pk == user.pk:
        return False
    if user.is_superuser:
        return True
    if account.is_superuser:
        return False
    if posts is None:
        posts = list(
            current_or_coming(account.posts.all()).select_related("division", "station__division", "agency__division")
        )
    return bool(posts) and all(post.role in grantable(user, post.place) for post in posts)


def add_person(user, *, username, display_name, mobile=None, role, place, since=None, until=None):
    """Make an account with its first post. Returns (User, Post, one-time code in clear).

    Raises Forbidden where `user` may not give `role` at `place`; DomainError `taken` for a name or number in use.
    """
    with transaction.atomic():
        _require_grant(user, role, place)
        mobile = mobile or None
        for field, value in (("username", username), ("mobile", mobile)):
            if value and User.objects.filter(Q(username=value) | Q(mobile=value)).exists():
                raise DomainError(_("“%(value)s”已有人用，换一个") % {"value": value}, code="taken", field=field)
        with change(user, "person.added", place, role=role):
            account = User(username=username, display_name=display_name, mobile=mobile)
            account.set_unusable_password()
            account.save()
            post = _write_post(account, role, place, since, until)
        code = issue_code(user, account)
    return account, post, code


def add_post(user, account, *, role, place, since=None, until=None):
    """Give `account` a further post. Raises Forbidden, DomainError `duplicate` for one it holds in these days already."""
    with transaction.atomic():
        _require_grant(user, role, place)
        if account.pk == user.pk and not user.is_superuser:
            raise Forbidden(_("不能给自己加职务，请上级来加"))
        with change(user, "post.added", account, role=role):
            return _write_post(account, role, place, since, until)


def end_post(user, post, *, on=None):
    """`post` is over from `on` (today) on; its sessions end, so that a shared machine keeps nothing. Raises Forbidden."""
    on = on or today()
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).select_related("user").get(pk=post.pk)
        _require_grant(user, post.role, post.place)
        if post.user_id == user.pk and not user.is_superuser:
            raise Forbidden(_("不能停自己的职务，请上级来停"))
        if post.span.upper is not None and post.span.upper <= on:
            raise DomainError(_("这个职务在 %(day)s 已经停了") % {"day": post.span.upper}, code="no_change")
        with change(user, "post.ended", post, on=str(on)):
            if on <= post.span.lower:
                post.delete()
            else:
                post.span = DateRange(post.span.lower, on)
                post.save(update_fields=["span"])
        if on <= today():
            end_sessions(post.user)
    return post


def send_code(user, account):
    """A fresh one-time code for `account`, in clear. Raises Forbidden."""
    if not may_reset(user, account):
        raise Forbidden(_("这个账号的职务不全在您的范围内，请上级来发口令"))
    return issue_code(user, account)


def create_service_key(user, *, name, place, role, scopes, expires_at=None):
    """A service account with one post and its key. `user` None is the system. Returns (ApiKey, secret).

    Raises Forbidden, DomainError for an unknown role or scope or a role that does not fit the place.
    """
    if role not in dict(ROLES):
        known = ", ".join(r for r, _label in ROLES)
        raise DomainError(_("没有 %(role)s 这个角色；有的是：%(known)s") % {"role": role, "known": known}, field="role")
    if (role == "agency") != isinstance(place, Agency):
        raise DomainError(_("agency 这个角色只能在机构，别的角色只能在区划或站点"), code="bad_choice", field="role")
    if not scopes or set(scopes) - set(SCOPES):
        unknown = ", ".join(sorted(set(scopes) - set(SCOPES))) or "—"
        raise DomainError(
            _("没有 %(unknown)s 这些权限；有的是：%(known)s") % {"unknown": unknown, "known": ", ".join(SCOPES)},
            code="bad_choice", field="scopes",
        )  # fmt: skip
    with transaction.atomic():
        if user is not None and not (keeps_keys(user) and role in grantable(user, place)):
            raise Forbidden()
        with change(user, "service.added", place, role=role):
            account = User(username=f"key-{secrets.token_hex(6)}", display_name=name[:64], is_service=True)
            account.set_unusable_password()
            account.save()
            _write_post(account, role, place, None, None)
        return create_key(user, account, name[:80], scopes, expires_at=expires_at)


def keys_of(user):
    """Keys of the service accounts whose posts `user` sees, newest first."""
    seen = Post.objects.visible_to(user).filter(user__is_service=True)
    return ApiKey.objects.filter(user__in=seen.values("user")).select_related("user").order_by("-pk")


def end_key(user, key):
    """Take a key back. Raises Forbidden where the key's posts do not all lie in `user`'s places."""
    held = current_or_coming(key.user.posts.all()).select_related("division", "station__division", "agency__division")
    if not all(post.role in grantable(user, post.place) for post in held):
        raise Forbidden()
    return revoke_key(user, key)


def place_coded(code):
    """The place that a code names, for the system itself: 12 digits a Division, with `-` a Station, else an Agency's number.

    Raises NotInScope. People's own lookups go through `places.find_place`.
    """
    place = None
    if "-" in code:
        place = Station.objects.select_related("division").filter(code=code[:24]).first()
    elif len(code) == 12 and code.isdigit():
        place = Division.objects.on(today()).highest(code)
    elif code.isascii() and code.isdigit() and len(code) < 12:
        place = Agency.objects.filter(pk=int(code)).first()
    if place is None:
        raise NotInScope(
            _("没有 %(code)s 这个地方：12 位数字是区划，带“-”的是站点，其余是机构编号") % {"code": code[:24]},
            field="at",
        )
    return place


def _require_grant(user, role, place):
    user._posts_now = None  # a post may have ended since the request came
    if role not in grantable(user, place):
        raise Forbidden(_("您不能在“%(place)s”任用%(role)s") % {"place": place, "role": dict(ROLES).get(role, role)})


def _write_post(account, role, place, since, until):
    """The row of a post; `until` is its last day. Needs an event open."""
    since = since or today()
    if until is not None and until < since:
        raise DomainError(_("末日早于首日"), code="date_order", field="until")
    span = DateRange(since, until + dt.timedelta(days=1) if until else None)
    where = {place._meta.model_name: place}
    if account.pk and Post.objects.filter(user=account, role=role, span__overlap=span, **where).exists():
        raise DomainError(_("这些日子里已有这个职务"), code="duplicate", field="role")
    return Post.objects.create(user=account, role=role, span=span, **where)
