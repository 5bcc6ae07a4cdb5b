from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "yike.web.proposals"
    label = "proposals"
    default_auto_field = "django.db.models.BigAutoField"
