from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "yike.web.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yike.web.accounts.deeds import keep_in
        from yike.web.journal.chain import write_line, write_refusal

        keep_in(write_line, write_refusal)
