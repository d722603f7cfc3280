"""What every queryset that a surface reads has in common. The rows and verbs themselves are decided in the rooms' `access.py`."""

from django.db import models


class ScopedQuerySet(models.QuerySet):
    """Rows of which a surface reads only those that its user may see."""

    def visible_to(self, user):
        """The rows that `user` may see. Every room says it for its own."""
        raise NotImplementedError

    def unscoped(self, reason):
        """All rows, where a surface has no user to ask for or has asked already. `reason` is for whoever reads the surface."""
        if not reason:
            raise ValueError("say why")
        return self.all()
