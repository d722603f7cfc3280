"""`field__one_of=[…]`: membership in a list sent as one array, for lists of thousands. Django's `in` writes a placeholder for each.

With an `ArraySubquery` the database makes the array first and then goes to the rows by their index: a fence for its planner.
"""

from django.db.models import CharField, ForeignKey, Lookup
from django.db.models.fields import AutoFieldMixin, IntegerField


class OneOf(Lookup):
    """`column = ANY(array)`: one parameter, whatever its length."""

    lookup_name = "one_of"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, params = self.process_lhs(compiler, connection)
        if not self.rhs_is_direct_value():
            right, more = self.process_rhs(compiler, connection)
            return f"{left} = ANY({right})", [*params, *more]
        return f"{left} = ANY(%s)", [*params, list(self.rhs)]


for _field in (CharField, IntegerField, AutoFieldMixin, ForeignKey):
    if hasattr(_field, "register_lookup"):
        _field.register_lookup(OneOf)
