from django.apps import AppConfig


class OutletsConfig(AppConfig):
    name = "yike.web.outlets"
    label = "outlets"
    default_auto_field = "django.db.models.BigAutoField"
