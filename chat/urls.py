from __future__ import annotations

from django.urls import include, path

from chat import views
from chat import withheld_views as withheld

app_name = "chat"

urlpatterns = [
    path("o/<slug:slug>/my/", include("chat.my_urls")),
    path("o/<slug:slug>/", views.home, name="home"),
    path("o/<slug:slug>/c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("o/<slug:slug>/conversations", views.listing, name="list"),
    path("o/<slug:slug>/session", views.session, name="session"),
    path("o/<slug:slug>/c/<uuid:conversation_id>/messages", views.send, name="send"),
    path("o/<slug:slug>/c/<uuid:conversation_id>/answers/<uuid:message_id>/", views.manifest, name="manifest"),
    path(
        "o/<slug:slug>/c/<uuid:conversation_id>/messages/<uuid:message_id>/withheld",
        withheld.withheld,
        name="withheld",
    ),
    path("o/<slug:slug>/c/<uuid:conversation_id>/messages/<uuid:message_id>/appeal", withheld.ask, name="appeal"),
    path("o/<slug:slug>/c/<uuid:conversation_id>/rename", views.rename, name="rename"),
    path("o/<slug:slug>/c/<uuid:conversation_id>/pin", views.pin, name="pin"),
    path("o/<slug:slug>/c/<uuid:conversation_id>/delete", views.delete, name="delete"),
    path("o/<slug:slug>/c/<uuid:conversation_id>/restore", views.restore, name="restore"),
]
