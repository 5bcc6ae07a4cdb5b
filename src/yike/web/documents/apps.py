from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "yike.web.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yike.web.documents import jobs  # noqa: F401 registers its handler
