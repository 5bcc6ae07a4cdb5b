from django.apps import AppConfig


class MapConfig(AppConfig):
    name = "yike.web.map"
    label = "map"
    default_auto_field = "django.db.models.BigAutoField"
