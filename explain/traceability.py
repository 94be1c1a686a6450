"""From each sentence of the founding text to what carries it: vocabulary, signs and rules, or nothing and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kb.knowledge import Knowledge
from kb.model import Citation, Place, Statement

Carried = Iterator[tuple[Iterable[str], "Carrier"]]


class Carrier(NamedTuple):
    """Something that rests on a statement: of which sort, its id, its words, and where it is written."""

    sort: str
    id: str
    title: str
    place: Place | None = None


class Traced(NamedTuple):
    """One statement, quoted, with its use and everything that carries it."""

    id: str
    kind: str
    quote: str
    use: str
    carried_by: tuple[Carrier, ...] = ()
    place: Place | None = None


class Tracing(NamedTuple):
    """The statements asked for, and the ids of those among them that nothing carries."""

    statements: tuple[Traced, ...]
    not_carried: tuple[str, ...] = ()


def trace(knowledge: Knowledge, only: Iterable[str] = ()) -> Tracing:
    """Every statement (or those asked for, by id), in the order of their numbers, with what carries it."""
    wanted, carriers = set(only), dict[str, list[Carrier]]()
    for statements, carrier in _carriers(knowledge):
        for id in statements:
            carriers.setdefault(id, []).append(carrier)
    traced = tuple(Traced(s.id, s.kind, s.quote, s.use, tuple(dict.fromkeys(carriers.get(s.id, ()))), s.place)
                   for s in _in_order(knowledge.vocabulary.statements.values()) if not wanted or s.id in wanted)
    return Tracing(traced, tuple(t.id for t in traced if not t.carried_by))


def _in_order(statements: Iterable[Statement]) -> list[Statement]:
    """Statements by id, S2 before S10."""
    return sorted(statements, key=lambda s: (re.sub(r"\d+", "", s.id), [int(n) for n in re.findall(r"\d+", s.id)]))


def _carriers(knowledge: Knowledge) -> Carried:
    """Everything that carries statements, the vocabulary first."""
    yield from _words(knowledge)
    yield from _observed(knowledge)
    yield from _ruled(knowledge)


def _words(knowledge: Knowledge) -> Carried:
    for category in knowledge.categories_in_order:
        yield [category.statement], Carrier("category", category.id, category.title, category.place)
    for signature in knowledge.signatures_in_order:
        yield [signature.statement], Carrier("signature", signature.id, signature.title, signature.place)


def _observed(knowledge: Knowledge) -> Carried:
    """Indicators through their signature, and whatever cites a passage by the id of a statement."""
    vocabulary = knowledge.vocabulary
    for indicator in (i for _, i in sorted(vocabulary.indicators.items()) if i.id not in vocabulary.protective):
        signature = vocabulary.signatures.get(indicator.signature)
        through = [signature.statement] if signature is not None else []
        carrier = Carrier("indicator", indicator.id, indicator.short, indicator.place)
        yield [*through, *_cited(indicator.citations, knowledge)], carrier
    for _, sign in sorted(vocabulary.protective.items()):
        yield _cited(sign.citations, knowledge), Carrier("protective sign", sign.id, sign.title, sign.place)


def _cited(citations: Iterable[Citation], knowledge: Knowledge) -> list[str]:
    """The statements that the passages of citations name by their ids."""
    named = (word for citation in citations for word in re.findall(r"\w+", citation.passage))
    return [word for word in named if word in knowledge.vocabulary.statements]


def _ruled(knowledge: Knowledge) -> Carried:
    """The files of signs, the grading once for all signatures, and every rule in force."""
    signatures = knowledge.vocabulary.signatures
    for signs in knowledge.signs_in_order:
        title = f"the signs of {signs.signature} {signatures[signs.signature].label}"
        yield [*signs.statements, *_cited(signs.citations, knowledge)], Carrier(
            "signs", signs.signature, title, signs.place)
    for rule in knowledge.in_force:
        carried = [*rule.statements, *_cited(rule.citations, knowledge)]
        if rule.head.kind == "signature":
            grade = rule.head.level if rule.head.found else "not found"
            yield carried, Carrier("grading", grade, rule.because)
        else:
            yield carried, Carrier("rule", rule.id, rule.title, rule.place)
