"""What every set-up page of this room shares: who may enter, the search, the history from the change log, safe exports."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportActionMixin
from import_export.forms import SelectableFieldsExportForm

from stations import chronicle
from stations.admin.formats import Csv, Workbook
from stations.finding import matching
from stations.models import Station
from surfaces.admin import ScopedAdmin
from surfaces.words import iso_day


def may_enter(request):
    """Officials and the system administrator. Others who are signed in are told so; nobody else gets past sign-in."""
    user = request.user
    if user.is_authenticated and not (user.is_active and user.can("keep", Station)):
        raise PermissionDenied
    return user.is_authenticated


admin.site.has_permission = may_enter  # type: ignore[method-assign]
if admin.site.is_registered(Group):
    admin.site.unregister(Group)  # rights come from posts


class ExportForm(SelectableFieldsExportForm):
    """The columns to export, each under the name that stands in the file."""

    def __init__(self, formats, resources, **more):
        super().__init__(formats, resources, **more)
        choices = [choice for choice in self.fields["format"].choices if choice[0]]
        self.fields["format"].choices, self.fields["format"].initial = choices, choices[0][0]

    def _get_field_label(self, resource, field_name):
        return resource.fields[field_name].column_name


def day_column(name, label, ordering=None):
    """A column of days as tables write them; `name` may go through relations and ends of spans: "span.lower"."""

    @admin.display(description=label, ordering=ordering or name.split(".")[0])
    def column(obj):
        for part in name.split("."):
            obj = getattr(obj, part)
        return iso_day(obj)

    column.__name__ = name.replace(".", "_")
    return column


class SetUpAdmin(ExportActionMixin, ScopedAdmin):
    """A list with search by name, code and pinyin, a history, and exports of what the list shows."""

    import_export_change_list_template = "admin/stations/list.html"
    show_change_form_export = False
    export_form_class = ExportForm
    formats = export_formats = [Workbook, Csv]
    search_help_text = _("名称、代码、拼音或首字母")
    import_url = ""  # where a workbook for this list is taken in; "" hides the button

    def has_export_permission(self, request):
        return self.has_view_permission(request)

    def get_export_formats(self):
        return list(self.export_formats)

    def get_export_data(self, file_format, request, queryset, **kwargs):
        if not self.has_export_permission(request):
            raise PermissionDenied
        return file_format.export_data(self.get_data_for_export(request, queryset, force_native_type=True, **kwargs))

    def get_valid_export_item_pks(self, request):
        """What was ticked; the rows themselves come out of the scoped list."""
        return [pk for pk in request.POST.getlist("export_items") if pk.isdigit()]

    def get_search_results(self, request, queryset, search_term):
        return (queryset.filter(matching(search_term)) if search_term.strip() else queryset), False

    def changelist_view(self, request, extra_context=None):
        more = {"import_url": self.import_url, "title": self.opts.verbose_name_plural}
        return super().changelist_view(request, (extra_context or {}) | more)

    def history_view(self, request, object_id, extra_context=None):
        """Every change of the row, from the change log."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        events, changes = chronicle.of_row(obj)
        page = Paginator(events, 50).get_page(request.GET.get("p"))
        lines = {}
        for row in changes.filter(event__in=[event.pk for event in page]):
            lines.setdefault(row.event_id, []).extend(self._lines(row))
        context = self.admin_site.each_context(request) | {
            "title": _("历史：%(name)s") % {"name": obj}, "subtitle": None, "opts": self.opts, "object": obj, "page": page,
            "module_name": self.opts.verbose_name_plural,
            "events": [{"event": event, "changes": lines.get(event.pk, ())} for event in page],
        }  # fmt: skip
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/stations/history.html", context)

    def _lines(self, row):
        """One change as [(column in words, before, after)]."""
        before, after = row.before or {}, row.after or {}
        names = {f.column: f.verbose_name for f in self.opts.concrete_fields if not f.is_relation and not f.primary_key}
        return [(names[c], before.get(c), after.get(c)) for c in names if before.get(c) != after.get(c)]
