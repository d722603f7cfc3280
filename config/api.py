"""The API's router: every room's `api/urls.py` lists ROUTES [(prefix, viewset, basename)] and PATHS [path(...)]."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.routers import SimpleRouter

from accounts.keys import KeyAuthentication, SessionAuthentication
from surfaces.api import ScopedView
from surfaces.renderers import JSON


class MadeOnce(SchemaGenerator):
    """The schema is the same for all who ask: made once a process and language, as it costs half a second."""

    made: dict = {}

    def get_schema(self, request=None, public=False):
        language = translation.get_language()
        if language not in dict(settings.LANGUAGES):
            return super().get_schema(request, public)
        if language not in self.made:
            self.made[language] = super().get_schema(request, public)
        return self.made[language]


class Schema(SpectacularAPIView):
    """OpenAPI 3.1 of everything below /api/v1/."""

    generator_class = MadeOnce
    authentication_classes = [KeyAuthentication, SessionAuthentication]


@extend_schema(exclude=True)
class Nowhere(ScopedView):
    """Any other address below /api/v1/: a problem, not a page."""

    renderer_classes = [JSON]

    def initial(self, request, *args, **kwargs):
        raise NotFound()

    def get(self, request, *args, **kwargs):
        raise NotFound()


def collect():
    router, paths = SimpleRouter(), []
    for config in apps.get_app_configs():
        api = None if config.name.startswith("django.") else find_spec(f"{config.name}.api")
        if api is None or api.submodule_search_locations is None:
            continue
        urls = import_module(f"{config.name}.api.urls")
        for prefix, viewset, basename in getattr(urls, "ROUTES", ()):
            router.register(prefix, viewset, basename)
        paths += getattr(urls, "PATHS", [])
    return paths + router.urls


urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    *collect(),
    re_path(r"^.*$", login_not_required(Nowhere.as_view()), name="nowhere"),
]
