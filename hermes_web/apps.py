from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class HermesWebConfig(AppConfig):
    name = "hermes_web"
    default = True


class OperatorAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "hermes_web.operator_admin.OperatorSite"
