from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "yike.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yike.web.accounts import hearing  # noqa: F401  (its receivers connect when it is read)
