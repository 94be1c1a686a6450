"""The rulebook: each rule, signature, conclusion, indicator and founding statement as a page, linked to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from engine.interactions import interactions
from engine.prepared import Prepared
from explain.combining import Combination, combinations
from explain.indicatorpages import asked_of, of_indicator, of_protective
from explain.names import Names
from explain.rulepages import Page, pages
from explain.testwords import told
from explain.traceability import trace
from kb.conditions import Conclusion, Rule
from kb.history import Change
from kb.knowledge import Knowledge
from kb.ruletests import RuleTest
from web.links import page_of
from web.mappicture import interaction_map
from web.rulepicture import rule_picture

History = Callable[[Page], tuple[Change, ...]]
"""The recorded changes of the file in which a rule is written."""
SECTIONS = (("rule", "Rules"), ("signature", "Signatures"), ("conclusion", "Conclusions"), ("indicator", "Indicators"),
            ("protective", "Protective signs"))


class Leaf(NamedTuple):
    """One page before it is written: where, from which template, with what in it, and the words it is found by."""

    path: str
    template: str
    title: str
    sort: str
    content: dict[str, object]
    words: str = ""
    crumb: tuple[str, str] | None = None


def leaves(ready: Prepared, tests: Sequence[RuleTest], history: History | None = None) -> Iterator[Leaf]:
    """Every page of the rulebook, in a fixed order."""
    names = Names(ready.knowledge)
    found = interactions(ready.program, ready.knowledge)
    combined = combinations(found.together, names) if found is not None else ()
    book = _Book(ready.knowledge, names, tuple(tests), combined, history)
    yield from book.things()
    yield from book.lists()
    yield from book.prose()
    drawing = interaction_map(combined, names) if found is not None else None
    yield Leaf("map.html", "map.html", "How signatures combine", "map",
               {"drawing": drawing, "combined": combined, "reached": found.reached if found is not None else (),
                "numbers": _numbers(names), "names": names})


def _numbers(names: Names) -> dict[str, int]:
    """The number by which the map's boxes know each signature."""
    order = [s.id for c in names.kb.categories_in_order for s in names.kb.signatures_in_order if s.category == c.id]
    return {id: number for number, id in enumerate(order)}


