from django.apps import AppConfig


class CirclingConfig(AppConfig):
    name = "yike.web.circling"
    label = "circling"
    default_auto_field = "django.db.models.BigAutoField"
