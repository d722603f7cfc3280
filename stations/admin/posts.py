"""Posts as a list; they are given and ended on the people pages, where the rule is who may give what."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from periods import today
from stations.admin.base import SetUpAdmin, day_column
from stations.models import Post


class CurrentFilter(admin.SimpleListFilter):
    title, parameter_name = _("现在"), "now"

    def lookups(self, request, model_admin):
        return [("yes", _("在任")), ("no", _("已停"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(span__contains=today())
        return queryset.exclude(span__contains=today()) if self.value() == "no" else queryset


class PostResource(resources.ModelResource):
    name = fields.Field(attribute="user__display_name", column_name="姓名")
    username = fields.Field(attribute="user__username", column_name="登录名")
    role = fields.Field(column_name="角色")
    place = fields.Field(attribute="place_name", column_name="在哪里")
    since = fields.Field(column_name="自")
    until = fields.Field(column_name="至（不含）")

    class Meta:
        model = Post
        name = _("职务")
        fields = export_order = ["name", "username", "role", "place", "since", "until"]

    def dehydrate_role(self, post):
        return str(post.get_role_display())

    def dehydrate_since(self, post):
        return post.span.lower

    def dehydrate_until(self, post):
        return post.span.upper


@admin.register(Post)
class PostAdmin(SetUpAdmin):
    resource_classes = [PostResource]
    list_display = [
        "user",
        "role",
        "place_name",
        day_column("span.lower", _("自")),
        day_column("span.upper", _("至（不含）")),
    ]
    list_select_related = ["user", "division", "station", "agency"]
    list_filter = ["role", CurrentFilter]
    search_fields = ["user__display_name", "user__username"]
    search_help_text = _("姓名或登录名")
    ordering = ["user__display_name", "pk"]

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()[:60]
        if not text:
            return queryset, False
        named = queryset.filter(user__display_name__icontains=text) | queryset.filter(user__username__icontains=text)
        return named, False

    def add_view(self, request, form_url="", extra_context=None):
        return HttpResponseRedirect(reverse("person_new"))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        post = self.get_object(request, object_id)
        if post is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(reverse("person", args=[post.user_id]))

    @admin.display(description=_("在哪里"))
    def place_name(self, post):
        return post.place_name
