"""What can go wrong with a case, with the codes of case-api §0."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict, DomainError, Forbidden


class GateUnmet(Conflict):
    """Gates that are shut: one error each, `field` = the gate."""

    code, message = "gate_unmet", _("还有条件没有满足")

    @classmethod
    def of(cls, gates):
        """The exception that names every one of `gates` (unmet ones)."""
        errors = [{"field": g.code, "code": cls.code, "message": str(g.detail)} for g in gates]
        return cls(code=cls.code, errors=errors, message="；".join(e["message"] for e in errors))


class WrongStage(Conflict):
    """The case is not where this is done, or somebody was faster. The answer says where it is."""

    code, message = "wrong_stage", _("个案现在不在这一步")

    def __init__(self, case, message=None, **more):
        super().__init__(message, stage=case.stage, **more)


class CaseClosed(Conflict):
    code, message = "case_closed", _("个案已结案，内容不再改动；要补充请用更正、跟进、归档或重新开案")


class Suspended(Conflict):
    code, message = "suspended", _("个案中止中，先恢复再往下走")


class Duplicate(Conflict):
    code, message = "duplicate", _("已经有了")


class NotPending(Conflict):
    code, message = "not_pending", _("已经审过了，或还没有可审的内容")


class OwnWork(Forbidden):
    code, message = "own_work", _("自己写的、自己承办的，要由别人审")


def fault(field, code, message):
    """One error of an input: what `DomainError.many` takes."""
    return DomainError(message, code=code, field=field)
