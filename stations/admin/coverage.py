"""Which divisions owe a station: said from a day on, by a paper. Written by `releases.declare_unit`, never by editing a span."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from import_export import fields, resources

from periods import today
from stations.admin.base import SetUpAdmin, day_column
from stations.finding import matching
from stations.forms import PickField
from stations.models import CoverageUnit, Division
from stations.models.divisions import LEVEL_NAMES
from stations.releases import declare_unit


class DeclareForm(forms.ModelForm):
    """A division, whether it owes a station, from when, by which paper."""

    user = None  # set by the page
    owes = forms.TypedChoiceField(
        label=_("应不应建站"), choices=[("yes", _("应建站")), ("no", _("不要求建站"))], coerce=lambda v: v == "yes", widget=forms.RadioSelect,
        initial="yes",
    )  # fmt: skip
    since = forms.DateField(label=_("从哪天起"), initial=today, help_text=_("以后各天都照此，已冻结的期不动"))

    class Meta:
        model = CoverageUnit
        fields = ["document"]

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        rows = Division.objects.visible_to(self.user).on(today()).filter(level__gt=1).order_by("-level", "code")
        self.fields = {"division": PickField(rows, label=_("区划"), help_text=_("12 位代码，或全名")), **self.fields}

    def clean_division(self):
        division = self.cleaned_data["division"]
        if division and not self.user.can("create", CoverageUnit(division=division)):
            raise forms.ValidationError(_("“%(name)s”的应建站名单不由您设") % {"name": division})
        return division


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = _("现在"), "now"

    def lookups(self, request, model_admin):
        return [("yes", _("应建站")), ("no", _("已不要求"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(span__contains=today())
        return queryset.exclude(span__contains=today()) if self.value() == "no" else queryset


class LevelFilter(admin.SimpleListFilter):
    title, parameter_name = _("级别"), "level"

    def lookups(self, request, model_admin):
        return [(str(n), name) for n, name in LEVEL_NAMES.items() if n > 1]

    def queryset(self, request, queryset):
        return queryset.filter(division__level=self.value()) if (self.value() or "").isdigit() else queryset


class UnitResource(resources.ModelResource):
    code = fields.Field(attribute="division__code", column_name="区划代码")
    name = fields.Field(attribute="division__name", column_name="名称")
    since = fields.Field(column_name="自")
    until = fields.Field(column_name="至（不含）")
    document = fields.Field(attribute="document", column_name="依据")

    class Meta:
        model = CoverageUnit
        name = _("应建站名单")
        fields = export_order = ["code", "name", "since", "until", "document"]

    def dehydrate_since(self, unit):
        return unit.span.lower

    def dehydrate_until(self, unit):
        return unit.span.upper


@admin.register(CoverageUnit)
class CoverageUnitAdmin(SetUpAdmin):
    form = DeclareForm
    resource_classes = [UnitResource]
    list_display = [
        "division",
        "code",
        "level",
        day_column("span.lower", _("自")),
        day_column("span.upper", _("至（不含）")),
        "document",
    ]
    list_select_related = ["division"]
    list_filter = [StateFilter, LevelFilter]
    search_fields = ["division__name"]
    ordering = ["division__code", "span"]
    actions = ["owe_no_more"]

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        return queryset.filter(
            division__in=Division.objects.visible_to(request.user).filter(matching(search_term))
        ), False

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs | {"fields": ["document"]})
        return type(form.__name__, (form,), {"user": request.user})

    def get_fields(self, request, obj=None):
        return ["division", "span", "document"] if obj else ["division", "owes", "since", "document"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and obj is None  # the list's actions; one row is only shown

    def save_model(self, request, obj, form, change):
        said = form.cleaned_data
        declare_unit(said["division"], said["owes"], said["since"], said["document"])
        obj.division = said["division"]

    def response_add(self, request, obj, post_url_continue=None):
        messages.success(request, _("%(name)s的应建站名单已设好") % {"name": obj.division})
        return HttpResponseRedirect(reverse("admin:stations_coverageunit_changelist"))

    @admin.action(description=_("从今天起不再要求建站"), permissions=["change"])
    def owe_no_more(self, request, queryset):
        units = [u for u in queryset.filter(span__contains=today())[:500] if request.user.can("change", u)]
        n = sum(declare_unit(unit.division, False, today()) for unit in units)
        said = ngettext("%(n)s 个区划从今天起不再要求建站", "%(n)s 个区划从今天起不再要求建站", n) % {"n": n}
        messages.success(request, said)

    @admin.display(description=_("区划代码"), ordering="division__code")
    def code(self, unit):
        return unit.division.code

    @admin.display(description=_("级别"), ordering="division__level")
    def level(self, unit):
        return unit.division.get_level_display()
