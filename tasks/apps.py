from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Todo"

    def ready(self) -> None:
        from tasks import deletion, everyone, metrics, signal_handlers  # noqa: PLC0415 -- models can be imported only now

        post_migrate.connect(everyone.make_everyone, sender=self)
        deletion.connect()
        signal_handlers.connect()
        metrics.connect()
