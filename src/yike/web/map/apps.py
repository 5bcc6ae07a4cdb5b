from django.apps import AppConfig


class MapConfig(AppConfig):
    name = "yike.web.map"
    label = "map"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from yike.web.areas.models import City
        from yike.web.map.shown import forget, look_again
        from yike.web.outlets.models import Closure, Function, Outlet, Price

        for signal in (post_save, post_delete):
            signal.connect(forget, sender=City, dispatch_uid="map.forget")
            for model in (Outlet, Function, Closure, Price):
                signal.connect(look_again, sender=model, dispatch_uid=f"map.look_again.{model.__name__}")
