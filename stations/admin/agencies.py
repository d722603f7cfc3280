"""Agencies: kept by hand or taken in from a simple list, read by the vetting reader, all rows or none."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources, widgets
from import_export.admin import ImportMixin
from import_export.forms import ImportForm

from accounts.changes import change
from accounts.errors import DomainError
from periods import today
from stations.admin.base import SetUpAdmin
from stations.admin.formats import Workbook
from stations.forms import PickField
from stations.models import Agency, Division
from stations.uploads import KeptUpload, importer, importing


class UploadForm(ImportForm):
    """A file of a size that may be read."""

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(_("文件超过 20 MB，请分成几份再传。"), code="too_large")
        return file


class InReach(widgets.ForeignKeyWidget):
    """A division in the importer's reach, by its code."""

    def clean(self, value, row=None, **kwargs):
        if not value:
            return None
        found = Division.objects.visible_to(kwargs["user"]).on(today()).highest(str(value).strip())
        if found is None:
            raise ValueError(_("没有 %(code)s 这个区划，或不在您的范围内") % {"code": str(value)[:20]})
        return found


class AgencyResource(resources.ModelResource):
    name = fields.Field(attribute="name", column_name="名称")
    credit_code = fields.Field(attribute="credit_code", column_name="统一社会信用代码")
    division = fields.Field(attribute="division", column_name="登记地代码", widget=InReach(Division, "code"))

    class Meta:
        model = Agency
        name = _("机构")
        fields = export_order = ["name", "credit_code", "division"]
        import_id_fields = ["name", "division"]
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    def import_data(self, dataset, dry_run=False, user=None, **kwargs):
        """All rows or none, under one event; a preview leaves nothing."""
        with transaction.atomic():
            with change(user, "agencies.imported", rows=len(dataset)):
                result = super().import_data(dataset, dry_run=dry_run, user=user, **kwargs)
            if dry_run or result.has_errors() or result.has_validation_errors():
                transaction.set_rollback(True)
        return result

    def get_instance(self, instance_loader, row):
        """The agency a row means: by its credit code, else by name and place; of those in reach."""
        reach = Agency.objects.visible_to(importer())
        if code := str(row.get("统一社会信用代码") or "").strip().upper():
            found = reach.filter(credit_code=code).first()
            if found:
                return found
        place = str(row.get("登记地代码") or "").strip()
        return reach.filter(name=str(row.get("名称") or "").strip(), division__code=place).first()

    def import_field(self, field, instance, row, is_m2m=False, **kwargs):
        """A blank cell changes nothing."""
        if str(row.get(field.column_name) or "").strip():
            super().import_field(field, instance, row, is_m2m, **kwargs)

    def before_save_instance(self, instance, row, **kwargs):
        user = kwargs["user"]
        if not user.can("change" if instance.pk else "create", instance):
            raise ValidationError(_("“%(name)s”不在您能改的范围里") % {"name": instance})


class AgencyList(Workbook):
    """The workbook that a list of agencies comes in."""

    wanted = ("名称", "统一社会信用代码", "登记地代码")


class AgencyForm(forms.ModelForm):
    user = None  # set by the page

    class Meta:
        model = Agency
        fields = ["name", "credit_code"]

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        rows = Division.objects.visible_to(self.user).on(today()).order_by("level", "code")
        self.fields["division"] = PickField(rows, label=_("登记地"), help_text=_("12 位区划代码，或全名"))
        if self.instance.division_id:
            self.initial["division"] = self.instance.division.code

    def clean_division(self):
        division = self.cleaned_data["division"]
        if division and not self.user.can("create", Agency(division=division)):
            raise ValidationError(_("“%(name)s”不在您能建机构的范围里") % {"name": division})
        return division

    def _post_clean(self):
        self.instance.division = self.cleaned_data.get("division") or self.instance.division
        super()._post_clean()


@admin.register(Agency)
class AgencyAdmin(ImportMixin, SetUpAdmin):
    form = AgencyForm
    resource_classes = [AgencyResource]
    tmp_storage_class = KeptUpload
    import_form_class = UploadForm
    import_export_change_list_template = "admin/stations/list.html"
    list_display = ["name", "credit_code", "division", "number"]
    list_select_related = ["division"]
    search_fields = ["name"]
    search_help_text = _("名称或信用代码")
    ordering = ["name", "pk"]

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()[:60]
        if not text:
            return queryset, False
        return queryset.filter(name__contains=text) | queryset.filter(credit_code__startswith=text.upper()), False

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs | {"fields": ["name", "credit_code"]})
        return type(form.__name__, (form,), {"user": request.user})

    def get_fields(self, request, obj=None):
        return ["name", "credit_code", "division"]

    @admin.display(description=_("机构编号"), ordering="pk")
    def number(self, agency):
        return agency.pk

    # ── taking in a list ─────────────────────────────────────────────────────────────────────────
    def get_import_formats(self):
        return [AgencyList]

    def has_import_permission(self, request):
        return self.has_add_permission(request)

    def import_action(self, request, **kwargs):
        with importing(request.user):
            return super().import_action(request, **kwargs).render()

    def process_import(self, request, **kwargs):
        if not self.has_import_permission(request):
            raise PermissionDenied
        with importing(request.user):
            return super().process_import(request, **kwargs)

    def add_data_read_fail_error_to_form(self, form, e):
        form.add_error(
            "import_file", e.message if isinstance(e, DomainError) else str(_("读不了这个文件，请另存为 .xlsx 再传。"))
        )

    def process_result(self, result, request):
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, _("有行不对，一行也没有写入；请再传一次，看哪一行"))
            return HttpResponseRedirect(reverse("admin:stations_agency_import"))
        return super().process_result(result, request)

    def add_success_message(self, result, request):
        totals = {"new": result.totals["new"], "update": result.totals["update"], "skip": result.totals["skip"]}
        messages.success(request, _("新增 %(new)s 个，修改 %(update)s 个，没变 %(skip)s 个") % totals)
