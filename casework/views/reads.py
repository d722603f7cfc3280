"""/cases/<number>/reads/: the register of who looked into a case (F12), for those who have it in full."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.reveals import PURPOSES, REVEALED, note_of
from casework.reads import PRINT_TAKEN, PRINTED, READ, reads_of
from casework.views.base import CasePage

PAGES = {
    "case": gettext_lazy("个案页"), "case_paper": gettext_lazy("一份记录"), "case_print": gettext_lazy("打印卷宗"),
    "approval": gettext_lazy("审批页"), "cases-detail": gettext_lazy("接口"), "case_file": gettext_lazy("文件"),
    "case_goals": gettext_lazy("目标"), "case_assessments": gettext_lazy("预估"), "case_plans": gettext_lazy("计划"),
    "case_supervision": gettext_lazy("督导"), "case_form": gettext_lazy("填表"), "case_log": gettext_lazy("填表"),
}  # fmt: skip

PRINTS = {PRINTED: gettext_lazy("打印卷宗"), PRINT_TAKEN: gettext_lazy("下载打印稿")}


class Reads(CasePage):
    template_name = "casework/deed_reads.html"
    needs, title = "read", gettext_lazy("查看登记")

    def get_context_data(self, **kwargs):
        page = self.paged(reads_of(self.case), 50)
        return super().get_context_data(**kwargs) | {"page": page, "rows": [self.row(event) for event in page]}

    @staticmethod
    def row(event):
        if event.verb == REVEALED:
            purpose = PURPOSES.get(event.detail.get("purpose"), "")
            return {"event": event, "what": _("显示打码的信息"), "why": purpose, "note": note_of(event), "opened": True}
        if event.verb in PRINTS:
            purpose = PURPOSES.get(event.detail.get("purpose"), "")
            return {"event": event, "what": PRINTS[event.verb], "why": purpose, "note": note_of(event), "opened": False}
        words = PAGES.get(event.detail.get("what"), _("办理页")) if event.verb == READ else ""
        return {"event": event, "what": words, "why": "", "note": "", "opened": False}
