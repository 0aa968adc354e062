from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Imported now, since they need the models.
        from realtime import checks  # noqa: PLC0415
        from realtime.auth import revocation  # noqa: PLC0415
        from realtime.broker.announce import announce  # noqa: PLC0415
        from realtime.events import listeners  # noqa: PLC0415

        checks.register()
        revocation.connect()
        listeners.register(announce, fallback=True)
