"""The column that holds a text's terms, and how it is searched."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from tasks.search.terms import Term, label_term, query_terms

OPERATORS = {"AND": "&", "OR": "|"}

FTS_TABLE = "tasks_search"
"""SQLite's index, with a column for each field of terms. Its rows have the numbers of the entries."""


class TermsField(models.TextField):
    """Terms as `index_terms()` gives them: on PostgreSQL a tsvector, on SQLite text."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "tsvector" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_placeholder(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> str:
        return placeholder(connection)

    def from_db_value(self, value: str, expression: Any, connection: BaseDatabaseWrapper) -> str:
        return value.replace("'", "")  # PostgreSQL quotes each term


def placeholder(connection: BaseDatabaseWrapper) -> str:
    """Of a value of a TermsField in a statement."""
    return "array_to_tsvector(string_to_array(%s, ' '))" if connection.vendor == "postgresql" else "%s"


class Matches(models.Lookup):
    """`words__matches="what a person typed"`: the rows in which all of it is found. None, if it holds no word."""

    lookup_name = "matches"
    prepare_rhs = False

    glue = "AND"
    """Between the terms, as SQLite and, in `OPERATORS`, PostgreSQL write it."""

    def get_prep_lookup(self) -> list[Term]:
        return query_terms(self.rhs)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        if not self.rhs:
            raise EmptyResultSet
        column = self.lhs.target.column
        if connection.vendor == "postgresql":
            lhs, params = self.process_lhs(compiler, connection)
            return f"{lhs} @@ %s::tsquery", [*params, _tsquery(self.rhs, OPERATORS[self.glue])]
        key = compiler.quote_name_unless_alias(self.lhs.alias) + "." + connection.ops.quote_name("id")
        found = f"SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH %s"  # noqa: S608 -- a name of ours
        return f"{key} IN ({found})", [f"{column} : ({_fts_query(self.rhs, self.glue)})"]


class MatchesWhole(Matches):
    """The same with each word as it is, the last one too."""

    lookup_name = "matches_whole"

    def get_prep_lookup(self) -> list[Term]:
        return [term._replace(is_prefix=False) for term in super().get_prep_lookup()]


class Labelled(Matches):
    """`words__labelled=["home", ID]`: the rows with any of these labels, by id or by name."""

    lookup_name = "labelled"
    glue = "OR"

    def get_prep_lookup(self) -> list[Term]:
        return [Term(label_term(label), is_prefix=False) for label in self.rhs]


for lookup in (Matches, MatchesWhole, Labelled):
    TermsField.register_lookup(lookup)


# Terms hold neither quotes nor backslashes, so that nothing in them is special to either language.


def _tsquery(terms: list[Term], operator: str) -> str:
    return f" {operator} ".join(f"'{term.text}'{':*' if term.is_prefix else ''}" for term in terms)


def _fts_query(terms: list[Term], operator: str) -> str:
    return f" {operator} ".join(f'"{term.text}"{"*" if term.is_prefix else ""}' for term in terms)
