"""The deadlines of the room, for the system administrator. Clients and cases have no door here: their actions are on the pages and in the API."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from accounts.admin import SuperuserAdmin
from casework.actions import settle_all
from casework.models import DeadlineRule


@admin.register(DeadlineRule)
class DeadlineRuleAdmin(SuperuserAdmin):
    list_display = ["code", "name", "amount", "unit", "severity", "waiting_for", "division", "span"]
    list_select_related = ["division"]
    list_filter = ["code", "severity"]
    autocomplete_fields = ["division"]
    actions = ["settle"]

    @admin.action(description=_("按现在的时限重算到期事项"))
    def settle(self, request, queryset):
        count = settle_all(request.user)
        messages.info(request, _("已重算 %(count)d 个在案个案") % {"count": count})
