"""/stations/CODE/TAB/: what other rooms have of a station. Each serves its own piece under its own scope; this page only frames it."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.http import Http404
from django.utils.functional import cached_property

from stations.views.station import StationPage


@cache
def panels():
    """Every installed room's `tabs.py` list TABS: {order, tab, label, for: user, station → bool, template, context: request, station → dict}."""
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("django.") and find_spec(f"{config.name}.tabs"):
            found += getattr(import_module(f"{config.name}.tabs"), "TABS", [])
    return sorted(found, key=lambda panel: panel["order"])


class StationTab(StationPage):
    @cached_property
    def tab(self):
        return self.kwargs["tab"]

    def particulars(self, user, station, picture, nodes):
        panel = next((p for p in panels() if p["tab"] == self.tab and p["for"](user, station)), None)
        if panel is None:
            raise Http404
        return {"panel_template": panel["template"], "panel": panel["context"](self.request, station)}
