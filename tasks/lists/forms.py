"""The admin's form of a list's members."""

from typing import Any

from django import forms

from tasks.accounts.models import User


class MembersFormSet(forms.BaseInlineFormSet):
    """Says who was removed from the list after the form was opened, and goes on with the rows that are there. Django
    reports such a row as an error of a hidden field, which nobody sees.
    """

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.removed: list[str] = []
        if self.is_bound:
            self._drop_removed()

    def clean(self) -> None:
        super().clean()
        if self.removed:
            names = ", ".join(self.removed)
            raise forms.ValidationError(f"{names} was removed from this list meanwhile. Check the members, save again.")

    def _drop_removed(self) -> None:
        """Takes the rows that are gone out of the form's data, and counts the others again."""
        counts = self.management_form.cleaned_data
        total, initial = counts.get("TOTAL_FORMS") or 0, counts.get("INITIAL_FORMS") or 0
        if total > self.absolute_max:
            return  # Django says so
        present = {str(pk) for pk in self.get_queryset().values_list("pk", flat=True)}
        rows = [self._row(number) for number in range(total)]
        gone = [row for row in rows[:initial] if row.get("id") not in present]
        if not gone:
            return
        users = [row.get("user", "") for row in gone if not row.get("DELETE")]
        people = User.objects.filter(pk__in=[key for key in users if key.isdecimal()])
        self.removed = [person.get_username() for person in people]
        left = [row for row in rows if row not in gone]
        self.data = {name: value for name, value in self.data.items() if not name.startswith(f"{self.prefix}-")}
        for number, row in enumerate(left):
            self.data |= {f"{self.prefix}-{number}-{name}": value for name, value in row.items()}
        counts |= {"TOTAL_FORMS": len(left), "INITIAL_FORMS": initial - len(gone)}
        self.data |= {f"{self.prefix}-{name}": value for name, value in counts.items() if value is not None}
        del self.management_form  # read from the data again

    def _row(self, number: int) -> dict[str, Any]:
        start = f"{self.prefix}-{number}-"
        return {name.removeprefix(start): value for name, value in self.data.items() if name.startswith(start)}
