"""Reads single rows with statements that are put together once. For one row the ORM takes longer to make the statement
than the database to answer it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connections, models

Model = TypeVar("Model", bound=models.Model)


class Reader:
    """Makes rows of a model from what a statement has selected: its `columns`, with the name of the model's table."""

    def __init__(self, model: type[models.Model], alias: str) -> None:
        queryset = model._base_manager.using(alias).order_by()
        compiler = queryset.query.get_compiler(alias)
        statement, parameters = compiler.as_sql()
        if parameters:
            raise TypeError(f"The base manager of {model.__name__} hides rows")
        connection = connections[alias]
        key = (
            f"{connection.ops.quote_name(model._meta.db_table)}.{connection.ops.quote_name(str(model._meta.pk.column))}"
        )
        expressions: list[Any] = [column for column, *_ in compiler.select]
        self.columns = ", ".join(sql for _, (sql, _), _ in compiler.select)
        self.by_key = f"{statement} WHERE {key} = %s"
        self._model = model
        self._names = [column.target.attname for column in expressions]
        self._converters = compiler.get_converters(expressions)

    def row(self, values: Sequence[Any], alias: str) -> Any:
        """The row with these values of the columns, in their order."""
        found = list(values)
        for place, (converters, expression) in self._converters.items():
            for convert in converters:
                found[place] = convert(found[place], expression, connections[alias])
        return self._model.from_db(alias, self._names, found)


reader = cache(Reader)
"""reader(model, alias)"""


def row_by_key(model: type[Model], key: Any, alias: str, *, lock: bool = False) -> Model:
    """The row; with `lock` it stays, and its key too, until the transaction ends. Raises the model's DoesNotExist."""
    connection, found = connections[alias], reader(model, alias)
    locks = lock and connection.features.has_select_for_update
    statement = f"{found.by_key} {connection.ops.for_update_sql(no_key=True)}" if locks else found.by_key
    with connection.cursor() as cursor:
        cursor.execute(statement, [model._meta.pk.get_db_prep_value(key, connection)])
        values = cursor.fetchone()
    if values is None:
        raise model.DoesNotExist(f"There is no {model._meta.verbose_name} {key}")  # type: ignore[attr-defined]
    row: Model = found.row(values, alias)
    return row
