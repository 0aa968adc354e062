import gc

from django.apps import AppConfig
from django.core.checks import register


class ProjectConfig(AppConfig):
    name = "todo_project"

    def ready(self) -> None:
        from todo_project import checks  # noqa: PLC0415 -- needs the settings

        for check in (
            *(checks.check_variables, checks.check_mail, checks.check_debug),
            *(checks.check_database_file, checks.check_private_files, checks.check_static_files),
        ):
            register(check)
        # Switched off by manage.py. What is here by now stays, and is not looked over again.
        gc.freeze()
        gc.enable()
