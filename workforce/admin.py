"""The officials' tables of this room: to look through. Changing is done on the pages, whose actions settle what hangs on it."""

from django.contrib import admin

from accounts.admin import SuperuserAdmin
from surfaces.admin import ScopedAdmin
from workforce.models import Assignment, Certificate, HourRequirement, Registration, Training, Worker


class Reading(ScopedAdmin):
    """Rows of the room, read-only."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Worker)
class WorkerAdmin(Reading):
    list_display = ["name", "sex", "education", "updated_at"]
    search_fields = ["name", "pinyin", "initials"]
    fields = ["name", "sex", "education", "degree_on", "user", "note", "updated_at"]  # numbers stay closed


@admin.register(Assignment)
class AssignmentAdmin(Reading):
    list_display = ["worker", "station", "duty", "full_time", "span"]
    list_select_related = ["worker", "station"]
    list_filter = ["duty", "full_time"]
    search_fields = ["worker__name", "station__name"]


@admin.register(Certificate)
class CertificateAdmin(Reading):
    list_display = ["worker", "grade", "number", "issued_on"]
    list_select_related = ["worker"]
    list_filter = ["grade"]
    search_fields = ["worker__name", "number"]


@admin.register(Registration)
class RegistrationAdmin(Reading):
    list_display = ["worker", "grade", "span"]
    list_select_related = ["worker"]
    list_filter = ["grade"]
    search_fields = ["worker__name"]


@admin.register(Training)
class TrainingAdmin(Reading):
    list_display = ["title", "station", "starts_on", "ends_on", "minutes", "decided"]
    list_select_related = ["station"]
    list_filter = ["decided", "mode", "ce_eligible"]
    search_fields = ["title", "station__name"]
    date_hierarchy = "starts_on"


@admin.register(HourRequirement)
class HourRequirementAdmin(SuperuserAdmin):
    list_display = ["grade", "minutes", "span", "document"]
