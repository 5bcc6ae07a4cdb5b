from importlib import import_module

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "yike.web.studies"
    label = "studies"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yike.web.outlets.signals import supply_changed
        from yike.web.studies.following import note

        import_module("yike.web.studies.jobs")
        supply_changed.connect(note, dispatch_uid="studies.note")
