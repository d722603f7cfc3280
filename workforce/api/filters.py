"""Query parameters of the room's lists."""

import django_filters as filters

from stations.models import Station
from stations.places import find_place
from workforce.models import Training, Worker
from workforce.models.certificates import GRADE_OF, GRADE_WORDS
from workforce.models.trainings import STATES


class WorkerFilter(filters.FilterSet):
    """`station` those who work there today, `within` those who work today anywhere in a place."""

    station = filters.CharFilter(method="at_station")
    within = filters.CharFilter(method="inside")
    qualification = filters.ChoiceFilter(choices=[(w, w) for _n, w in GRADE_WORDS], method="of_grade")

    class Meta:
        model = Worker
        fields = []

    def at_station(self, queryset, _name, value):
        return queryset.at([station_coded(value, self.request.user)])

    def inside(self, queryset, _name, value):
        return queryset.at(Station.objects.visible_to(self.request.user).within(find_place(value, self.request.user)))

    def of_grade(self, queryset, _name, value):
        return queryset.filter(grade_now=GRADE_OF[value])


class TrainingFilter(filters.FilterSet):
    station = filters.CharFilter(method="at_station")
    within = filters.CharFilter(method="inside")
    state = filters.ChoiceFilter(choices=STATES, field_name="state_now")
    starts_from = filters.DateFilter(field_name="starts_on", lookup_expr="gte")
    starts_to = filters.DateFilter(field_name="starts_on", lookup_expr="lte")

    class Meta:
        model = Training
        fields = []

    def at_station(self, queryset, _name, value):
        return queryset.filter(station=station_coded(value, self.request.user))

    def inside(self, queryset, _name, value):
        place = find_place(value, self.request.user)
        return queryset.filter(station__in=Station.objects.visible_to(self.request.user).within(place))


def station_coded(code, user):
    """The station of a code in reach; a division's code names none. Raises NotInScope."""
    return find_place(code if "-" in code else f"{code}-", user)
