"""What can go wrong in the domain, as exceptions with the contract's codes. Edges turn them into their own form."""

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule was not kept.

    `code` is the contract's word, `field` the input it concerns or None, `message` a sentence for a person,
    `status` the HTTP status an API answers, `extra` further members of the answer.
    """

    status = 400
    code = "invalid"
    message = _("这样不行")

    def __init__(self, message=None, *, code=None, field=None, status=None, errors=None, **extra):
        self.message = message or self.message
        self.code = code or self.code
        self.field = field
        self.status = status or self.status
        self.extra = extra
        self._errors = errors
        super().__init__(str(self.message))

    @property
    def errors(self):
        """The single errors as `{"field", "code", "message"}`."""
        if self._errors is not None:
            return self._errors
        return [{"field": self.field, "code": self.code, "message": str(self.message)}]

    @classmethod
    def many(cls, errors, message=None, **more):
        """One exception for several errors, each an exception or a `{"field", "code", "message"}`."""
        flat = [e for x in errors for e in (x.errors if isinstance(x, DomainError) else [x])]
        return cls(message or "；".join(str(e["message"]) for e in flat), code=flat[0]["code"], errors=flat, **more)


class Forbidden(DomainError):
    status, code, message = 403, "forbidden", _("这一步不在您的职责内")


class NotInScope(DomainError):
    status, code, message = 404, "not_found", _("没有这一条，或不在您的范围内")


class Conflict(DomainError):
    status, code, message = 409, "conflict", _("别人先改了，请看过再改")
