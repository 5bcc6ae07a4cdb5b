from django.apps import AppConfig


class CirclingConfig(AppConfig):
    name = "yike.web.circling"
    label = "circling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yike.web.circling import jobs
        from yike.web.circling.facts import load_with_city
        from yike.web.studies.signals import city_added

        assert callable(jobs.propose_job)
        city_added.connect(load_with_city, dispatch_uid="circling.load_with_city")
