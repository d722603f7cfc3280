"""The code list, to look things up in: new lists come by `load_divisions`, never by hand."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from stations.admin.base import SetUpAdmin, day_column
from stations.models import Division


class DivisionResource(resources.ModelResource):
    code = fields.Field(attribute="code", column_name="区划代码")
    name = fields.Field(attribute="name", column_name="名称")
    level = fields.Field(column_name="级别")
    parent = fields.Field(attribute="parent__code", column_name="上级代码")
    valid_from = fields.Field(attribute="valid_from", column_name="自")
    valid_until = fields.Field(attribute="valid_until", column_name="至（不含）")

    class Meta:
        model = Division
        name = _("区划代码")
        fields = export_order = ["code", "name", "level", "parent", "valid_from", "valid_until"]

    def dehydrate_level(self, division):
        return str(division.get_level_display())


@admin.register(Division)
class DivisionAdmin(SetUpAdmin):
    resource_classes = [DivisionResource]
    list_display = [
        "code", "name", "level", "parent", day_column("valid_from", _("自")), day_column("valid_until", _("至（不含）")),
    ]  # fmt: skip
    list_select_related = ["parent"]
    list_filter = ["level"]
    search_fields = ["name"]
    ordering = ["code", "level"]
    fields = ["code", "name", "level", "parent", "valid_from", "valid_until", "tile_row", "tile_column"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
