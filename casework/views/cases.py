"""/cases/ and /cases/<number>/: which cases, and where one of them stands, what next, why shut."""

from casework.models import Case
from casework.views.base import CasePage
from surfaces.pages import Page


class CaseList(Page):
    template_name = "casework/cases.html"
    model, verb = Case, "see"


class CaseView(CasePage):
    template_name = "casework/case.html"
