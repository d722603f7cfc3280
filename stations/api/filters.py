"""Query parameters of the room's lists."""

import django_filters as filters

from stations.models import Division, Station
from stations.models.divisions import LEVEL_OF
from stations.models.stations import STATUSES, TIER_OF
from stations.places import find_place


class DayFilter(filters.DateFilter):
    """A day, read before the others; the view uses it."""

    def filter(self, qs, value):
        return qs


class StationFilter(filters.FilterSet):
    tier = filters.ChoiceFilter(choices=[(t, t) for t in TIER_OF], method="of_tier")
    status = filters.ChoiceFilter(choices=STATUSES, method="of_status")
    within = filters.CharFilter(method="inside")
    as_of = DayFilter()

    class Meta:
        model = Station
        fields = []

    def of_tier(self, queryset, _name, value):
        return queryset.filter(tier=TIER_OF[value])

    def of_status(self, queryset, _name, value):
        return queryset.filter(status_then=value)

    def inside(self, queryset, _name, value):
        return queryset.within(find_place(value, self.request.user))


class DivisionFilter(filters.FilterSet):
    level = filters.ChoiceFilter(choices=[(level, level) for level in LEVEL_OF], method="of_level")
    within = filters.CharFilter(method="inside")
    as_of = DayFilter()

    class Meta:
        model = Division
        fields = []

    def of_level(self, queryset, _name, value):
        return queryset.filter(level=LEVEL_OF[value])

    def inside(self, queryset, _name, value):
        place = find_place(value, self.request.user)
        return queryset.within(place if isinstance(place, Division) else place.division)
