from django.apps import AppConfig


class OpenConfig(AppConfig):
    name = "yike.web.open"
    label = "open"
    default_auto_field = "django.db.models.BigAutoField"
