"""Stations as a list in the tree's order. What changes them are the site's own pages and actions: no form here writes a row."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from import_export import fields, resources, widgets

from stations import editing
from stations.admin.base import SetUpAdmin, day_column
from stations.models import Division, Station
from stations.models.divisions import DISTRICT
from stations.models.stations import OPERATION_MODES, STATUSES, TIER_NAMES
from surfaces.words import moment


class DistrictFilter(admin.SimpleListFilter):
    """The districts in reach."""

    title, parameter_name = _("区"), "district"

    def lookups(self, request, model_admin):
        rows = Division.objects.visible_to(request.user).filter(level=DISTRICT, valid_until=None).order_by("code")
        return list(rows.values_list("code", "name")[:60])

    def queryset(self, request, queryset):
        return queryset.filter(division__district__code=self.value()) if self.value() else queryset


class FewFilter(admin.SimpleListFilter):
    """Operating stations of a township with fewer than two full-time workers."""

    title, parameter_name = _("人手"), "few"

    def lookups(self, request, model_admin):
        return [("1", _("不足 2 人"))]

    def queryset(self, request, queryset):
        return queryset.filter(tier=3, status="operating", reported_full_time__lt=2) if self.value() else queryset


class StationResource(resources.ModelResource):
    """The columns of a roster, as the canonical headers name them."""

    division_code = fields.Field(attribute="division__code", column_name="区划代码")
    name = fields.Field(attribute="name", column_name="站点名称")
    tier = fields.Field(column_name="层级")
    parent = fields.Field(attribute="parent__name", column_name="上级站点")
    status = fields.Field(column_name="状态")
    operation_mode = fields.Field(column_name="运营方式")
    operator = fields.Field(attribute="operator__name", column_name="承接机构")
    established_on = fields.Field(attribute="established_on", column_name="成立日期")
    address = fields.Field(attribute="address", column_name="地址")
    manager_name = fields.Field(attribute="manager_name", column_name="负责人")
    phone = fields.Field(attribute="phone", column_name="联系电话")
    floor_area = fields.Field(attribute="floor_area", widget=widgets.NumberWidget(), column_name="场地面积（㎡）")
    reported_full_time = fields.Field(
        attribute="reported_full_time", widget=widgets.NumberWidget(), column_name="专职社工数"
    )
    reported_certified = fields.Field(
        attribute="reported_certified", widget=widgets.NumberWidget(), column_name="持证社工数"
    )
    note = fields.Field(attribute="note", column_name="备注")
    code = fields.Field(attribute="code", column_name="站点编号")

    class Meta:
        model = Station
        name = _("站点名册")
        fields = export_order = [
            "division_code", "name", "tier", "parent", "status", "operation_mode", "operator", "established_on", "address",
            "manager_name", "phone", "floor_area", "reported_full_time", "reported_certified", "note", "code",
        ]  # fmt: skip

    def dehydrate_tier(self, station):
        return str(TIER_NAMES[station.tier])

    def dehydrate_status(self, station):
        return str(dict(STATUSES)[station.status])

    def dehydrate_operation_mode(self, station):
        return str(dict(OPERATION_MODES).get(station.operation_mode, ""))


def mode_action(mode, label):
    """The bulk action that gives the ticked stations a way of operating."""

    def give_mode(model_admin, request, queryset):
        n = editing.give_mode(request.user, queryset, mode)
        said = ngettext("已改 %(n)s 个站点的运营方式", "已改 %(n)s 个站点的运营方式", n) % {"n": n}
        messages.success(request, said)

    give_mode.__name__ = f"mode_{mode}"
    return admin.action(description=_("运营方式改为“%(mode)s”") % {"mode": label}, permissions=["change"])(give_mode)


@admin.register(Station)
class StationAdmin(SetUpAdmin):
    resource_classes = [StationResource]
    import_url = "/imports/"
    list_display = [
        "indented", "status_badge", "district", "operation_mode", "reported_full_time", "reported_certified",
        day_column("established_on", _("成立日期")), "changed",
    ]  # fmt: skip
    list_display_links = ["indented"]
    list_select_related = ["division__district", "operator", "parent"]
    list_filter = ["tier", "status", DistrictFilter, "operation_mode", FewFilter]
    search_fields = ["name"]
    ordering = ["tree_id", "lft"]
    actions = [mode_action(mode, label) for mode, label in OPERATION_MODES]

    @admin.display(description=_("站点"), ordering="pinyin")
    def indented(self, station):
        return format_html('<span class="level-{}">{}</span>', station.tier, station.name)

    @admin.display(description=_("状态"), ordering="status")
    def status_badge(self, station):
        return render_to_string("stations/_status.html", {"status": station.status})

    @admin.display(description=_("区"), ordering="division__district__code")
    def district(self, station):
        return station.division.district or "—"

    @admin.display(description=_("最近修改"), ordering="updated_at")
    def changed(self, station):
        return moment(station.updated_at)

    def add_view(self, request, form_url="", extra_context=None):
        return HttpResponseRedirect(reverse("station_new"))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self._over(request, object_id, "station_edit")

    def history_view(self, request, object_id, extra_context=None):
        return self._over(request, object_id, "station_history")

    def _over(self, request, object_id, name):
        """To the station's own page, where it is in reach."""
        station = self.get_object(request, object_id)
        if station is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(reverse(name, args=[station.code]))
