from __future__ import annotations

from django.urls import include, path

from console.views import assistants, groups, invitations, models, overview, people, reviews, schemas

app_name = "console"

urlpatterns = [
    path("", overview.overview, name="home"),
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
    path("assistants/", assistants.assistants, name="assistants"),
    path("assistants/new", assistants.create, name="new-assistant"),
    path("assistants/<uuid:preset_id>/", assistants.assistant, name="assistant"),
    path("assistants/<uuid:preset_id>/default", assistants.choose_default, name="default-assistant"),
    path("assistants/<uuid:preset_id>/archive", assistants.archive, name="archive-assistant"),
    path("assistants/<uuid:preset_id>/restore", assistants.restore, name="restore-assistant"),
    path("schemas/", schemas.schemas, name="schemas"),
    path("schemas/new", schemas.create, name="new-schema"),
    path("schemas/try", schemas.try_out, name="try-schema"),
    path("schemas/<uuid:schema_id>/", schemas.schema, name="schema"),
    path("schemas/<uuid:schema_id>/versions/<int:number>/", schemas.version, name="schema-version"),
    path("schemas/<uuid:schema_id>/archive", schemas.archive, name="archive-schema"),
    path("schemas/<uuid:schema_id>/restore", schemas.restore, name="restore-schema"),
    path("models/", models.models, name="models"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<uuid:review_id>/", reviews.review, name="review"),
    path("reviews/<uuid:review_id>/decide", reviews.decision, name="decide-review"),
    path("", include("console.settings_urls")),
    path("policy/", include("console.policy_urls")),
    path("", include("console.evidence_urls")),
    path("", include("console.keeping_urls")),
    path("", include("console.break_glass_urls")),
    path("", include("console.quota_urls")),
    path("", include("console.work_urls")),
    path("", include("console.audit_urls")),
]
