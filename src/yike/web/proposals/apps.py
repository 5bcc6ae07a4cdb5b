from importlib import import_module

from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "yike.web.proposals"
    label = "proposals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("yike.web.proposals.jobs")
