"""Base class of pages: signed in, scoped, a fragment for htmx at the same address, filters in the query string."""

from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.errors import Forbidden
from surfaces.api import day_of


class Page(TemplateView):
    """One page. `fragment_name` is answered to htmx instead of `template_name`; `verb` and `model` guard the whole page."""

    fragment_name = None
    model = None
    verb = None

    def dispatch(self, request, *args, **kwargs):
        if self.verb and not request.user.can(self.verb, self.model):
            raise Forbidden(_("这一页不在您的职责内"))
        return super().dispatch(request, *args, **kwargs)

    def get_template_names(self):
        if self.fragment_name and self.request.htmx and not self.request.htmx.boosted:
            return [self.fragment_name]
        return [self.template_name]

    def visible(self, model):
        """The rows of `model` that this user may see: the only door to rows."""
        return model.objects.visible_to(self.request.user)

    def find(self, model, **key):
        """One visible row, or 404."""
        try:
            return self.visible(model).get(**key)
        except (model.DoesNotExist, ValueError) as e:
            raise Http404 from e

    def day(self, name="as_of"):
        text = self.request.GET.get(name)
        return day_of(text, name) if text else None

    def paged(self, rows, size=50):
        """A page of `rows` as Django's Page; a number beyond the end is the last page, what is no number the first."""
        return Paginator(rows, size).get_page(self.request.GET.get("page", 1))
