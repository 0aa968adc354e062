"""Labels of a list by their names and ids."""

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import ValidationError

from tasks.labels.models import MAX_LABELS, Label
from tasks.lists.models import TaskList

NAMED = 5
"""Labels that a refusal names."""


def lock_labels(ids: Collection[str], list_id: UUID) -> set[str]:
    """Those of the ids that are labels of the list, which stay until the transaction ends."""
    if not ids:
        return set()
    rows = Label.objects.select_for_update(no_key=True).filter(pk__in=ids, list=list_id).order_by("pk")
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def labels_like(ids: Collection[str], list_id: UUID) -> dict[str, str]:
    """By each of these labels of other lists the one of the list that has its name; missing ones are made. Locked until
    the transaction ends. Raises ValidationError where the list has no room for them: none is lost silently.
    """
    rows = list(Label.objects.filter(pk__in=ids))
    models = {row.name_key: row for row in rows}
    found = _locked(models, list_id)
    if len(found) < len(models):
        target = TaskList.objects.select_for_update(no_key=True).get(pk=list_id)  # two who miss one make it once
        found = _locked(models, list_id)
        missing = [models[key] for key in sorted(models.keys() - found.keys())]
        check_room(missing, target)
        for label in missing:
            made = Label.objects.create(list_id=list_id, name=label.name, color=label.color)
            found[made.name_key] = str(made.pk)
    return {str(row.pk): found[row.name_key] for row in rows if row.name_key in found}


def check_room(missing: Collection[Label], target: TaskList) -> None:
    """Raises ValidationError where these labels would be too many for the list."""
    room = max(MAX_LABELS - Label.objects.filter(list=target.pk).count(), 0) if missing else 0
    if len(missing) > room:
        names = ", ".join(label.name for label in [*missing][:NAMED]) + (", …" if len(missing) > NAMED else "")
        raise ValidationError(
            {
                "labels": f"The list {target.name} has room for {room} more of its {MAX_LABELS} labels, and these are "
                f"not among them: {names}. Delete labels there, or take these off the task, and move it then."
            }
        )


def _locked(keys: Collection[str], list_id: UUID) -> dict[str, str]:
    rows = Label.objects.select_for_update(no_key=True).filter(list=list_id, name_key__in=list(keys)).order_by("pk")
    return {row.name_key: str(row.pk) for row in rows}
