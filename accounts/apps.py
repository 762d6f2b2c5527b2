from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now.
        from accounts import second_factor, trail  # noqa: PLC0415

        second_factor.connect()
        trail.connect()
