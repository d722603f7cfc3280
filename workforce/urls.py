"""Addresses of the room's pages."""

from django.urls import path

from workforce.views.attendances import EditAttendance, RemoveAttendance
from workforce.views.people import NewWorker, WorkerList
from workforce.views.person import AddJob, ChangeJob, EditWorker, LinkAccount, ShowPhone, WorkerPage
from workforce.views.trainings import EditTraining, NewTraining, TrainingList, TrainingPage

urlpatterns = [
    path("workers/", WorkerList.as_view(), name="workers"),
    path("workers/new/", NewWorker.as_view(), name="worker_new"),
    path("workers/<str:pk>/", WorkerPage.as_view(), name="worker"),
    path("workers/<str:pk>/edit/", EditWorker.as_view(), name="worker_edit"),
    path("workers/<str:pk>/account/", LinkAccount.as_view(), name="worker_account"),
    path("workers/<str:pk>/phone/", ShowPhone.as_view(), name="worker_phone"),
    path("workers/<str:pk>/jobs/", AddJob.as_view(), name="worker_job_new"),
    path("workers/<str:pk>/jobs/<str:job>/", ChangeJob.as_view(), name="worker_job"),
    path("trainings/", TrainingList.as_view(), name="trainings"),
    path("trainings/new/", NewTraining.as_view(), name="training_new"),
    path("trainings/<str:pk>/", TrainingPage.as_view(), name="training"),
    path("trainings/<str:pk>/edit/", EditTraining.as_view(), name="training_edit"),
    path("trainings/<str:pk>/came/<str:entry>/", EditAttendance.as_view(), name="attendance_edit"),
    path("trainings/<str:pk>/came/<str:entry>/remove/", RemoveAttendance.as_view(), name="attendance_remove"),
]
