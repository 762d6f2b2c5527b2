from __future__ import annotations

from django.urls import path

from console.views import applies, quotas

urlpatterns = [
    path("quotas/", quotas.quotas, name="quotas"),
    path("quotas/new", quotas.create, name="new-quota"),
    path("quotas/affected", quotas.affected, name="quota-affected"),
    path("quotas/people/", quotas.people, name="quota-people"),
    path("quotas/<uuid:limit_id>/", quotas.change, name="quota"),
    path("quotas/<uuid:limit_id>/remove", quotas.remove, name="remove-quota"),
    path("people/<int:member_id>/applies/", applies.applies, name="applies"),
]
