"""All that is known of one rule or signature: what it asks and concludes, what it rests on, what rests on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from explain.names import Names
from explain.sentences import Sentence, concluded, sentence
from explain.words import several
from kb.conditions import HELD, LADDERS, Condition, HeadIs, Rule, walk
from kb.knowledge import Knowledge, Sign, Signs
from kb.model import Citation, Place, Signature
from kb.ruletests import RuleTest


class Document(NamedTuple):
    """A source as far as it is recorded, and where in it."""

    id: str
    title: str
    publisher: str
    published: str
    address: str
    page: str
    passage: str


class Named(NamedTuple):
    """Something by its id and words: a statement quoted, a rule by its title, a test by its name."""

    id: str
    text: str
    place: Place | None = None


class Page(NamedTuple):
    """What there is to say of one rule, or of one signature (its signs and how they grade it)."""

    id: str
    title: str
    concludes: str
    status: str
    categories: tuple[str, ...] = ()
    who_can_act: str = ""
    when: tuple[Sentence, ...] = ()
    unless: tuple[Sentence, ...] = ()
    grading: tuple[Named, ...] = ()
    because: str = ""
    rationale: str = ""
    basis: str = ""
    sources: tuple[Document, ...] = ()
    statements: tuple[Named, ...] = ()
    others: tuple[Named, ...] = ()
    feeds: tuple[Named, ...] = ()
    tests: tuple[Named, ...] = ()
    version: int = 0
    owner: str = ""
    review_by: str = ""
    place: Place | None = None


def names_of(knowledge: Knowledge) -> frozenset[str]:
    """Everything that has a page: rules, signatures, and what rules conclude."""
    rules = (id for rule in knowledge.rules for id in (rule.id, rule.head.id))
    return frozenset((*knowledge.vocabulary.signatures, *rules))


def pages(id: str, knowledge: Knowledge, tests: Iterable[RuleTest]) -> tuple[Page, ...]:
    """The page of the rule or signature of that name, or else of every rule that gives the conclusion."""
    known, written = Names(knowledge), tuple(tests)
    signature = knowledge.vocabulary.signatures.get(id)
    if signature is not None:
        return (_of_signature(signature, known, written),)
    rules = knowledge.rules_in_order
    found = [rule for rule in rules if rule.id == id] or [rule for rule in rules if rule.head.id == id]
    return tuple(_of_rule(rule, known, written) for rule in found)


def _of_rule(rule: Rule, names: Names, tests: tuple[RuleTest, ...]) -> Page:
    categories = [names.kb.vocabulary.categories[id] for id in rule.category]
    who = rule.who_can_act or "; ".join(category.who_can_act for category in categories)
    others = [r for r in names.kb.rules_in_order if r.head[:2] == rule.head[:2] and r.id != rule.id]
    return Page(
        rule.id, rule.title, concluded(rule.head, names), rule.status, tuple(f"{c.id} {c.label}" for c in categories),
        who, when=(sentence(rule.when, names),), unless=tuple(sentence(e, names) for e in rule.unless),
        because=rule.because, rationale=rule.rationale, basis=rule.basis, sources=documents(rule.citations),
        statements=_quoted(rule.statements, names.kb), others=tuple(Named(r.id, r.title, r.place) for r in others),
        feeds=_feeds(rule.head.kind, rule.head.id, names), tests=_tests(tests, rule.id), version=rule.version,
        owner=rule.owner, review_by=rule.review_by, place=rule.place)


def _of_signature(signature: Signature, names: Names, tests: tuple[RuleTest, ...]) -> Page:
    """A signature by the file of its signs; without one, only what the vocabulary says."""
    category = names.kb.vocabulary.categories[signature.category]
    page = Page(signature.id, signature.title, names.title("signature", signature.id), "no file of its signs yet",
                (f"{category.id} {category.label}",), category.who_can_act,
                statements=_quoted((signature.statement,), names.kb), feeds=_feeds("signature", signature.id, names),
                tests=_tests(tests, signature.id), place=signature.place)
    signs = names.kb.signs.get(signature.id)
    if signs is None:
        return page
    carried = dict.fromkeys((signature.statement, *signs.statements))
    return page._replace(
        status="in force", when=tuple(_facets(signs, names)), grading=_grading(signature.id, names.kb),
        rationale=signs.rationale, sources=documents(signs.citations), statements=_quoted(carried, names.kb),
        version=signs.version, owner=signs.owner, review_by=signs.review_by, place=signs.place)


def _facets(signs: Signs, names: Names) -> list[Sentence]:
    """The signs by facet; what is enough stands first."""
    enough = "any one of these"
    facets = [Sentence(f"{name}, {enough}" if name else enough, tuple(_sign(sign, names) for sign in members))
              for name, members in signs.facets]
    if len(facets) == 1:
        return facets
    return [Sentence({"both": "both of these sides"}.get(signs.needs, "either of these sides"), tuple(facets))]


def _sign(sign: Sign, names: Names) -> Sentence:
    told = sentence(sign.test, names)
    if sign.strong is None:
        return told
    return told._replace(text=f"{told.text}; strong: {sentence(sign.strong, names).text}")


def _grading(id: str, knowledge: Knowledge) -> tuple[Named, ...]:
    """How its signs grade a signature, weakest first."""
    ladder = LADDERS["signature"]
    lines = sorted((rule for rule in knowledge.in_force if (rule.head.kind, rule.head.id) == ("signature", id)),
                   key=lambda rule: (not rule.head.found, ladder.index(rule.head.level)))
    return tuple(Named(rule.head.level if rule.head.found else "not found", rule.because) for rule in lines)


def documents(citations: Iterable[Citation]) -> tuple[Document, ...]:
    """The documents that are cited, each with the page and passage."""
    return tuple(Document(s.id, s.title, s.publisher, s.published, s.url, cited.page, cited.passage)
                 for cited in citations for s in [cited.source])


def _quoted(ids: Iterable[str], knowledge: Knowledge) -> tuple[Named, ...]:
    statements = knowledge.vocabulary.statements
    return tuple(Named(id, statements[id].quote, statements[id].place) for id in ids)


def _feeds(kind: str, id: str, names: Names) -> tuple[Named, ...]:
    """The other rules that ask for it, or that it stops, each with the levels at which they do."""
    found: list[Named] = []
    for rule in (r for r in names.kb.rules_in_order if (r.head.kind, r.head.id) != (kind, id)):
        asked = _levels([rule.when], kind, id)
        stopped = _levels(rule.unless, kind, id)
        told = [*([f"asks for {asked}"] if asked else []), *([f"is stopped by {stopped}"] if stopped else [])]
        if told:
            found.append(Named(rule.id, f"{rule.title} ({'; '.join(told)})", rule.place))
    return tuple(found)


def _levels(conditions: Iterable[Condition], kind: str, id: str) -> str:
    """The levels of it that conditions speak of, in words; "" where they do not."""
    spoken = (c for condition in conditions for c in walk(condition) if isinstance(c, HeadIs))
    levels = list(dict.fromkeys(c.level for c in spoken if (c.kind, c.id) == (kind, id)))
    return "it" if levels == list(HELD) else several(levels)


def _tests(tests: Iterable[RuleTest], id: str) -> tuple[Named, ...]:
    """The tests of a rule; of a signature, those of its grading too."""
    return tuple(Named(test.rule, test.name, test.place) for test in tests
                 if test.rule == id or test.rule.startswith(f"{id} "))
