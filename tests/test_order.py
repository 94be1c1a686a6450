"""No order decides anything: a knowledge base and a case read in another order answer every question byte for byte."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from engine.assess import Asked, Assessment, Assessor
from engine.backtest import Look, days_of, seen, things
from engine.compiling import compile_rules
from engine.judged import judged
from engine.meaning.analysis import analyse
from engine.prepared import Prepared
from engine.roll import Roll
from engine.screen import screen
from engine.supposing import before_and_after
from explain.account import Account
from explain.answer import overview, why
from explain.backtest import Past
from explain.backtest import answer as looking_back
from explain.compare import compare
from explain.demonstration import demonstration
from explain.differences import tally
from explain.enquire import enquire
from explain.exercises import Room
from explain.found import told, too_few_tests
from explain.fragile import fragile
from explain.impact import impact
from explain.levers import levers
from explain.puzzlesof import puzzles_of
from explain.receipt import receipt
from explain.render.as_json import dump
from explain.render.as_json import render as as_json
from explain.render.backtested import as_json as told_as_json
from explain.render.backtested import as_markdown as told_as_markdown
from explain.render.backtested import as_text as as_words
from explain.render.exercises import markdown, whole
from explain.render.markdown import render as as_markdown
from explain.render.moved import picture as moved
from explain.render.picture import picture
from explain.render.problems import FORMATS as FORMATS_OF_CHECK
from explain.render.prov import everything, prov
from explain.render.screened import as_csv
from explain.render.text import render as as_text
from explain.report import report
from explain.rulepages import pages
from explain.screening import answer as screened
from explain.timeline import HINDSIGHT, follow, timeline
from explain.trace import trace
from explain.traceability import trace as trace_statements
from explain.weighing import weigh
from explain.whatif import Supposed, what_if
from explain.whynot import why_not
from kb.conditions import Within
from kb.dossier import Case
from kb.files import RULES, VOCABULARY
from kb.judgements import read_judgements
from kb.knowledge import Knowledge
from kb.longtables import frame_of
from kb.model import Vocabulary
from kb.outcomes import Judgement
from kb.ruletests import RuleTest, read_rule_tests
from kb.suppositions import read_supposition, suppose
from kb.told import Told
from kb.upkeep import upkeep

FORMATS = (as_text, as_json, as_markdown)
RICHEST = {"northamptonshire": date(2018, 11, 30), "croydon": date(2020, 2, 3)}
EARLIER = {"northamptonshire": date(2018, 10, 31), "croydon": date(2018, 2, 3)}
SUPPOSED = "agency_worker_rate=35"


@dataclass(frozen=True, repr=False)
class It:
    """A knowledge base and a case, in whatever order they were read; `given`: the answers that were asked for."""

    assessor: Assessor
    case: Case
    tests: tuple[RuleTest, ...]
    given: dict[str, list[str]] = field(default_factory=dict)

    def answer(self, question: str) -> list[str]:
        """What a question gives, worked out once."""
        if question not in self.given:
            self.given[question] = list(QUESTIONS[question](self))
        return self.given[question]

    @property
    def knowledge(self) -> Knowledge:
        return self.assessor.knowledge

    @property
    def now(self) -> Assessment:
        return self.assessor.assess(self.case, RICHEST[self.case.id])

    @property
    def heads(self) -> list[tuple[str, str]]:
        return everything(self.now)

    @property
    def some(self) -> list[tuple[str, str]]:
        """Every ninth head: enough of each kind, in a time that a person waits for."""
        return self.heads[::9]


def shown(account: Account) -> Iterator[str]:
    return (form(account) for form in FORMATS)


def of_some(it: It, ask: Callable[[Assessment, tuple[str, str]], Account]) -> Iterator[str]:
    now = it.now
    return (text for head in it.some for text in shown(ask(now, head)))


def supposed(it: It) -> Account:
    day, vocabulary = RICHEST[it.case.id], it.knowledge.vocabulary
    supposition, problems = read_supposition([SUPPOSED], ["director_changes"], it.knowledge, day)
    assert problems == ()
    after, gone = suppose(list(it.case.observations), supposition, vocabulary)
    before, then = before_and_after(it.assessor, Asked(it.case, day), after, supposition.given)
    return what_if(before, then, Supposed(supposition.given, supposition.added, gone))


def of_a_table(it: It) -> str:
    """The case as one of two authorities of a table, at both its days."""
    held = [o._replace(authority=code) for o in it.case.observations for code in ("X1", "X2")]
    roll = Roll(("X1", "X2"), (EARLIER[it.case.id], RICHEST[it.case.id]))
    return as_csv(screened(screen(it.knowledge, it.assessor.program, frame_of(held), roll), ""))


def looked_back_on(it: It) -> Iterator[str]:
    """The case as two authorities of a table, each judged on both its days."""
    held = [o._replace(authority=code) for o in it.case.observations for code in ("X1", "X2")]
    known, _ = read_judgements(VOCABULARY)
    asked = [Judgement(code, "ILACS", "overall", day[it.case.id], day[it.case.id], grade)
             for code, grade in (("X1", known.lowest), ("X2", known.grades[0])) for day in (EARLIER, RICHEST)]
    past = list(judged(asked, asked, known))
    looks = {n: Look(one.judgement.authority, one.as_at) for n, one in enumerate(past)}
    wide = screen(it.knowledge, it.assessor.program, frame_of(held), Roll(("X1", "X2"), days_of(looks.values())))
    seen_of = tuple(seen(wide, things(it.knowledge, it.assessor.program), looks))
    told = looking_back(Past(past, seen_of, {"X1": "X1", "X2": "X2"}, {}, {}), known.areas["overall"], known,
                        it.knowledge, leaky=False)
    return (form(told) for form in (as_words, told_as_json, told_as_markdown))


def checked(it: It) -> str:
    """What `check` says of the rules, on a day on which every review is due, asking for more tests than there are."""
    lacking = (*upkeep(it.knowledge, date(2028, 1, 1)), *too_few_tests(
        it.knowledge, tally(it.tests, it.knowledge).tests, 100))
    said = [*told(analyse(it.knowledge), it.knowledge, [Asked(it.case, RICHEST[it.case.id])]), *map(Told, lacking)]
    return FORMATS_OF_CHECK["text"](sorted(said, key=lambda one: one.problem), {})


def weighed(it: It) -> Iterator[str]:
    """The rules against others that look back half as far: the words in every format, and the picture."""
    rules = tuple(rule._replace(when=rule.when._replace(months=rule.when.months // 2)) if isinstance(rule.when, Within)
                  else rule for rule in it.knowledge.rules)
    old = Prepared(it.knowledge._replace(rules=rules), compile_rules(rules))
    found = weigh(old, it.knowledge, "before", [it.case])
    return iter((*shown(impact(found)), moved(found).source))


def puzzles(it: It) -> Iterator[str]:
    """The puzzles of the case in every form."""
    room = Room(Assessor(it.knowledge, "bits", it.assessor.program), lambda _: it.case, lambda case: case.outcomes)
    made = puzzles_of(it.case, RICHEST[it.case.id], (), room)
    return iter((whole(made), markdown(made), dump(made)))


QUESTIONS: dict[str, Callable[[It], Iterable[str]]] = {
    "assess": lambda it: shown(overview(it.now)),
    "why": lambda it: shown(why(it.now)),
    "why, of some": lambda it: of_some(it, why),
    "why, as a picture": lambda it: [picture(why(it.now), it.now).source],
    "why-not, of some": lambda it: of_some(it, why_not),
    "what-if": lambda it: shown(supposed(it)),
    "fragile": lambda it: shown(fragile(it.now)),
    "levers": lambda it: shown(levers(it.now, ("result", it.now.result))),
    "report": lambda it: shown(report(it.now)),
    "enquire": lambda it: shown(enquire(it.now, counted=True)),
    "impact": weighed,
    "timeline": lambda it: shown(timeline(
        follow(it.assessor, it.case, RICHEST[it.case.id], tuple(HINDSIGHT)))),
    "compare": lambda it: shown(compare(it.assessor.assess(it.case, EARLIER[it.case.id]), it.now)),
    "screen": lambda it: [of_a_table(it)],
    "backtest": looked_back_on,
    "trace": lambda it: shown(trace(it.now)),
    "exercise": puzzles,
    "receipt": lambda it: [receipt(it.now)],
    "provenance": lambda it: [prov(it.now, it.heads)],
    "provenance, of some": lambda it: [prov(it.now, [head]) for head in it.some],
    "demo": lambda it: [demonstration(it.assessor, it.case)],
    "check": lambda it: [checked(it)],
    "rule": lambda it: [dump(pages(id, it.knowledge, it.tests)) for _, id in it.heads],
    "seed": lambda it: [dump(trace_statements(it.knowledge))],
}
"""Every question with its answers in every format; a new question is one more line."""


def mixed(table: Mapping[Any, Any], rng: random.Random) -> dict[Any, Any]:
    items = list(table.items())
    rng.shuffle(items)
    return dict(items)


def in_another_order(it: It, rng: random.Random) -> It:
    """The same records in another order: rules, every table of the vocabulary, signs, and observations."""
    knowledge, vocabulary = it.knowledge, it.knowledge.vocabulary
    tables = {table.name: mixed(getattr(vocabulary, table.name), rng) for table in fields(Vocabulary)
              if isinstance(getattr(vocabulary, table.name), Mapping)}
    other = knowledge._replace(rules=tuple(rng.sample(knowledge.rules, len(knowledge.rules))),
                               vocabulary=replace(vocabulary, **tables), signs=mixed(knowledge.signs, rng))
    case = it.case._replace(observations=tuple(rng.sample(it.case.observations, len(it.case.observations))))
    return It(Assessor(other, "bits"), case, it.tests)


@pytest.fixture(scope="module")
def its(knowledge: Knowledge, cases: dict[str, Case]) -> dict[str, It]:
    alone, (tests, problems) = Assessor(knowledge, "bits"), read_rule_tests(RULES, knowledge)
    assert problems == ()
    return {name: It(alone, cases[name], tests) for name in RICHEST}


def first_difference(one: list[str], other: list[str]) -> tuple[str, str] | None:
    """The first line in which two answers differ."""
    lines = ("\n".join(answer).splitlines() for answer in (one, other))
    return next((pair for pair in zip_longest(*lines, fillvalue="") if pair[0] != pair[1]), None)


@pytest.mark.parametrize("name", RICHEST)
@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=3, database=None, phases=[Phase.generate])
@given(rng=st.randoms(use_true_random=False))
def test_another_order_gives_the_same_bytes(question: str, name: str, rng: random.Random, its: dict[str, It]) -> None:
    asked, again = its[name].answer(question), in_another_order(its[name], rng).answer(question)
    assert asked
    assert first_difference(asked, again) is None
    assert asked == again
