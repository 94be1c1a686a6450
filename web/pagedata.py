"""What the script of a page works from, as JSON: program, evidence, what may be supposed, days, and every phrase."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.assess import Assessment
from engine.evidence import Verdict
from engine.firing import steps
from engine.planes import Looking
from explain import changewords, whatif, words
from explain.evidence import SHOWN
from explain.moments import Moment
from explain.names import Names
from explain.render.text import clean
from explain.restson import necessary, necessary_heads
from explain.switches import Option, Switch, switches
from explain.words import FOUND
from kb.conditions import HELD, LADDERS, Rule, Test
from kb.dates import long_date
from kb.dossier import Observation
from kb.model import State
from web.grounding import Filed, Ground, days, filed, ground, grounded, sides_at, sides_of

Data = dict[str, object]


class Page:
    """One case at one date as data for a page; `moments`: the days on which something changed, the date itself last."""

    def __init__(self, assessment: Assessment, moments: Sequence[Moment] = ()) -> None:
        self.it, self.kb = assessment, assessment.knowledge
        self.names = Names(self.kb)
        self.on: Ground = ground(assessment.program)
        self.switches = switches(assessment)
        self.moments = [moment for moment in moments if moment.day < assessment.as_at]
        held = [o for some in assessment.looking.column.evidence.by_indicator.values() for o in some]
        added = [o for switch in self.switches for option in switch.options for o in option.supposed.added]
        self.files: Filed = filed((*held, *added))
        self.tests = {test: at for at, test in enumerate(self.on.tests)}
        self.heads = {head: at for at, head in enumerate(self.on.heads)}
        self.texts: dict[str, int] = {}
        self.categories = [category.id for category in self.kb.categories_in_order]

    def data(self) -> Data:
        """Everything; texts from files are cleaned, and not escaped."""
        found = grounded(self.on, self.it.looking, self.files)
        found |= {
            "told": self.observations(), "heads": [self.head(kind, id) for kind, id in self.on.heads],
            "order": [self.heads[head] for head in whatif.heads(self.it)],
            "results": [self.heads["result", id] for id in self.kb.results()],
            "questions": [self.heads["result", id] for id in self.kb.results() if id in self.kb.questions()],
            "rules": [self.rule(rule) for rule in self.kb.in_force],
            "tests": [self.test(test) for test in self.on.tests],
            "values": self.values(self.it.looking, range(len(self.on.tests))),
            "switches": [self.switch(one) for one in self.switches],
            "days": [*self.days(), {"told": long_date(self.it.as_at)}],
            "steps": [self.heads[step.rule.head.kind, step.rule.head.id] for step in steps(self.it)],
            "heavy": self.heavy(), "phrases": phrases(self.it.case.authority), "categories": self.categories,
        }
        return found | {"texts": list(self.texts)}

    def observations(self) -> list[list[object]]:
        """Of each observation what it says, its source, and its place in the order in which suppositions are told."""
        order = {o.sort_key: at for at, o in enumerate(sorted(self.files.all, key=lambda o: o.sort_key))}
        return [[*((self.observed(o), *self.cited(o)) if o.place.file else self.shortened(o)), order[o.sort_key]]
                for o in self.files.all]

    def shortened(self, o: Observation) -> list[object]:
        """What a supposed observation says, in two parts of which the second is said again and again."""
        before, comma, after = self.observed(o).rpartition(", ")
        return [before, self.text(comma + after)]

    def cited(self, o: Observation) -> list[object]:
        """Its kind and source, the words before and after those of its document, of which there are few."""
        named = clean(words.named(o.citation.source))
        before, _, after = clean(f"{o.kind}; {words.cited(o)}").partition(named)
        return [self.text(before), self.text(named), after]

    def text(self, told: str) -> int:
        """The place of a text that is said again and again."""
        return self.texts.setdefault(told, len(self.texts))

    def observed(self, o: Observation) -> str:
        return clean(words.observed(o, self.kb.vocabulary.indicators[o.indicator]))

    def head(self, kind: str, id: str) -> list[object]:
        """A signature or conclusion: its kind, id, title, category, and who can act."""
        category = self.names.category(kind, id)
        described = self.names.conclusions.get((kind, id))
        return [kind, id, clean(self.names.title(kind, id)), category[0] if category else "",
                self.text(clean(described.who_can_act) if described and kind != "signature" else "")]

    def rule(self, rule: Rule) -> list[int]:
        """A rule in force: its node, head and level (-1: found not to be so), its name, sentence and place."""
        place = f"{rule.place.file}:{rule.place.line}"
        because = clean(rule.because.replace("{authority}", self.it.case.authority))
        named = because if rule.head.kind == "signature" else clean(f"{rule.title} ({place})")
        found = [self.it.program.rules[rule.id], self.heads[rule.head.kind, rule.head.id],
                 LADDERS[rule.head.kind].index(rule.head.level) if rule.head.found else -1]
        return [*found, self.text(named), self.text(because), self.text(clean(place))]

    def test(self, test: Test) -> list[object]:
        """What a test looks at, its category, what it asks (on the page's day, and any day), why it is not known."""
        vocabulary = self.kb.vocabulary
        indicator, verdict = vocabulary.indicators[test.indicator], self.it.looking.verdict(test, 0)
        deciding = (*verdict.for_by, *verdict.against_by, *verdict.looked_at)
        year = deciding[0].about.end.year if deciding else None
        basis = self.kb.basis_of(test)
        asks = words.asked(test, indicator, vocabulary.compared_with, verdict.limit, year)
        plain = words.asked(test, indicator, vocabulary.compared_with)
        own = vocabulary.protective.get(test.indicator)
        signature = vocabulary.signatures.get(indicator.signature)
        letter = signature.category if signature else ""
        gap = words.gap(verdict, indicator, vocabulary.compared_with)
        title = own.title if own is not None else words.measured(test, indicator)
        asked = (asks + (f"; threshold: {basis}" if basis else ""), plain if plain != asks else "", gap)
        return [clean(title), letter, *(self.text(clean(told)) for told in asked)]

    def value(self, test: Test, verdict: Verdict) -> str:
        return clean(words.both_sides(verdict, self.kb.vocabulary.indicators[test.indicator]))

    def values(self, looking: Looking, tests: Iterable[int]) -> dict[str, str]:
        """What the evidence on some tests comes to; none where nothing decides one."""
        told = {at: self.value(self.on.tests[at], looking.verdict(self.on.tests[at], 0)) for at in tests}
        return {str(at): value for at, value in told.items() if value}

    def switch(self, switch: Switch) -> list[object]:
        """One thing that may be supposed otherwise: its title, what is on file, its tests, and what may be supposed."""
        mine = [self.tests[test] for test in switch.tests]
        return [clean(switch.title), clean(switch.held), mine, [self.option(option, mine) for option in switch.options]]

    def option(self, option: Option, tests: Sequence[int]) -> list[object]:
        """One supposition: its words, what it adds and takes away, and what the tests then say, pair by pair."""
        pairs = [self.on.pairs[at] for at in range(len(self.on.pairs)) if self.on.pairs[at][0] in tests]
        sides = [sides_of(option.looking.verdict(self.on.tests[test], shift), self.files) for test, shift in pairs]
        values = self.values(option.looking, tests)
        return [self.text(clean(option.words)), " ".join(sides), [self.text(values.get(str(at), "")) for at in tests],
                [self.files.place[o.sort_key] for o in option.supposed.added],
                [self.files.place[o.sort_key] for o in option.supposed.gone]]

    def days(self) -> list[dict[str, object]]:
        """Each earlier day on which something changed: the evidence of it as it differs from that of the next one."""
        found, next = list[Data](), self.it.looking
        for moment in reversed(self.moments):
            then, every = moment.now.looking, range(len(self.on.tests))
            sides = [sides_at(looking, self.on, self.files) for looking in (next, then)]
            values = [self.values(looking, every) for looking in (next, then)]
            texts = {at: self.text(told) for at, told in apart(values[0], values[1], "").items()}
            found.append({"day": days(moment.day), "told": long_date(moment.day),
                          "sides": apart(sides[0], sides[1], "|"), "values": texts})
            next = then
        return found[::-1]

    def heavy(self) -> dict[str, list[str]]:
        """Of all that is present, the cards without which it would not be, each taken away and tried."""
        found, heads = {}, [head for head in self.on.heads if self.it.head_state(*head) in SHOWN]
        for head in heads:
            standing = self.it.standing_at(*head)
            if self.it.head_state(*head) is State.PRESENT:
                others = [other for other in heads if other != head]
                through = necessary_heads(self.it, standing[0], others) if others else frozenset()
                tests = necessary(self.it, standing[0])
                found[f"{self.heads[head]}"] = sorted([*(f"t{self.tests[test]}" for test in tests),
                                                       *(f"h{self.heads[other]}" for other in through)])
        return found


def apart(now: Mapping[str, str], then: Mapping[str, str], nothing: str) -> dict[str, str]:
    """What one mapping has otherwise than another; `nothing` for what it has no more."""
    return {key: then.get(key, nothing) for key in sorted({*now, *then}, key=int) if now.get(key) != then.get(key)}


def phrases(authority: str) -> Data:
    """Every phrase that the page's script says: taken from where the answers of the command line take them."""
    because = "{because}"
    return {
        "stood": {kind: by_state(lambda state, level, kind=kind: words.stood(kind, state, level), LADDERS[kind])  # type: ignore[misc]
                  for kind in FOUND},
        "card": {kind: by_state(lambda state, level, kind=kind: on_card(kind, state, level), LADDERS[kind])  # type: ignore[misc]
                 for kind in FOUND},
        "test": {state.value: words.OF_A_TEST[state] for state in State},
        "kinds": FOUND, "ladders": LADDERS,
        "sentence": {state.value: words.of_conclusion(because, state, authority) for state in State},
        "then": changewords.then("{0}", "{1}"), "reading": changewords.in_one_reading(["{0}"]),
        "groups": [whatif.SUPPOSED, whatif.WHAT_APPEARS, whatif.WHAT_GOES, whatif.WHAT_CHANGES, whatif.WHAT_STAYS],
        "added": whatif.ADDED, "gone": whatif.TAKEN_AWAY, "no longer": whatif.NO_LONGER, "now": whatif.NOW,
        "still": whatif.STILL, "held by": whatif.HELD_BY, "then held by": whatif.THEN_HELD_BY,
        "the same": whatif.THE_SAME, "no change": whatif.NO_CHANGE, "not evidence": whatif.NOT_EVIDENCE,
        "judged": [whatif.JUDGED_AS_SUPPOSED, whatif.JUDGED_AS_IT_IS],
        "marks": [changewords.APPEARS, changewords.GOES, changewords.CHANGES, changewords.OTHERWISE],
        "evidence": [changewords.NOT_EVIDENCE, changewords.TAKEN_AWAY],
    }


def by_state(told: Callable[[State, str], str], ladder: Sequence[str]) -> dict[str, str]:
    """A phrase for each state, and for each level at which a thing is present."""
    return {**{state.value: told(state, "") for state in State}, **{level: told(State.PRESENT, level)
                                                                  for level in ladder if level not in HELD}}


def on_card(kind: str, state: State, level: str) -> str:
    """The line of a card below its title."""
    holds = kind in ("result", "channel") and state is State.PRESENT
    return FOUND[kind] if holds else f"{FOUND[kind]}: {words.stood(kind, state, level)}"


def as_json(data: Data) -> str:
    """Data that may stand in a page: nothing in it can end the element that holds it."""
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return told.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
