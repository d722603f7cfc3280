"""Query parameters of the list of cases. What a reader may not know of a case does not help to find it either."""

import django_filters as filters
from django.db.models import Exists

from casework import codes
from casework.access import NARROW
from casework.api.rows import late_items
from casework.models import Case
from stations.models.stations import inside
from stations.places import find_place
from workforce.api.fields import number_of


class CaseFilter(filters.FilterSet):
    stage = filters.ChoiceFilter(choices=list(codes.STAGES.items()))
    station = filters.CharFilter(field_name="station__code")
    within = filters.CharFilter(method="inside")
    worker = filters.CharFilter(method="of_worker")
    domain = filters.ChoiceFilter(choices=list(codes.DOMAINS.items()), method="known")
    overdue = filters.BooleanFilter(method="late")
    crisis = filters.BooleanFilter(method="known")
    opened_from = filters.DateFilter(field_name="opened_on", lookup_expr="gte")
    opened_to = filters.DateFilter(field_name="opened_on", lookup_expr="lte")

    class Meta:
        model = Case
        fields: list[str] = []

    def inside(self, queryset, _name, value):
        place = find_place(value, self.request.user)
        return queryset.filter(inside(place, "station__"))

    def of_worker(self, queryset, _name, value):
        return queryset.exclude(seen_as=NARROW).filter(worker=number_of("w", value))

    def known(self, queryset, name, value):
        return queryset.exclude(seen_as=NARROW).filter(**{name: value})

    def late(self, queryset, _name, value):
        late = Exists(late_items())
        return queryset.exclude(seen_as=NARROW).filter(late if value else ~late)
