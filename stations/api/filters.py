"""Query parameters of the room's lists."""

import django_filters as filters

from stations import tree
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
        """In a division, or below a station: today, or on the day that `as_of` names."""
        place, day = find_place(value, self.request.user), self.form.cleaned_data.get("as_of")
        if day and isinstance(place, Station):
            return queryset.filter(pk__in=[place.pk, *tree.below_on(place, day)])
        return queryset.within(place)


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
