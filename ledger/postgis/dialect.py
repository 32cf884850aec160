"""A few functions of SQLite by their names, so that one SQL serves both kinds of ledger.

They are pure, run with the caller's rights, and lie in the ledger's schema.
"""

from __future__ import annotations

from typing import Iterator

_QUOTE = """CREATE FUNCTION {{s}}.json_quote(value {kind}) RETURNS text LANGUAGE sql IMMUTABLE
PARALLEL SAFE AS $body$ SELECT coalesce({made}, 'null') $body$"""


def dialect_statements() -> Iterator[str]:
    """What makes the functions."""
    yield _QUOTE.format(kind="text", made="to_json(value)::text")
    for kind in ("bigint", "double precision"):
        yield _QUOTE.format(kind=kind, made="value::text")
    yield """CREATE FUNCTION {s}.comma_joined(parts anyarray) RETURNS text LANGUAGE sql IMMUTABLE
    PARALLEL SAFE AS $body$ SELECT nullif(array_to_string(parts, ','), '') $body$"""
    for kind in ("text", "bigint"):
        yield f"""CREATE AGGREGATE {{s}}.group_concat({kind}) (
        sfunc = array_append, stype = {kind}[], finalfunc = {{s}}.comma_joined,
        initcond = '{{{{}}}}')"""
    yield """CREATE FUNCTION {s}.instr(value text, part text) RETURNS integer LANGUAGE sql IMMUTABLE
    PARALLEL SAFE AS $body$ SELECT strpos(value, part) $body$"""
    yield """CREATE FUNCTION {s}.array_as_json(parts anycompatiblearray) RETURNS text LANGUAGE sql
    STABLE AS $body$ SELECT to_json(parts)::text $body$"""
    yield """CREATE AGGREGATE {s}.json_group_array(anycompatible) (
    sfunc = array_append, stype = anycompatiblearray, finalfunc = {s}.array_as_json,
    initcond = '{{}}')"""
