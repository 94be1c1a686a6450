"""How firm a result is: every promise held against the ordinary assessor, for every item of every case."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from cli import sigrisk
from engine.assess import Asked, Assessment, Assessor
from engine.documents import without_each
from engine.doubts import items, near
from engine.evidence import Evidence
from explain.account import Account, Line
from explain.effects import Effect, EffectTeller
from explain.fragile import fragile
from explain.render.as_json import render as as_json
from explain.render.markdown import render as as_markdown
from explain.render.text import render
from explain.whatif import Change, changes, results_told
from kb.amounts import step
from kb.conditions import All, Head, Rule
from kb.dossier import Case, Observation
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.model import Reading
from tests import strategies
from tests.test_words import never, sentences

Hold = Callable[[str, str], None]
CASES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
Stands = tuple[str, frozenset[Change]]


@pytest.fixture(scope="module")
def bits(knowledge: Knowledge) -> Assessor:
    """The evaluator alone: the two engines are held against one another elsewhere."""
    return Assessor(knowledge, "bits")


Weighed = list[tuple[Assessment, dict[Observation, list[Effect]]]]
Of = Callable[[str], Weighed]


@pytest.fixture(scope="module")
def weighed(bits: Assessor, cases: dict[str, Case]) -> Callable[[str], Weighed]:
    """A case at three dates, each with what its items would change; worked out once."""
    found: dict[str, Weighed] = {}

    def of(name: str) -> Weighed:
        if name not in found:
            asked = [Asked(cases[name], day) for day in three(cases[name])]
            found[name] = [(it, EffectTeller(it).effects) for it in bits.assess_all(asked)]
        return found[name]
    return of


def three(case: Case) -> list[date]:
    """Three dates of a case: a third and two thirds of the way through what became known, and the last."""
    days = sorted({o.known for o in case.observations})
    return sorted({days[len(days) // 3], days[2 * len(days) // 3], days[-1]})


def ordinary(bits: Assessor, it: Assessment, held: Sequence[Sequence[Observation]]) -> list[Stands]:
    """How things stand on other evidence, by the ordinary assessor: the result, and all that differs from now."""
    asked = [Asked(it.case, it.as_at, observations) for observations in held]
    return [(results_told(then), frozenset(changes(it, then))) for then in bits.assess_all(asked)]


def without(it: Assessment, item: Observation) -> list[Observation]:
    return [o for o in it.case.observations if o != item]


def promised(it: Assessment, effects: Sequence[Effect]) -> list[Stands]:
    """The same as told of each doubt."""
    return [(results_told(it) if e.result is None else e.result, frozenset((*e.channels, *e.others))) for e in effects]


def unchanged(it: Assessment) -> Stands:
    return results_told(it), frozenset()


@pytest.mark.parametrize("name", CASES)
def test_every_item_left_out_gives_what_is_promised(name: str, bits: Assessor, weighed: Of) -> None:
    for it, effects in weighed(name):
        found = items(it)
        stands = ordinary(bits, it, [without(it, item) for item in found])
        for item, then in zip(found, stands, strict=True):
            told = promised(it, [e for e in effects.get(item, ()) if e.doubt.instead is None])
            assert then == (told[0] if told else unchanged(it)), item


@pytest.mark.parametrize("name", CASES)
def test_every_other_value_told_gives_what_is_promised(name: str, bits: Assessor, weighed: Of) -> None:
    for it, effects in weighed(name):
        told = [e for some in effects.values() for e in some if e.doubt.instead]
        chosen = [e for place, e in enumerate(told) if e.matters or place % 4 == 0]
        held = [[*without(it, e.doubt.observation), e.doubt.instead] for e in chosen if e.doubt.instead]
        assert ordinary(bits, it, held) == promised(it, chosen)


@pytest.mark.parametrize("name", CASES)
def test_no_value_does_what_is_not_told(name: str, bits: Assessor, weighed: Of) -> None:
    """Numbers that nobody proposed: each leaves everything as it is, or does what another value is told to do."""
    for it, effects in weighed(name):
        numbers = [o for o in items(it) if o.value is not None and it.knowledge.vocabulary.indicators[
            o.indicator].unit.id in ("per cent", "cases", "months", "children", "ratio")][::4]
        others = [o._replace(value=value) for place, o in enumerate(numbers)
                  for value in [(0.0, 100.0, 31.7, 13.3, 2.0, 17.6, 55.5)[place % 7]]]
        stands = ordinary(bits, it, [[*without(it, item), other] for item, other in zip(numbers, others, strict=True)])
        for item, then in zip(numbers, stands, strict=True):
            assert then in [unchanged(it), *promised(it, effects.get(item, ()))], item


@pytest.mark.parametrize("name", CASES)
def test_the_value_told_is_the_nearest(name: str, bits: Assessor, weighed: Of) -> None:
    """One step short of it, the result and what is passed on are not as told."""
    for it, effects in weighed(name):
        for e in (e for some in effects.values() for e in some if e.matters):
            nearer = one_step_nearer(e, step(it.knowledge.vocabulary.indicators[e.doubt.indicator]))
            if nearer is not None and nearest(e, effects[e.doubt.observation]):
                (then,) = ordinary(bits, it, [[*without(it, e.doubt.observation), nearer]])
                assert then != promised(it, [e])[0], e.doubt


def distance_of(e: Effect) -> float:
    return (e.doubt.instead.value or 0.0) - (e.doubt.observation.value or 0.0) if e.doubt.instead else 0.0


def nearest(e: Effect, others: Sequence[Effect]) -> bool:
    """Whether no value between says the same of the result and of all else."""
    return not any(0 < distance_of(o) / distance_of(e) < 1 and (o.result, o.channels, o.others) == (
        e.result, e.channels, e.others) for o in others)


def one_step_nearer(e: Effect, size: float) -> Observation | None:
    """The value told, one step back towards the value held; None where it is the next already."""
    instead, apart = e.doubt.instead, distance_of(e)
    if instead is None or abs(apart) <= size:
        return None
    return instead._replace(value=round((instead.value or 0.0) - (size if apart > 0 else -size), 6))


@pytest.mark.parametrize("name", CASES)
def test_every_number_within_one_step_of_a_threshold_is_told(name: str, bits: Assessor, weighed: Of) -> None:
    vocabulary = bits.knowledge.vocabulary
    tests = {test for atom, _ in bits.program.atoms for test in atom.tests}
    for it, _ in weighed(name):
        expected = set()
        for item in items(it):
            indicator = vocabulary.indicators[item.indicator]
            held = it.looking.column.evidence.by_indicator[item.indicator]
            if indicator.unit.id in ("scale", "grade", "yes/no") or indicator.reading is Reading.OCCURRENCES:
                continue
            for test in (t for t in tests if t.indicator == item.indicator):
                now = it.looking.verdict(test, 0)
                for move in (step(indicator), -step(indicator)) if item in (*now.for_by, *now.against_by) else ():
                    moved = item._replace(value=round((item.value or 0.0) + move, 6))
                    then = Evidence({item.indicator: tuple(moved if o == item else o for o in held)}, vocabulary)
                    found = then.decide(test, it.as_at)
                    if item.value is not None and (moved.value or 0.0) >= 0 and (
                            bool(found.for_by), bool(found.against_by)) != (bool(now.for_by), bool(now.against_by)):
                        expected.add((item, test, move > 0))
        assert {(n.observation, n.test, (n.instead.value or 0.0) > (n.observation.value or 0.0))
                for n in near(it)} == expected


@settings(max_examples=60)
@given(strategies.rule_bases(), strategies.evidence())
def test_any_rules_and_any_evidence(rules: tuple[Rule, ...], found: tuple[Observation, ...]) -> None:
    """Each item left out, and each with every other value that it might have, on rules and evidence of any shape."""
    last = Rule("nothing-else", Head("result", "nothing", "held"), All(()), order=9)
    bits = Assessor(Knowledge(strategies.VOCABULARY, (*rules, last), {}), "bits")
    it = bits.assess(Case("any", "any", "E", "Any", found), strategies.AS_AT)
    effects = EffectTeller(it).effects
    left_out = [(item, [e for e in effects.get(item, ()) if e.doubt.instead is None]) for item in items(it)]
    stands = ordinary(bits, it, [without(it, item) for item, _ in left_out])
    assert stands == [(promised(it, told) or [unchanged(it)])[0] for _, told in left_out]
    numbers = [(item, item._replace(value=value)) for item in items(it) for value in strategies.VALUES[
        it.knowledge.vocabulary.indicators[item.indicator].unit.id] if item.value is not None and
        it.knowledge.vocabulary.indicators[item.indicator].reading is not Reading.OCCURRENCES]
    stands = ordinary(bits, it, [[*without(it, item), other] for item, other in numbers])
    for (item, other), then in zip(numbers, stands, strict=True):
        assert then in [unchanged(it), *promised(it, effects.get(item, ()))], other


# the answer


def lines(account: Account, group: str) -> list[Line]:
    return [line for top in account.chain if top.title == group for line in top.children]


@pytest.mark.parametrize("name", CASES)
def test_the_sentence_counts_what_is_told_in_words_that_may_be_used(name: str, bits: Assessor, weighed: Of) -> None:
    labels = re.compile("|".join(re.escape(s.label) for s in bits.knowledge.vocabulary.signatures.values()))
    for it, _ in weighed(name):
        account = fragile(it)
        told = lines(account, "Items that would each change the result")
        counted = sum(int(number) for number in re.findall(r"(\d+) (?:more )?would", account.sentence))
        assert counted == len(told), account.sentence
        assert account.sentence.startswith("No single item changes") is not bool(told)
        assert render(account)
        for text in sentences(account):
            assert not never(bits.knowledge).search(labels.sub("", text)), text


def test_each_document_told_is_needed(bits: Assessor, cases: dict[str, Case]) -> None:
    it = bits.assess(cases["northamptonshire"], date(2018, 11, 30))
    told = lines(fragile(it), "Documents")
    titles = {c.title: id for (_, id), c in it.knowledge.conclusions().items()}
    assert len(told) == 2
    for line in told:
        inside = [o for o in items(it) if o.citation.source.title in line.title]
        assert f"It holds {len(inside)} of" in line.small[0]
        result = line.text.removeprefix("Without this document the result would be ").removesuffix(".")
        assert without_each(it, [inside])[0].result == titles[result]


def test_a_rate_on_a_small_base_is_told_with_what_two_years_say(bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases["bradford-2022"]
    few = [o._replace(base=41.0) if o.indicator == "agency_worker_rate" else o for o in case.observations]
    (line,) = lines(fragile(bits.assess(case, date(2022, 1, 25), few)), "Rates on a small base")
    assert line.text.startswith("Only 41 stand behind this rate, fewer than 60: it counts only where the year before")
    assert "It counts in this test: a place in the worst quarter of England's authorities." in line.text
    assert "It leaves this test not known: a rise of " in line.text
    assert line.text.endswith("Without it, the result would be Not enough evidence.")


def test_an_event_said_not_to_have_happened_may_have(bits: Assessor, cases: dict[str, Case]) -> None:
    it = bits.assess(cases["herefordshire"], date(2022, 9, 21))
    told = [e for effects in EffectTeller(it).effects.values() for e in effects if e.doubt.observation.value == 0
            and e.doubt.indicator == "section_114_notice" and e.doubt.instead]
    assert told
    assert all(e.doubt.instead and e.doubt.instead.about.start == e.doubt.observation.about.end for e in told)
    assert "Had it happened once after all, on " in EffectTeller(it).ways(told[0].doubt.observation, [told[0].doubt])


def test_on_a_day_when_nothing_was_known(bits: Assessor, cases: dict[str, Case]) -> None:
    account = fragile(bits.assess(cases["ashby"], date(2000, 1, 1)))
    assert account.sentence == "Nothing was public by then, so there is nothing to leave out."
    assert render(account)


def test_the_order_of_the_evidence_is_irrelevant(bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases["croydon"]
    there = bits.assess(case, date(2020, 2, 3))
    back = bits.assess(case._replace(observations=case.observations[::-1]), date(2020, 2, 3))
    for form in (render, as_json, as_markdown):
        assert form(fragile(there)) == form(fragile(back))


def test_the_command_in_every_format() -> None:
    case = str(EXAMPLES / "ashby.yaml")
    for form, start in (("text", "Ashby (an invented authority): how firm"), ("markdown", "# Ashby"), ("json", "{")):
        done = CliRunner().invoke(sigrisk, ["fragile", case, "--format", form])
        assert done.exit_code == 0
        assert done.stdout.startswith(start)
    told = json.loads(done.stdout)
    assert told["answer"] == "Watch"
    assert told["chain"][0]["children"][0]["text"].startswith("Without it")


@pytest.mark.parametrize(("name", "day"), [("northamptonshire", "2018-11-30"), ("herefordshire", "2022-09-21")])
def test_fragile_in_text(name: str, day: str, assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    golden(f"fragile-{name}-{day}.txt", render(fragile(assessor.assess(cases[name], date.fromisoformat(day)))))
