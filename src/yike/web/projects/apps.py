from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "yike.web.projects"
    label = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yike.web.projects.growing import grow
        from yike.web.proposals.signals import proposal_accepted

        proposal_accepted.connect(grow, dispatch_uid="projects.grow")
