from django.apps import AppConfig
from django.core.checks import register


class ProjectConfig(AppConfig):
    name = "todo_project"

    def ready(self) -> None:
        from todo_project.checks import check_database_file, check_debug, check_variables  # noqa: PLC0415 -- needs the settings

        register(check_variables)
        register(check_debug)
        register(check_database_file)
