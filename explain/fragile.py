"""How firm a result is: which single item, document or step over a threshold would change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from engine.assess import Assessment
from engine.documents import by_document
from engine.doubts import Doubt, Near, items, near
from engine.evidence import Gap, Verdict
from explain import words
from explain.account import Account, Line, closing, heading
from explain.cautions import beside_figure
from explain.distances import distance
from explain.effects import Effect, EffectTeller, be
from explain.whatif import Change, heads, results_told
from kb.dates import long_date
from kb.dossier import Observation

NOTHING = "No single item, no single document and no single step over a threshold changes anything"
NEAREST = "Where another value is named, it is the nearest one, upwards or downwards, that does it."
ANEW = "Everything was worked out anew for each item and each of its values, by the bit-plane evaluator."

SMALL_BASE = {True: "It counts in this test", False: "It leaves this test not known"}
"""Of the tests of a rate on a small base: those in which two years agree, and the others."""


def fragile(assessment: Assessment) -> Account:
    """How firm the result is: in a sentence, then each item, document and threshold that alone would change it."""
    teller = _Teller(assessment)
    case, vocabulary = assessment.case, assessment.knowledge.vocabulary
    lines = tuple(Line("group", title, children=told) for title, told in teller.groups() if told)
    return Account(
        heading=f"{heading(case)}: how firm the result is",
        subheading=f"as at {long_date(assessment.as_at)}: only what was public by then, and still in date, counts",
        answer=results_told(assessment), sentence=teller.firmness(), facts=tuple(teller.facts()),
        chain=lines or (Line("group", NOTHING),), missing=(), notes=(),
        closing=closing(vocabulary), section="What one thing alone would change",
        case=case.id, authority_code=case.authority_code, as_at=assessment.as_at.isoformat(), result=assessment.result)


class _Teller(EffectTeller):
    """Tells what one assessment hangs on."""

    def __init__(self, assessment: Assessment) -> None:
        super().__init__(assessment)
        self.items = items(assessment)
        self.standings = by_document(assessment)

    @cached_property
    def near(self) -> dict[tuple[Observation, Observation], list[Near]]:
        """The tests that one step would turn, by the item as it is and as it would be."""
        found: dict[tuple[Observation, Observation], list[Near]] = {}
        for one in near(self.it):
            found.setdefault((one.observation, one.instead), []).append(one)
        return found

    def firmness(self) -> str:
        """How firm the result is, as a sentence with counts."""
        number = len(self.items)
        if not number:
            return "Nothing was public by then, so there is nothing to leave out."
        told = [[e for e in effects if e.result] for effects in self.effects.values()]
        without = sum(any(e.doubt.instead is None for e in effects) for effects in told)
        other = sum(bool(effects) for effects in told) - without
        if not without + other:
            return (f"No single item changes the result: whichever of the {words.count_of(number, 'item')} public by "
                    "then is left out, or says something else, it stays as it is.")
        said = [f"{without} would{_each(without)} change the result if left out"] if without else []
        said += [f"{other}{' more' if without else ''} would{_each(other)} change {'it' if without else 'the result'} "
                 f"if {'it' if other == 1 else 'they'} said something else"] if other else []
        return f"Of the {words.count_of(number, 'item')} public by then, {words.several(said)}."

    def facts(self) -> Iterator[str]:
        """What is counted and not told one by one."""
        if self.it.on_numbers_alone:
            yield words.NUMBERS_ONLY
        if self.items:
            needed = sum(standing.without != self.it.result for standing in self.standings)
            yield (f"{needed or 'None'} of the {words.count_of(len(self.standings), 'document')} would change the "
                   "result if left out.")
            beside = sum(any(e.channels for e in effects) for effects in self.effects.values())
            yield from [f"{beside} of the items would change what is passed on beside the result."] if beside else ()
            yield f"{len(self.effects) or 'None'} of the items would change some signature or conclusion."
        if not self.near:
            yield "No number lies within one step of a threshold that it is held to."
        if any(e.matters and e.doubt.instead for effects in self.effects.values() for e in effects):
            yield NEAREST
        yield ANEW

    def groups(self) -> Iterator[tuple[str, tuple[Line, ...]]]:
        """The parts of the answer, each with its lines."""
        found = [(item, [e for e in effects if e.matters]) for item, effects in self.effects.items()]
        found.sort(key=lambda told: all(e.doubt.instead for e in told[1]))  # what is needed before what would do
        result = [self.item(item, effects) for item, effects in found if any(e.result for e in effects)]
        beside = [self.item(item, effects) for item, effects in found if effects and not any(
            e.result for e in effects)]
        yield "Items that would each change the result", tuple(result)
        yield "Items that would each change what is passed on beside the result", tuple(beside)
        yield "Documents", tuple(self.documents())
        yield "Numbers within one step of a threshold", tuple(self.steps())
        yield "Rates on a small base", tuple(self.small_bases())
        yield "Signatures and conclusions that one item would change", tuple(self.conclusions())

    def documents(self) -> Iterator[Line]:
        """The documents without which the result would be another, and those that alone would be enough for it."""
        for standing in self.standings:
            enough = standing.alone == self.it.result != self.it.knowledge.results()[-1]
            needed = standing.without != self.it.result
            title = self.names.title("result", standing.without)
            said = [*([words.needed("this document", title)] if needed else []),
                    *([words.enough("This document")] if enough else [])]
            inside = sum(o.citation.source.id == standing.document.id for o in self.items)
            if said:
                yield Line("document", words.quoted(standing.document), text=f"{'. '.join(said)}.",
                           small=(f"It holds {inside} of the {words.count_of(len(self.items), 'item')}.",))

    def steps(self) -> Iterator[Line]:
        """Each number that one step would carry over a threshold; those that then change nothing are counted."""
        idle = []
        for (item, instead), tests in self.near.items():
            effects = [e for e in self.effects.get(item, ()) if e.doubt.instead == instead]
            if effects:
                yield self.item(item, effects, f"{self.apart(tests)}. {self.step(item, instead, effects[0])}.")
            else:
                idle.append(f"{self.brief(item)}: {self.apart(tests)}")
        if idle:
            yield Line("fold", f"Changing nothing ({len(idle)}): {'; '.join(idle)}")

    def apart(self, tests: Sequence[Near]) -> str:
        """How far it is from each threshold; of what stands beside it nothing is said."""
        told = (distance(one.test, self.own(one), self.it.knowledge, self.it.as_at) for one in tests)
        said = "; ".join(dict.fromkeys(told))
        return said[:1].upper() + said[1:]

    def own(self, one: Near) -> Verdict:
        """What the number itself says of a test; of a rise, together with the other number."""
        verdict = self.it.looking.verdict(one.test, 0)
        if one.test.rise_over is not None:
            return verdict
        for_by, against_by = (tuple(o for o in side if o == one.observation)
                              for side in (verdict.for_by, verdict.against_by))
        return Verdict(for_by, against_by)

    def step(self, item: Observation, instead: Observation, effect: Effect) -> str:
        """What one step would change: the result and the messages beside it, else the conclusions."""
        up = "up" if (instead.value or 0.0) > (item.value or 0.0) else "down"
        at = words.amount(instead.value or 0.0, self.indicators[item.indicator])
        told = self.outcome(effect) or words.several([self.stood(change) for change in effect.others])
        return f"One step {up}, at {at}, {told}"

    def small_bases(self) -> Iterator[Line]:
        """Each rate that decides a test, or would, and behind which so few stand that the year before must agree."""
        for item in self.items:
            told = [why for flag, why in beside_figure(item, self.it) if flag == words.SMALL_BASE]
            years = self.two_years(item) if told else ""
            if years:
                yield self.item(item, (), f"{told[0]} {years}")

    def two_years(self, item: Observation) -> str:
        """In which tests the year before agrees and in which not, and what rests on the rate; "" where no test does."""
        asked: dict[bool, list[str]] = {True: [], False: []}
        compared = self.it.knowledge.vocabulary.compared_with
        tests = (test for test, shift in self.it.looking.decided if test.indicator == item.indicator and not shift)
        for test in sorted(tests, key=str):
            verdict = self.it.looking.verdict(test, 0)
            if item in verdict.looked_at:
                asks = words.asked(test, self.indicators[item.indicator], compared).removeprefix("the test: ")
                asked[verdict.gap is not Gap.SMALL_BASE].append(asks)
        said = [f"{lead}: {'; '.join(asked[counts])}." for counts, lead in SMALL_BASE.items() if asked[counts]]
        effect = next((e for e in self.effects.get(item, ()) if e.doubt.instead is None), None)
        if said and effect and effect.matters:
            said.append(f"Without it, {self.outcome(effect)}.")
        return " ".join(said)

    def conclusions(self) -> Iterator[Line]:
        """Each signature and conclusion that some single item would change, with those items."""
        moved: dict[tuple[str, str], list[tuple[Doubt, Change]]] = {}
        for effects in self.effects.values():
            for effect in effects:
                for change in effect.others:
                    moved.setdefault((change.kind, change.id), []).append((effect.doubt, change))
        for kind, id in (head for head in heads(self.it) if head in moved):
            yield Line(kind, self.names.title(kind, id), self.it.head_state(kind, id), self.it.level(kind, id) or "",
                       text=self.moving(moved[kind, id]), id=id, category=self.names.category(kind, id))

    def moving(self, changed: Sequence[tuple[Doubt, Change]]) -> str:
        """How it would stand with which item left out; then with those that change it only by another value."""
        needed = {doubt.observation for doubt, _ in changed if doubt.instead is None}
        ways: dict[tuple[str, str], dict[Observation, None]] = {}
        for doubt, change in sorted(changed, key=lambda pair: pair[0].instead is not None):
            if doubt.instead is None or doubt.observation not in needed:
                lead = "Without" if doubt.instead is None else "With another value of"
                ways.setdefault((lead, be(change)), {})[doubt.observation] = None
        return " ".join(f"{lead} {'any one of these' if len(some) > 1 else 'this'} it would {then}: "
                        f"{'; '.join(self.brief(item) for item in some)}." for (lead, then), some in ways.items())


def _each(number: int) -> str:
    return " each" if number > 1 else ""
