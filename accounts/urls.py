from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.start, name="start"),
    path("setup/<str:token>/", views.setup, name="setup"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("organizations/new/", views.new_organization, name="new-organization"),
    path("account/profile/", views.profile, name="profile"),
    path("account/sessions/<int:session_id>/end", views.end, name="end-session"),
    path("o/<slug:slug>/leave", views.leave_organization, name="leave"),
    path("o/<slug:slug>/second-factor", views.second_factor, name="second-factor"),
]
