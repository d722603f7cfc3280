"""Addresses of the room's pages."""

from django.urls import path, re_path

from casework.views import aftermath, approvals, case, caseload, cases, deeds, handing, log, papers, printing, reads

urlpatterns = [
    path("cases/", cases.CaseList.as_view(), name="cases"),
    path("cases/<str:number>/", case.CaseView.as_view(), name="case"),
    path("cases/<str:number>/goals/", case.CaseGoals.as_view(), name="case_goals"),
    path("cases/<str:number>/assessments/", case.CaseAssessments.as_view(), name="case_assessments"),
    path("cases/<str:number>/plans/", case.CasePlans.as_view(), name="case_plans"),
    path("cases/<str:number>/supervision/", case.CaseSupervision.as_view(), name="case_supervision"),
    path("cases/<str:number>/file/", case.CaseFilePage.as_view(), name="case_file"),
    path("cases/<str:number>/papers/<str:kind>/<str:pk>/", case.CasePaper.as_view(), name="case_paper"),
    path("cases/<str:number>/advance/", deeds.Advance.as_view(), name="case_advance"),
    path("cases/<str:number>/suspend/", deeds.Suspend.as_view(), name="case_suspend"),
    path("cases/<str:number>/resume/", deeds.Resume.as_view(), name="case_resume"),
    path("cases/<str:number>/consent/", deeds.Consent.as_view(), name="case_consent"),
    path("cases/<str:number>/crisis/", deeds.Crisis.as_view(), name="case_crisis"),
    path("cases/<str:number>/withdraw-goal/<str:goal>/", deeds.WithdrawGoal.as_view(), name="case_withdraw_goal"),
    path("cases/<str:number>/transfer/", handing.Transfer.as_view(), name="case_transfer"),
    path("cases/<str:number>/confidentiality/", handing.Confidentiality.as_view(), name="case_confidentiality"),
    path("cases/<str:number>/reopen/", aftermath.Reopen.as_view(), name="case_reopen"),
    path("cases/<str:number>/filing/", aftermath.Filing.as_view(), name="case_filing"),
    path("cases/<str:number>/correct/", aftermath.Correct.as_view(), name="case_correct"),
    path("cases/<str:number>/reads/", reads.Reads.as_view(), name="case_reads"),
    path("cases/<str:number>/print/", printing.CasePrint.as_view(), name="case_print"),
    path("cases/<str:number>/print/<int:job>/", printing.CasePrintFile.as_view(), name="case_print_file"),
    path("log/", log.ChooseCase.as_view(), name="log"),
    path("cases/<str:number>/log/", log.ContactPage.as_view(), name="case_log"),
    re_path(
        r"^cases/(?P<number>[^/]+)/(?P<form>intake|assessment|plan|review|evaluation|closure|follow-up)/$",
        papers.PaperPage.as_view(),
        name="case_form",
    ),
    path("approvals/", approvals.Queue.as_view(), name="approvals"),
    path("approvals/<str:kind>/<str:public_id>/", approvals.Approval.as_view(), name="approval"),
    path("caseload/", caseload.Caseload.as_view(), name="caseload"),
    path("caseload/<str:worker>/", caseload.CaseloadOf.as_view(), name="caseload_of"),
    path("cases/<str:number>/assign/", caseload.Assign.as_view(), name="case_assign"),
]
