"""/people/: accounts and posts in one's place: adding a person, further posts, ending one, a one-time code to print."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, View

from accounts.errors import DomainError, Forbidden
from periods import today
from stations import people
from stations.access import places
from stations.forms import PersonForm
from stations.models import Agency, Division, Post, Station
from stations.models.posts import ROLES
from stations.views.changes import put_errors
from surfaces import drafts
from surfaces.drafts import Drafted
from surfaces.pages import Page
from surfaces.words import number

WITH_PLACES = ("user", "division", "station__division", "agency__division")


class _Keepers:
    """Pages for those who may give posts somewhere."""

    def dispatch(self, request, *args, **kwargs):
        if not people.keeps_people(request.user):
            raise Forbidden(_("账号和职务由站长和民政干部管"))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def account(self):
        """The account of the address, where one of its posts lies in reach; else 404."""
        posts = Post.objects.visible_to(self.request.user).filter(user=self.kwargs["pk"], user__is_service=False)
        post = posts.select_related("user").first()
        if post is None:
            raise Http404
        return post.user


class PeopleList(_Keepers, Page):
    template_name = "stations/people.html"

    def get_context_data(self, **kwargs):
        text, role = self.request.GET.get("q", "").strip()[:60], self.request.GET.get("role", "")
        posts = people.current_or_coming(self.visible(Post)).exclude(user__is_service=True)
        if text:
            posts = posts.filter(user__display_name__icontains=text) | posts.filter(user__username__icontains=text)
        if role in dict(ROLES):
            posts = posts.filter(role=role)
        page = self.paged(posts.select_related(*WITH_PLACES).order_by("user__display_name", "pk"))
        return super().get_context_data(**kwargs) | {
            "q": text, "page": page, "total": page.paginator.count, "rows": [self.row(post) for post in page],
            "chips": self.chips(role), "crumbs": [(_("账号与职务"), "")],
            "new_url": reverse("person_new"),
            "keys_url": reverse("account_keys") if people.keeps_keys(self.request.user) else "",
        }  # fmt: skip

    def row(self, post):
        return {
            "name": post.user.display_name, "username": post.user.username, "role": post.get_role_display(),
            "place": post.place_name, "url": reverse("person", args=[post.user_id]),
            "since": post.span.lower, "until": _last_day(post), "last_login": post.user.last_login,
            "active": post.user.is_active,
        }  # fmt: skip

    def chips(self, role):
        path = self.request.path
        chips = [{"url": path, "label": _("全部"), "count": "", "current": not role}]
        return chips + [
            {"url": f"{path}?role={r}", "label": label, "count": "", "current": r == role} for r, label in ROLES
        ]


class PersonPage(_Keepers, Page):
    template_name = "stations/person.html"

    def get_context_data(self, **kwargs):
        user, account = self.request.user, self.account
        held = list(account.posts.select_related(*WITH_PLACES).order_by("-span"))
        seen = set(self.visible(Post).filter(user=account).values_list("pk", flat=True))
        now = [p for p in held if p.span.upper is None or p.span.upper > today()]
        return super().get_context_data(**kwargs) | {
            "account": account, "mobile": _masked(account.mobile),
            "posts": [
                {"role": p.get_role_display(), "place": p.place_name, "since": p.span.lower, "until": _last_day(p),
                 "ended": p not in now, "end_url": self.end_url(user, p, now)}
                for p in held if p.pk in seen
            ],
            "elsewhere": number(len([p for p in now if p.pk not in seen])) if len(now) > len(seen & {p.pk for p in now}) else "",
            "code_url": reverse("person_code", args=[account.pk]) if people.may_reset(user, account, now) else "",
            "add_url": reverse("person_post", args=[account.pk]) if account.pk != user.pk and account.is_active else "",
            "crumbs": [(_("账号与职务"), reverse("people")), (account.display_name, "")],
        }  # fmt: skip

    @staticmethod
    def end_url(user, post, now):
        may = post in now and post.user_id != user.pk and post.role in people.grantable(user, post.place)
        return reverse("post_end", args=[post.pk]) if may else ""


class _PostForm(Drafted, _Keepers, FormView):
    """A form that gives a post; what may be chosen is what the user may give."""

    template_name = "stations/person_form.html"
    form_class = PersonForm
    new = True

    def get_form_kwargs(self):
        user = self.request.user
        held = {p.role for p in places(user)} | ({"official"} if user.is_superuser else set())
        given = frozenset().union(*(people.GRANTS.get(role, ()) for role in held))
        wide = "official" in held
        return super().get_form_kwargs() | {
            "new": self.new,
            "roles": [role for role, _label in ROLES if role in given],
            "stations": Station.objects.visible_to(user).open().order_by("code"),
            "divisions": Division.objects.visible_to(user).on(today()).order_by("code", "level") if wide else None,
            "agencies": Agency.objects.visible_to(user).order_by("name") if wide else None,
        }  # fmt: skip

    def post_of(self, form):
        return {name: form.cleaned_data[name] for name in ("role", "place", "since", "until")}


@method_decorator(never_cache, name="dispatch")
class NewPerson(_PostForm):
    def form_valid(self, form):
        body = {name: form.cleaned_data[name] for name in ("username", "display_name", "mobile")}
        try:
            account, _post, code = people.add_person(self.request.user, **body, **self.post_of(form))
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)
        drafts.drop(self.request.user, self.draft_address)
        return _printed(self.request, account, code)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "title": _("加人员"), "verb": _("建账号，发口令"), "cancel_url": reverse("people"),
            "crumbs": [(_("账号与职务"), reverse("people")), (_("加人员"), "")],
        }  # fmt: skip


class AddPost(_PostForm):
    new = False

    def form_valid(self, form):
        try:
            people.add_post(self.request.user, self.account, **self.post_of(form))
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)
        messages.success(self.request, _("已加职务"))
        return HttpResponseRedirect(reverse("person", args=[self.account.pk]))

    def get_context_data(self, **kwargs):
        back = reverse("person", args=[self.account.pk])
        return super().get_context_data(**kwargs) | {
            "title": _("给%(name)s加职务") % {"name": self.account.display_name}, "verb": _("加职务"), "cancel_url": back,
            "crumbs": [(_("账号与职务"), reverse("people")), (self.account.display_name, back), (_("加职务"), "")],
        }  # fmt: skip


class EndPost(_Keepers, View):
    http_method_names = ["post"]

    def post(self, request, pk):
        post = Post.objects.visible_to(request.user).select_related(*WITH_PLACES).filter(pk=pk).first()
        if post is None:
            raise Http404
        try:
            people.end_post(request.user, post)
        except DomainError as e:
            if e.code != "no_change":
                raise
            messages.error(request, e.message)
        else:
            messages.success(
                request, _("%(name)s的%(role)s到今天为止") % {"name": post.user, "role": post.get_role_display()}
            )
        return HttpResponseRedirect(reverse("person", args=[post.user_id]))


@method_decorator(never_cache, name="dispatch")
class IssueCode(_Keepers, View):
    """POST /people/ID/code/: a fresh code, shown once on a page to print."""

    http_method_names = ["post"]

    def post(self, request, pk):
        return _printed(request, self.account, people.send_code(request.user, self.account))


def _printed(request, account, code):
    return render(request, "stations/code.html", {
        "account": account, "code": code, "url": request.build_absolute_uri(reverse("account_code")),
        "crumbs": [(_("账号与职务"), reverse("people")), (account.display_name, reverse("person", args=[account.pk])), (_("口令"), "")],
    })  # fmt: skip


def _last_day(post):
    """The last day of a post, as people say it; None while it runs."""
    return post.span.upper and post.span.upper.fromordinal(post.span.upper.toordinal() - 1)


def _masked(mobile):
    return f"{mobile[:3]}****{mobile[-4:]}" if mobile else ""
