"""The Django app: connects the capabilities at the start."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from tasks.capabilities import modules_named
from tasks.core import like


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Todo"

    def ready(self) -> None:
        from tasks.lists.everyone import make_everyone  # noqa: PLC0415 -- models can be imported only now

        like.connect()
        post_migrate.connect(make_everyone, sender=self)
        for name in ("rules", "events", "index", "metrics", "periodic"):
            for module in modules_named(name):
                module.connect()
