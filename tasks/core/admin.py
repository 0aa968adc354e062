"""Forms that write only what was changed in them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest
from django.shortcuts import redirect

MOST_ROWS = 250
"""Of a form within a form. Each sends four fields at least, and Django reads 1,000 of a request
(DATA_UPLOAD_MAX_NUMBER_FIELDS); how many rows there are is a number that the request itself says."""


class BoundedInline(admin.TabularInline):
    """Rows within a form. A request that says it has more than MOST_ROWS gets the form again, with a sentence."""

    max_num = MOST_ROWS

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, absolute_max=MOST_ROWS, **kwargs)


class LiveAdmin(admin.ModelAdmin):
    """A form writes only the fields that were changed in it, so that what others wrote meanwhile stays."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Adds the initial value as a hidden field; else all that differs from the current row counts as changed."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.show_hidden_initial = True
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.save(force_insert=True)
        else:
            obj.save(update_fields=self.apply(request, obj, form))

    def apply(self, request: HttpRequest, obj: Any, form: Any) -> set[str]:
        """The names of the columns to write; the form has set them."""
        columns = {field.name for field in obj._meta.concrete_fields}
        return columns & set(form.changed_data)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Where somebody else deletes the row, or one that it refers to, between the form's check and its writing, the
        page says so; also where values don't fit together.
        """
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ObjectDoesNotExist:
            self.message_user(
                request, f"This {self.opts.verbose_name} is gone. Perhaps it was deleted?", messages.WARNING
            )
        except ValidationError as error:
            if not hasattr(error, "error_dict"):  # a value that can't be read, in the address or a parameter
                raise
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect(request.get_full_path())
        except IntegrityError:
            text = "Something that this form refers to was changed or deleted at the same moment. Try again."
            self.message_user(request, text, messages.ERROR)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def is_kept(self, obj: Any) -> bool:
        """Whether `obj` can't be deleted here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not self.is_kept(obj))
