"""SQL for the ids of labels in a task's row, a JSON array of text."""

from typing import Any

from django.db.models import BooleanField, Func, JSONField, TextField, Value


class HasLabel(Func):
    """Whether the JSON array has this label: filter(HasLabel("label_ids", pk))."""

    output_field = BooleanField()
    arg_joiner = " ? "
    template = "(%(expressions)s)"

    def __init__(self, field: str, label_id: Any) -> None:
        super().__init__(field, Value(str(label_id), TextField()))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="(INSTR(%(expressions)s) > 0)", arg_joiner=", ", **context)


class WithoutLabel(Func):
    """The JSON array without this label."""

    output_field = JSONField()
    arg_joiner = " - "
    template = "(%(expressions)s)"

    def __init__(self, field: str, label_id: Any) -> None:
        super().__init__(field, Value(str(label_id), TextField()))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT JSON_GROUP_ARRAY(value) FROM JSON_EACH(%(expressions)s))"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") WHERE value <> (", **context)
