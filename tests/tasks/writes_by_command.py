"""The ways to write by the command `task`; see tests.tasks.world."""

from io import StringIO

from django.core.management import call_command

from tests.tasks.world import World, write


def task_command(world: World, number: int, *words: str) -> None:
    """As one of the people, or as nobody."""
    by = ["--user", world.person(number).username] if number % 2 else []
    call_command("task", *words, *by, stdout=StringIO())


@write
def command_adds_a_task(world: World, a: int, b: int, c: int) -> None:
    where = ["--list", str(world.list(b).pk)] if c % 2 else []
    task_command(world, a, "add", world.text(), *where, "--priority", "high", "--due", "2026-03-01T18:00")


@write
def command_marks_tasks(world: World, a: int, b: int, c: int) -> None:
    ids = [str(world.task(b).pk), str(world.task(c).pk)]
    task_command(world, a, "done", *ids, *(["--undo"] if c % 3 == 0 else []))


@write
def command_removes_tasks(world: World, a: int, b: int, c: int) -> None:
    task_command(world, a, "rm", str(world.task(b).pk), str(world.task(c).pk))
