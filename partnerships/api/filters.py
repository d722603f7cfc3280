"""Query parameters of the room's lists."""

import django_filters as filters

from partnerships.codes import FIELDS, KINDS, OUTCOMES, STATES
from partnerships.models import Activity, Batch, Outcome, Pairing, Session
from workforce.api.fields import number_of


class EntryFilter(filters.FilterSet):
    """`programme` by its slug, `pairing` by its id, `state`, and a span of days."""

    programme = filters.CharFilter(field_name="pairing__programme__slug")
    pairing = filters.CharFilter(method="of_pairing")
    state = filters.ChoiceFilter(choices=STATES)

    def of_pairing(self, queryset, _name, value):
        return queryset.filter(pairing=number_of("p", value) or 0)


class PairingFilter(filters.FilterSet):
    programme = filters.CharFilter(field_name="programme__slug")
    state = filters.ChoiceFilter(choices=STATES)
    county = filters.CharFilter(field_name="county__code")

    class Meta:
        model = Pairing
        fields = []


class BatchFilter(EntryFilter):
    departs_from = filters.DateFilter(field_name="departs_on", lookup_expr="gte")
    departs_to = filters.DateFilter(field_name="departs_on", lookup_expr="lte")

    class Meta:
        model = Batch
        fields = []


class DatedFilter(EntryFilter):
    on_from = filters.DateFilter(field_name="on", lookup_expr="gte")
    on_to = filters.DateFilter(field_name="on", lookup_expr="lte")


class SessionFilter(DatedFilter):
    kind = filters.ChoiceFilter(choices=KINDS)

    class Meta:
        model = Session
        fields = []


class ActivityFilter(DatedFilter):
    programme = filters.CharFilter(field_name="programme__slug")
    field = filters.ChoiceFilter(choices=FIELDS)

    class Meta:
        model = Activity
        fields = []


class OutcomeFilter(DatedFilter):
    kind = filters.ChoiceFilter(choices=OUTCOMES)

    class Meta:
        model = Outcome
        fields = []
