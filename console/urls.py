from __future__ import annotations

from django.urls import path

from console.views import activity, groups, invitations, overview, people

app_name = "console"

urlpatterns = [
    path("", overview.overview, name="home"),
    path("organization/", overview.organization, name="organization"),
    path("people/", people.people, name="people"),
    path("people/<int:member_id>/role", people.change_role, name="change-role"),
    path("people/<int:member_id>/deactivate", people.deactivate, name="deactivate-member"),
    path("people/<int:member_id>/reactivate", people.reactivate, name="reactivate-member"),
    path("people/<int:member_id>/remove", people.remove, name="remove-member"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/new", invitations.create, name="invite"),
    path("invitations/<uuid:invitation_id>/revoke", invitations.revoke, name="revoke-invitation"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<int:group_id>/", groups.group, name="group"),
    path("groups/<int:group_id>/delete", groups.delete, name="delete-group"),
    path("groups/<int:group_id>/members", groups.add, name="add-to-group"),
    path("groups/<int:group_id>/members/<int:member_id>/remove", groups.take_out, name="take-out-of-group"),
    path("activity/", activity.activity, name="activity"),
]
