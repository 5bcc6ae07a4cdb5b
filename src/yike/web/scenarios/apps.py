"""Trying: what the program is told of this app when it starts."""

from importlib import import_module

from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "yike.web.scenarios"
    label = "scenarios"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the queue know what this app can do."""
        import_module("yike.web.scenarios.jobs")
