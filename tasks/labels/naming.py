"""Labels of a list by their names and ids."""

from collections.abc import Collection
from uuid import UUID

from tasks.labels.models import MAX_LABELS, Label
from tasks.lists.models import TaskList


def lock_labels(ids: Collection[str], list_id: UUID) -> set[str]:
    """Those of the ids that are labels of the list, which stay until the transaction ends."""
    if not ids:
        return set()
    rows = Label.objects.select_for_update(no_key=True).filter(pk__in=ids, list=list_id).order_by("pk")
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def labels_like(ids: Collection[str], list_id: UUID) -> dict[str, str]:
    """By each of these labels of other lists the one of the list that has its name; missing ones are made while there
    is room for more. Locked until the transaction ends.
    """
    rows = list(Label.objects.filter(pk__in=ids))
    models = {row.name_key: row for row in rows}
    found = _locked(models, list_id)
    if len(found) < len(models):
        TaskList.objects.select_for_update(no_key=True).get(pk=list_id)  # two who miss the same one make it once
        found = _locked(models, list_id)
        room = MAX_LABELS - Label.objects.filter(list=list_id).count()
        missing = [models[key] for key in sorted(models.keys() - found.keys())][: max(room, 0)]
        for label in missing:
            made = Label.objects.create(list_id=list_id, name=label.name, color=label.color)
            found[made.name_key] = str(made.pk)
    return {str(row.pk): found[row.name_key] for row in rows if row.name_key in found}


def _locked(keys: Collection[str], list_id: UUID) -> dict[str, str]:
    rows = Label.objects.select_for_update(no_key=True).filter(list=list_id, name_key__in=list(keys)).order_by("pk")
    return {row.name_key: str(row.pk) for row in rows}
