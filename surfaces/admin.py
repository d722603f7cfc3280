"""Base of the officials' admin pages: rows through `visible_to`, rights through `can`, every write under an event."""

from django.contrib.admin import site
from django.core.exceptions import FieldDoesNotExist

from accounts.admin import LoggedAdmin


class ScopedAdmin(LoggedAdmin):
    """A table as its keepers see it. Deleting is nobody's verb: things end by dated actions."""

    list_per_page = 50
    list_max_show_all = 50  # a page stays light

    def get_queryset(self, request):
        return self.model.objects.visible_to(request.user)

    def has_module_permission(self, request):
        return request.user.is_active and request.user.can("keep", self.model)

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request) and (obj is None or request.user.can("see", obj))

    def has_add_permission(self, request):
        return self.has_module_permission(request) and request.user.can("create", self.model)

    def has_change_permission(self, request, obj=None):
        return self.has_module_permission(request) and (obj is None or request.user.can("change", obj))

    def has_delete_permission(self, request, obj=None):
        return False

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        manager = db_field.remote_field.model.objects
        if hasattr(manager, "visible_to"):
            kwargs["queryset"] = manager.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def lookup_allowed(self, lookup, value, request):
        try:
            return super().lookup_allowed(lookup, value, request)
        except FieldDoesNotExist:
            return False


site.enable_nav_sidebar = False
