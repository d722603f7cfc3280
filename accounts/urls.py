"""Addresses of sign-in and of one's own account."""

from allauth.account.views import logout
from allauth.usersessions.views import list_usersessions
from django.urls import path

from accounts import views

urlpatterns = [
    path("accounts/login/", views.SignIn.as_view(), name="account_login"),
    path("accounts/logout/", logout, name="account_logout"),
    path("accounts/code/", views.UseCode.as_view(), name="account_code"),
    path("account/", views.Account.as_view(), name="account"),
    path("account/password/", views.ChangePassword.as_view(), name="account_change_password"),
    path("account/devices/", list_usersessions, name="usersessions_list"),
    path("account/language/", views.set_language, name="set_language"),
]