class _Book(NamedTuple):
    kb: Knowledge
    names: Names
    tests: tuple[RuleTest, ...]
    combined: tuple[Combination, ...]
    history: History | None

    def things(self) -> Iterator[Leaf]:
        """A page for each thing."""
        yield from (self.rule(rule) for rule in self.rules)
        yield from (self.signature(signature.id) for signature in self.kb.signatures_in_order)
        yield from (self.conclusion(conclusion) for conclusion in self.conclusions)
        vocabulary, asked = self.kb.vocabulary, asked_of(self.names)
        for id, indicator in sorted(vocabulary.indicators.items()):
            if id not in vocabulary.protective:
                page = of_indicator(indicator, self.names, asked)
                yield Leaf(page_of("indicator", id), "indicator.html", page.title, "indicator",
                           {"page": page, "names": self.names},
                           f"{id} {page.short}", ("indicators.html", "Indicators"))
        for id, sign in sorted(vocabulary.protective.items()):
            page = of_protective(sign, self.names, asked)
            yield Leaf(page_of("protective", id), "indicator.html", page.title, "protective sign",
                       {"page": page, "names": self.names, "shown_by": vocabulary.indicators.get(sign.indicator)},
                       f"{id} {page.short}", ("protective.html", "Protective signs"))

    @property
    def rules(self) -> list[Rule]:
        """The written rules; the lines of the grading stand on the pages of the signatures."""
        return [rule for rule in self.kb.rules_in_order if rule.head.kind != "signature"]

    @property
    def conclusions(self) -> list[Conclusion]:
        """What rules conclude, in the order in which it is told."""
        found = [c for c in self.names.conclusions.values() if c.kind != "signature"]
        kinds = ("mechanism", "picture", "result", "channel")
        return sorted(found, key=lambda c: (kinds.index(c.kind), c.category, c.order, c.id))

    def rule(self, rule: Rule) -> Leaf:
        """The page of one rule."""
        (page,) = (p for p in pages(rule.id, self.kb, self.tests) if p.id == rule.id)
        content = {**self.told(page, rule.id), "kind": rule.head.kind, "concluded": rule.head.id}
        return Leaf(page_of("rule", rule.id), "rule.html", page.title, "rule", content, f"{rule.id} {page.concludes}",
                    ("rules.html", "Rules"))

    def signature(self, id: str) -> Leaf:
        """The page of one signature."""
        (page,) = pages(id, self.kb, self.tests)
        mine = [c for c in self.combined if id in c.signatures]
        content = {**self.told(page, id), "combined": mine, "indicators": [
            i for _, i in sorted(self.kb.vocabulary.indicators.items()) if i.signature == id]}
        return Leaf(page_of("signature", id), "rule.html", self.names.title("signature", id), "signature", content,
                    page.title, ("signatures.html", "Signatures"))

    def told(self, page: Page, id: str) -> dict[str, object]:
        """What the pages of rules and signatures share."""
        tests = [told(t, self.names) for t in self.tests if t.rule == id or t.rule.startswith(f"{id} ")]
        return {"page": page, "drawing": rule_picture(page), "tests": tests,
                "history": self.history(page) if self.history is not None else None}

    def conclusion(self, conclusion: Conclusion) -> Leaf:
        """The page of one conclusion, with every rule that gives it."""
        rules = [r for r in self.rules if (r.head.kind, r.head.id) == (conclusion.kind, conclusion.id)]
        (page, *_) = pages(rules[0].id, self.kb, ())
        given = [(c, g) for c in self.combined for g in c.gives if (g.kind, g.id) == (conclusion.kind, conclusion.id)]
        said = {r.id: r for r in self.kb.vocabulary.results}.get(conclusion.id)
        content: dict[str, object] = {"conclusion": conclusion, "rules": rules, "feeds": page.feeds, "given": given,
                                      "categories": page.categories, "question": said is not None and said.question}
        title = said.title if said is not None and conclusion.kind == "result" else conclusion.title
        return Leaf(page_of(conclusion.kind, conclusion.id), "conclusion.html", title, conclusion.kind, content,
                    conclusion.id, ("conclusions.html", "Conclusions"))

    def lists(self) -> Iterator[Leaf]:
        """A page for each sort of thing, and the one with every founding statement."""
        rules = sorted(self.rules, key=lambda r: (r.category, r.order, r.id))
        content: dict[str, object] = {"categories": self.kb.categories_in_order, "rules": rules, "names": self.names}
        yield Leaf("rules.html", "rules.html", "Rules", "list", content)
        yield Leaf("signatures.html", "signatures.html", "Signatures", "list",
                   {"categories": self.kb.categories_in_order, "signatures": self.kb.signatures_in_order})
        yield Leaf("conclusions.html", "conclusions.html", "Conclusions", "list", {"conclusions": self.conclusions})
        vocabulary = self.kb.vocabulary
        plain = [i for id, i in sorted(vocabulary.indicators.items()) if id not in vocabulary.protective]
        yield Leaf("indicators.html", "indicators.html", "Indicators", "list",
                   {"indicators": plain, "signatures": self.kb.signatures_in_order})
        yield Leaf("protective.html", "protective.html", "Protective signs", "list",
                   {"signs": [sign for _, sign in sorted(vocabulary.protective.items())]})
        yield Leaf("statements.html", "statements.html", "Founding statements", "list",
                   {"traced": trace(self.kb).statements, "rules": {rule.id for rule in self.rules}})

    def prose(self) -> Iterator[Leaf]:
        """The pages that explain the rest."""
        vocabulary = self.kb.vocabulary
        counts = {"rules": len(self.rules), "signatures": len(vocabulary.signatures), "tests": len(self.tests),
                  "conclusions": len(self.conclusions), "statements": len(vocabulary.statements),
                  "protective": len(vocabulary.protective),
                  "indicators": len(vocabulary.indicators.keys() - vocabulary.protective.keys())}
        called = next((s.quote for s in vocabulary.statements.values() if s.kind == "title"), "")
        yield Leaf("index.html", "home.html", "Rulebook", "home", {"counts": counts, "called": called})
        yield Leaf("reading.html", "reading.html", "How to read a rule", "help", {})
        yield Leaf("glossary.html", "glossary.html", "What the words mean", "help", {"results": vocabulary.results})
        yield Leaf("limits.html", "limits.html", "Limits of use", "help",
                   {"limits": vocabulary.limits, "attributions": vocabulary.attributions})
