"""The ids that a schema offers, taken from one knowledge base, each with the words by which people know it."""

from __future__ import annotations

from typing import NamedTuple

from kb.knowledge import Knowledge
from kb.ruletests import Subjects
from kb.schema.shapes import Named


class Known(NamedTuple):
    """Every id by kind; `heads` gives the kind of what can be given or expected in a test."""

    signatures: Named
    conclusions: Named
    indicators: Named
    protective: Named
    sources: Named
    statements: Named
    categories: Named
    results: Named
    units: Named
    rules: Named
    heads: Named
    qualifiers: dict[str, tuple[str, ...]]


def known_in(knowledge: Knowledge) -> Known:
    """What may be referred to in a knowledge base, in the order in which its files list it."""
    words, subjects = knowledge.vocabulary, Subjects.of(knowledge)
    titles = {rule.head.id: rule.title for rule in reversed(knowledge.rules) if rule.head.kind != "signature"}
    titles |= {id: one.title for (kind, id), one in knowledge.conclusions().items() if kind != "signature"}
    signatures = {s.id: s.label for s in words.signatures.values()}
    named = {rule.id: rule.title for rule in knowledge.rules if rule.head.kind != "signature"}
    qualifiers: dict[str, tuple[str, ...]] = {}
    for name, said in (pair for indicator in words.indicators.values() for pair in indicator.qualifiers):
        qualifiers[name] = tuple(dict.fromkeys((*qualifiers.get(name, ()), *said)))
    return Known(
        signatures=signatures, conclusions=dict(sorted(titles.items())),
        indicators={i.id: f"{i.title} ({i.unit})" for i in words.indicators.values()},
        protective={p.id: p.title for p in words.protective.values()},
        sources={s.id: s.title for s in words.sources.values()},
        statements={s.id: s.quote for s in words.statements.values()},
        categories={c.id: c.label for c in words.categories.values()},
        results={r.id: r.title for r in words.results}, units={u.id: u.id for u in words.units.values()},
        rules={**signatures, **named}, heads=subjects.heads, qualifiers=qualifiers)
