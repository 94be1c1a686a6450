"""One knowledge base: the vocabulary, the rules, and what they conclude."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kb.conditions import LADDERS, Conclusion, Rule, Test, TestIs, by_head
from kb.model import Category, Citation, Place, Signature, Vocabulary
from kb.once import Once


class Sign(NamedTuple):
    """One way in which a signature shows: a test, its stronger form, and what its threshold rests on."""

    test: TestIs
    strong: TestIs | None = None


class Signs(NamedTuple):
    """The signs of one signature by facet; `needs` is "any" sign, "either" or "both" of two facets."""

    signature: str
    needs: str
    facets: tuple[tuple[str, tuple[Sign, ...]], ...]
    place: Place = Place("")
    rationale: str = ""
    statements: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    version: int = 1
    owner: str = ""
    review_by: str = ""

    @property
    def all(self) -> tuple[Sign, ...]:
        """Every sign, whatever its facet."""
        return tuple(sign for _, signs in self.facets for sign in signs)


class _Parts(NamedTuple):
    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    signs: dict[str, Signs]


class Knowledge(_Parts, Once):
    """Everything an assessment needs to know except the case."""

    @property
    def in_force(self) -> tuple[Rule, ...]:
        """The rules that are used, neither draft nor withdrawn, in the order of their ids."""
        return self.once(_in_force)

    @property
    def rules_in_order(self) -> list[Rule]:
        """Every rule, by id: where a rule is written decides nothing."""
        return sorted(self.rules, key=lambda rule: rule.id)

    @property
    def signs_in_order(self) -> list[Signs]:
        """The signs of each signature, in the order of the signatures."""
        return [self.signs[s.id] for s in self.signatures_in_order if s.id in self.signs]

    @property
    def signatures_in_order(self) -> list[Signature]:
        """The signatures in the order that they themselves give."""
        return sorted(self.vocabulary.signatures.values(), key=lambda s: (s.order, s.id))

    @property
    def categories_in_order(self) -> list[Category]:
        """The categories in the order of their first signatures; those without one last."""
        first = list(dict.fromkeys(s.category for s in self.signatures_in_order))
        return sorted(self.vocabulary.categories.values(),
                      key=lambda c: (first.index(c.id) if c.id in first else len(first), c.id))

    def conclusions(self) -> dict[tuple[str, str], Conclusion]:
        """Every head that some rule speaks of, described by its first rule (lowest level, then id).

        Where several rules give that level it has the titles of them all: any one of them is enough.
        """
        return self.once(_conclusions)

    def names(self) -> frozenset[str]:
        """The id of every signature and of everything that a rule in force concludes."""
        return frozenset((*self.vocabulary.signatures, *(id for _, id in self.conclusions())))

    def results(self) -> tuple[str, ...]:
        """The overall results, strongest first."""
        return self.once(_results)

    def questions(self) -> frozenset[str]:
        """The overall results that put a question about the authority."""
        return frozenset(result.id for result in self.vocabulary.results if result.question)

    def basis_of(self, test: Test) -> str:
        """What a threshold rests on, as the signature files say of the same test; "" where none does."""
        for signs in self.signs_in_order:
            for sign in signs.all:
                for said in (sign.test, sign.strong):
                    if said is not None and said.test == test:
                        return said.basis
        return ""


def _in_force(knowledge: Knowledge) -> tuple[Rule, ...]:
    return tuple(rule for rule in knowledge.rules_in_order if rule.status == "in force")


def _conclusions(knowledge: Knowledge) -> dict[tuple[str, str], Conclusion]:
    told = by_head(sorted(knowledge.in_force, key=_first_told))
    return {head: _describe(knowledge.vocabulary, rules) for head, rules in told.items()}


def _results(knowledge: Knowledge) -> tuple[str, ...]:
    ordered = sorted((rule for rule in knowledge.in_force if rule.head.kind == "result"), key=lambda r: r.order)
    return tuple(dict.fromkeys(rule.head.id for rule in ordered))


def _describe(vocabulary: Vocabulary, rules: Sequence[Rule]) -> Conclusion:
    rule = rules[0]
    signature = vocabulary.signatures.get(rule.head.id)
    if rule.head.kind == "signature" and signature is not None:
        category = vocabulary.categories[signature.category]
        return Conclusion("signature", signature.id, signature.label, (category.id,), "",
                          category.who_can_act, signature.order, rule.place)
    who = "; ".join(vocabulary.categories[c].who_can_act for c in rule.category)
    title = either(other.title for other in rules if other.head == rule.head)
    return Conclusion(rule.head.kind, rule.head.id, title, rule.category, rule.because,
                      rule.who_can_act or who, rule.order, rule.place)


def _first_told(rule: Rule) -> tuple[int, str]:
    ladder = LADDERS[rule.head.kind]
    return (ladder.index(rule.head.level) if rule.head.found else len(ladder), rule.id)


def either(titles: Iterable[str]) -> str:
    """What several rules give, any one of which is enough: `X, or a Y`. Each title once; only an article loses its
    capital, since any other first word may be a name."""
    first, *others = dict.fromkeys(titles)
    return ", or ".join((first, *(re.sub(r"^(An?|The)\b", lambda article: article[0].lower(), o) for o in others)))
