"""The list of authorities: codes, names, what each came from or became, and which send in one return together."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table

from kb.entries import by_id, listed
from kb.fields import Fields
from kb.model import Authority, JointReturn, Problem, Source
from kb.problems import Code, did_you_mean, shown
from kb.yamltree import Mapping, Tree


def read_authorities(tree: Tree | None, sources: Table[str, Source], problems: list[Problem]) -> dict[str, Authority]:
    """The authorities by code; none where a knowledge base has no such list."""
    if isinstance(tree, Mapping):
        Fields(tree, problems).reference("source", sources, "source")
    found = by_id((_authority(fields) for fields in listed(tree, "authorities", problems, optional=True)), problems)
    problems.extend(
        Problem(authority.place, Code.UNKNOWN_ID, f"there is no authority {shown(other)}", did_you_mean(other, found))
        for authority in found.values() for other in (*authority.predecessors, *authority.successors)
        if other not in found)
    return found


def _authority(fields: Fields) -> Authority | None:
    code, name = fields.text("code", required=True), fields.text("name", required=True)
    number, region = fields.text("number"), fields.text("region")
    began, ended = fields.day("from"), fields.day("to")
    many = {key: fields.texts(key) for key in ("earlier_codes", "predecessors", "successors")}
    if not code:
        return None
    return Authority(code, name, number, region, began=began, ended=ended, place=fields.place_of("code"), **many)


def read_whole(tree: Tree | None, problems: list[Problem]) -> Authority | None:
    """All authorities together, as published tables have them beside the single ones."""
    found = Fields(tree, problems).mapping("whole") if isinstance(tree, Mapping) else None
    if found is None:
        return None
    fields = Fields(found, problems, what="whole")
    whole = _authority(fields)
    fields.finish()
    return whole


def read_joint_returns(tree: Tree | None, known: Table[str, Authority], sources: Table[str, Source],
                       problems: list[Problem]) -> Iterator[JointReturn]:
    """The authorities whose figures stand under each of them together."""
    for fields in listed(tree, "joint_returns", problems, optional=True):
        codes = fields.references("codes", known, "authority")
        yield JointReturn(codes, fields.text("collection", required=True), fields.text("note"),
                          fields.reference("source", sources, "source", required=True))


def by_any_code(known: Table[str, Authority]) -> dict[str, Authority]:
    """The authorities by every code they have or had."""
    return {code: authority for authority in known.values() for code in (authority.id, *authority.earlier_codes)}
