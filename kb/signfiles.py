"""Signature files and the grading: the signs of each signature, and how signs grade it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from typing import NamedTuple

from kb.conditions import LADDERS, Head, Rule
from kb.fields import Fields
from kb.knowledge import Sign, Signs
from kb.links import keys_of
from kb.problems import Code, shown
from kb.readconditions import read_condition
from kb.readtests import read_sign
from kb.scope import BASES, Scope
from kb.sources import citations
from kb.yamltree import Mapping, Scalar, Sequence, Tree

NEEDS = ("any", "either", "both")


class RuleFile(NamedTuple):
    """One file's tree, and whether some of its lines could not be read."""

    tree: Tree
    repaired: bool


def entries(tree: Tree, key: str) -> Iterator[Tree]:
    """The items of the list under a key of a file."""
    for entry in tree.entries if isinstance(tree, Mapping) else ():
        if entry.key.text == key and isinstance(entry.value, Sequence):
            yield from entry.value.items


def read_signs(files: Iterable[RuleFile], scope: Scope) -> dict[str, Signs]:
    found: dict[str, Signs] = {}
    for file in files:
        if "signature" in keys_of(file.tree) and isinstance(file.tree, Mapping):
            signs = read_signature(file.tree, scope._replace(repaired=file.repaired))
            if signs is not None and signs.signature in found:
                scope.say(signs.place, Code.DUPLICATE_ID, f"signature {signs.signature} already has a file",
                          f"the other is {found[signs.signature].place.file}")
            elif signs is not None:
                found[signs.signature] = signs
    return dict(sorted(found.items()))


def read_signature(tree: Mapping, scope: Scope) -> Signs | None:
    """The signs that the file of a signature states, or None where it has problems (which go to the scope)."""
    fields = Fields(tree, scope.problems, repaired=scope.repaired, what="signature file")
    id = fields.reference("signature", scope.vocabulary.signatures, "signature", required=True)
    needs = fields.choice("needs", NEEDS, required=True)
    facets = fields.mapping("facets")
    plain = fields.sequence("signs", required=facets is None)
    groups = [("", plain)] if plain else []
    for entry in facets.entries if facets else ():
        if isinstance(entry.value, Sequence):
            groups.append((entry.key.text, entry.value.items))
        else:
            scope.say(entry.value.place, Code.WRONG_SHAPE, f"a list of signs is due under {shown(entry.key.text)}")
    read = tuple((name, _read_all(items, scope)) for name, items in groups)
    for name, items in groups:
        if not items:
            fields.report(fields.place, Code.MISSING_KEY, f"no sign is listed under {shown(name or 'signs')}",
                          "a side without signs can never be judged")
    record = _record(fields, scope)
    fields.finish()
    return record._replace(signature=id, needs=needs, facets=read) if id and needs and read else None


def _record(fields: Fields, scope: Scope) -> Signs:
    """The keys that every rule file carries for its readers."""
    review = fields.day("review_by", required=True)
    return Signs(
        "", "", (), fields.place_of("signature"), rationale=fields.text("rationale", required=True),
        statements=fields.references("statements", scope.vocabulary.statements, "statement"),
        citations=citations(fields, scope.vocabulary.sources), version=fields.integer("version", required=True) or 1,
        owner=fields.text("owner", required=True), review_by="" if review is None else review.isoformat())


def _read_all(items: Iterable[Tree], scope: Scope) -> tuple[Sign, ...]:
    return tuple(sign for item in items if (sign := read_sign(item, scope)) is not None)


def by_indicator(signs: Table[str, Signs]) -> dict[str, tuple[Sign, ...]]:
    """The signs that each indicator makes, in whichever signature."""
    found: dict[str, tuple[Sign, ...]] = {}
    for sign in (sign for signature in signs.values() for sign in signature.all):
        id = sign.test.test.indicator
        found[id] = (*found.get(id, ()), sign)
    return found


def unread(files: Iterable[RuleFile], signs: Table[str, Signs]) -> frozenset[str]:
    """Indicators that a signature's file names, in a sign or a file that could not be read."""
    named = (name for file in files if "signature" in keys_of(file.tree) for name in _indicators(file.tree))
    return frozenset(named) - by_indicator(signs).keys()


def _indicators(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Sequence):
        for item in tree.items:
            yield from _indicators(item)
    for entry in tree.entries if isinstance(tree, Mapping) else ():
        if entry.key.text == "indicator" and isinstance(entry.value, Scalar):
            yield entry.value.text
        yield from _indicators(entry.value)


def grading_trees(file: RuleFile) -> Iterator[Mapping]:
    """The lines of the grading, where a file has one."""
    yield from (tree for tree in entries(file.tree, "grading") if isinstance(tree, Mapping))


def grade(tree: Mapping, signs: Signs, scope: Scope) -> Rule | None:
    """One line of the grading, spelt out as a rule for one signature."""
    inner = scope._replace(signs=signs)
    fields = Fields(tree, scope.problems, repaired=scope.repaired, what="grading")
    wanted = fields.choice("grade", (*LADDERS["signature"], "not found"), required=True)
    when_tree = fields.tree("when", required=True)
    when = None if when_tree is None else read_condition(when_tree, inner)
    unless = [read_condition(item, inner) for item in fields.sequence("unless")]
    because, rationale = fields.text("because", required=True), fields.text("rationale", required=True)
    statements = fields.references("statements", scope.vocabulary.statements, "statement")
    cited = citations(fields, scope.vocabulary.sources)
    basis = fields.choice("basis", BASES, required=True)
    fields.finish()
    if when is None or not wanted:
        return None
    head = Head("signature", signs.signature, LADDERS["signature"][0] if wanted == "not found" else wanted,
                wanted != "not found")
    return Rule(f"{signs.signature} {wanted}", head, when, tuple(u for u in unless if u is not None),
                title=f"{signs.signature} graded {wanted}", because=because, rationale=rationale,
                citations=cited, statements=statements, basis=basis, place=signs.place)
