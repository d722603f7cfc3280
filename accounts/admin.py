"""The administrator's pages for accounts and keys, and the base under which every admin page writes the change log."""

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.forms import RangeWidget
from django.db import transaction
from django.forms import DateInput, MultiWidget
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.changes import change
from accounts.codes import end_sessions, issue_code
from accounts.keys import revoke_key
from accounts.models import ApiKey, Event, User
from periods.models import CalendarDay


class SpanWidget(RangeWidget):
    """The first day of a span and the day on which it no longer holds, each with its name."""

    def __init__(self, attrs=None):
        names = (_("自"), _("至（不含）"))
        MultiWidget.__init__(
            self, [DateInput({"type": "date", "aria-label": name}, format="%Y-%m-%d") for name in names], attrs
        )


class LoggedAdmin(admin.ModelAdmin):
    """Every POST of an admin page runs under one event. Rights are asked of the room's `access`."""

    show_facets = admin.ShowFacets.NEVER
    formfield_overrides = {DateRangeField: {"widget": SpanWidget}}

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        verb = f"{self.opts.model_name}.{'changed' if object_id else 'created'}"
        return self._logged(request, verb, object_id, super().changeform_view, object_id, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        chosen = request.POST.get("action", "")
        verb = f"{self.opts.model_name}.{chosen if chosen in self.get_actions(request) else 'changed'}"
        return self._logged(request, verb, None, super().changelist_view, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        verb = f"{self.opts.model_name}.deleted"
        return self._logged(request, verb, object_id, super().delete_view, object_id, extra_context)

    def _logged(self, request, verb, object_id, view, *args):
        """Run a POST of `view` under one event; of one that only shows its form again nothing stays."""
        if request.method != "POST":
            return view(request, *args)
        with transaction.atomic():
            obj = self.get_object(request, object_id) if object_id else None
            if object_id and obj is None:  # not there, or out of reach: the view says so, and nothing happened
                return view(request, *args)
            with change(request.user, verb, obj, via="admin"):
                response = view(request, *args)
            if isinstance(response, TemplateResponse):
                transaction.set_rollback(True)
        return response

    def log_addition(self, request, obj, message=None):
        """The change log has it already."""

    log_change = log_deletion = log_deletions = log_addition  # type: ignore[assignment]


class SuperuserAdmin(LoggedAdmin):
    """Tables that only the system administrator keeps."""

    def _allowed(self, request, obj=None):
        return request.user.is_active and request.user.is_superuser

    has_view_permission = has_change_permission = has_module_permission = _allowed

    def has_add_permission(self, request):
        return self._allowed(request)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(SuperuserAdmin):
    list_display = ["username", "display_name", "mobile", "is_service", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_active", "is_service", "is_superuser"]
    search_fields = ["username", "display_name", "mobile"]
    fields = ["username", "display_name", "mobile", "language", "is_active", "is_staff", "is_superuser", "is_service"]
    actions = ["issue_codes", "unlock", "sign_out"]

    @admin.action(description=_("发一次性口令"))
    def issue_codes(self, request, queryset):
        for user in queryset.filter(is_active=True, is_service=False)[:20]:
            code = issue_code(request.user, user)
            messages.info(request, _("%(name)s 的一次性口令：%(code)s（24 小时内有效）") % {"name": user, "code": code})

    @admin.action(description=_("解除锁定"))
    def unlock(self, request, queryset):
        from axes.utils import reset

        for user in queryset:
            reset(username=user.username)
        messages.info(request, _("已解除锁定"))

    @admin.action(description=_("结束其所有登录"))
    def sign_out(self, request, queryset):
        for user in queryset:
            end_sessions(user)
        messages.info(request, _("已结束登录"))


@admin.register(ApiKey)
class ApiKeyAdmin(SuperuserAdmin):
    list_display = ["name", "prefix", "user", "scopes", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    readonly_fields = ["user", "name", "prefix", "scopes", "created_at", "last_used_at", "revoked_at"]
    fields = [*readonly_fields, "expires_at"]
    actions = ["revoke"]

    def has_add_permission(self, request):
        return False

    @admin.action(description=_("收回"))
    def revoke(self, request, queryset):
        for key in queryset.filter(revoked_at=None):
            revoke_key(request.user, key)


@admin.register(Event)
class EventAdmin(SuperuserAdmin):
    list_display = ["at", "user", "via", "verb", "label", "reason"]
    list_select_related = ["user"]
    list_filter = ["via"]
    search_fields = ["verb", "label"]
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(CalendarDay)
class CalendarDayAdmin(SuperuserAdmin):
    """Days off and make-up days as the year's notice says, and what a place decides itself."""

    list_display = ["date", "is_workday", "note"]
    list_filter = ["is_workday"]
    date_hierarchy = "date"

    def has_delete_permission(self, request, obj=None):
        return self._allowed(request)


# Tables of the sign-in's libraries that nobody keeps by hand; of the lockout's, the attempts stay, to be looked at.
for name in ("account.EmailAddress", "usersessions.UserSession", "axes.AccessLog", "axes.AccessFailureLog"):
    if admin.site.is_registered(apps.get_model(name)):
        admin.site.unregister(apps.get_model(name))
