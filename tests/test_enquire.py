"""Lines of enquiry: every promise of an answer is kept, and no set of up to three answers is missed."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations, product
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import sigrisk
from engine.assess import Asked, Assessment, Assessor
from engine.program import Proposition
from engine.settling import Head, Settled, Settling, open_results
from engine.unknowns import answered
from engine.ways import ways
from explain.account import Account, Line, walk
from explain.enquire import NOTHING_OPEN, SHOWN, enquire, reaches
from explain.render.as_json import render as as_json
from explain.render.markdown import render as as_markdown
from explain.render.text import render
from kb import conditions
from kb.casefiles import read_case
from kb.conditions import LADDERS, All, Rule
from kb.conditions import Head as Concluded
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.load import load
from kb.model import State
from tests.strategies import AS_AT, VOCABULARY, seeded
from tests.test_words import never, our_own

Hold = Callable[[str, str], None]
KNOWN = State.PRESENT, State.NOT_FOUND
TWO = (("derbyshire", "2019-09-30"), ("herefordshire", "2022-07-17"))
DISPUTED = ("west-sussex", "2019-12-17")
ORCHARDS = EXAMPLES / "orchards"


@pytest.fixture(scope="session")
def bits(knowledge: Knowledge) -> Assessor:
    """The evaluator alone: the two engines are held against one another elsewhere."""
    return Assessor(knowledge, "bits")


@pytest.fixture(scope="session")
def gardener() -> Assessor:
    """The second knowledge base, ready to run."""
    loaded, problems = load(ORCHARDS / "rules", ORCHARDS / "kb")
    assert problems == ()
    return Assessor(loaded, "bits")


def at(name: str, day: str, bits: Assessor, cases: dict[str, Case]) -> Assessment:
    return bits.assess(cases[name], date.fromisoformat(day))


def three_days(case: Case) -> list[date]:
    """The first, middle and last day on which something of a case became public."""
    days = sorted({o.known for o in case.observations})
    return sorted({days[0], days[len(days) // 2], days[-1]})


def after(it: Assessment, bits: Assessor, settling: Settling, sets: list[tuple[int, ...]]) -> list[Assessment]:
    """What the ordinary assessor makes of the case with each set of answers added to what is held."""
    held = [o for some in it.looking.column.evidence.by_indicator.values() for o in some]
    return bits.assess_all([Asked(it.case, it.as_at, answered(held, [settling.answers[place] for place in some]))
                            for some in sets])


def lines(account: Account) -> Iterator[Line]:
    return (line for top in account.chain for line in walk(top))


# what is open


def test_open_is_what_is_neither_present_nor_found_not_to_be_so(bits: Assessor, cases: dict[str, Case]) -> None:
    it = at("herefordshire", "2022-07-17", bits, cases)
    found = open_results(it)
    assert found
    assert all(it.head_state(*head) not in KNOWN for head in found)
    results = it.knowledge.results()
    assert {id for kind, id in found if kind == "result"} <= set(results[:results.index(it.result)])
    assert not any(kind == "signature" for kind, _ in found)


def test_a_question_is_what_no_test_has_a_mark_for(bits: Assessor, cases: dict[str, Case]) -> None:
    it = at("derbyshire", "2019-09-30", bits, cases)
    asked = Settling(it).questions
    for question in asked:
        assert not it.knowledge.vocabulary.indicators[question.indicator].context
        verdicts = [it.looking.verdict(test, 0) for test in question.tests]
        assert question.disputed or not any(v.for_by or v.against_by for v in verdicts)
        assert len(question.answers) > 1, "one answer alone would be no question"
    marked = {test.indicator for atom, _ in it.program.atoms for test in atom.tests
              if it.looking.verdict(test, 0).for_by}
    assert marked
    assert marked.isdisjoint(question.indicator for question in asked if not question.of and not question.disputed)


# what answers settle


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_every_promise_is_kept(name: str, bits: Assessor, cases: dict[str, Case]) -> None:
    for day in three_days(cases[name]):
        it = bits.assess(cases[name], day)
        settling = Settling(it)
        assert settling.beyond == []
        promised = [(some, head, state) for head, settled in settling.settled.items()
                    for some, state in settled.items()]
        alone = [one for one in promised if len(one[0]) == 1]
        several = [one for one in promised if len(one[0]) > 1]
        tried = [*alone[:20], *several[::max(len(several) // 20, 1)]]
        for (some, head, state), then in zip(tried, after(it, bits, settling, [some for some, _, _ in tried]),
                                             strict=True):
            assert it.head_state(*head) not in KNOWN
            assert then.head_state(*head) is state, (name, day, head, [settling.answers[p].indicator for p in some])


def smallest(found: dict[Head, Settled]) -> dict[Head, Settled]:
    """Those sets of which no smaller part settles the same result."""
    return {head: {some: state for some, state in settled.items() if not any(
        part in settled for size in range(1, len(some)) for part in combinations(some, size))}
        for head, settled in found.items()}


def every_set(settling: Settling, most: int) -> list[tuple[int, ...]]:
    """All sets of up to so many answers, none of them to the same question."""
    return [some for size in range(1, most + 1) for some in combinations(range(len(settling.answers)), size)
            if len({settling.question_of[place] for place in some}) == size]


def by_columns(settling: Settling, most: int) -> dict[Head, Settled]:
    """By trying every set, in evaluations that are as wide as need be."""
    found: dict[Head, Settled] = {head: {} for head in settling.heads}
    sets = every_set(settling, most)
    for start in range(0, len(sets), 1 << 16):
        some = sets[start:start + (1 << 16)]
        columns = settling.combinations.evaluate(some)
        for head, top in settling.tops.items():
            for state, there in ((State.PRESENT, columns.present(top)), (State.NOT_FOUND, columns.not_found(top))):
                found[head] |= {one: state for column, one in enumerate(some) if there >> column & 1}
    return smallest(found)


@pytest.mark.parametrize(("name", "day"), [*TWO, DISPUTED, ("croydon", "2020-11-11"), ("ashby", "2025-05-20")])
def test_no_set_of_two_answers_is_missed(name: str, day: str, bits: Assessor, cases: dict[str, Case]) -> None:
    settling = Settling(at(name, day, bits, cases))
    upto_two = {head: {some: state for some, state in settled.items() if len(some) < 3}
                for head, settled in settling.settled.items()}
    assert upto_two == by_columns(settling, 2)
    assert any(upto_two.values())


def test_no_set_of_three_answers_is_missed(bits: Assessor, cases: dict[str, Case]) -> None:
    settling = Settling(at("oakshire", "2025-06-19", bits, cases))
    assert settling.settled == by_columns(settling, 3)
    assert any(len(some) == 3 for settled in settling.settled.values() for some in settled)


@pytest.mark.parametrize("name", ["quince-hill", "medlar-green"])
def test_nor_on_the_second_knowledge_base(name: str, gardener: Assessor) -> None:
    case, _ = read_case(ORCHARDS / f"{name}.yaml", gardener.knowledge.vocabulary)
    assert case is not None
    for day in three_days(case):
        settling = Settling(gardener.assess(case, day))
        assert settling.settled == by_columns(settling, 3)


NOTHING = Rule("nothing", Concluded("result", "nothing", "held"), All(()), order=9)


@pytest.mark.parametrize("start", [0, 20, 40, 80, 460, 940])
def test_nor_of_random_rules_and_evidence(start: int) -> None:
    """Rules with exceptions, refutations, periods, demands for two kinds of evidence; evidence with disputes."""
    tried = 0
    for seed in range(start, start + 20):
        rules, observations = seeded(seed)
        assessor = Assessor(Knowledge(VOCABULARY, (*rules, NOTHING), {}), "bits")
        case = Case("random", "Random", "E0", "Anyshire", observations)
        it = assessor.assess(case, AS_AT)
        settling = Settling(it)
        found: dict[Head, Settled] = {head: {} for head in settling.heads}
        sets = every_set(settling, 3)
        for some, then in zip(sets, after(it, assessor, settling, sets) if sets else (), strict=True):
            for head in settling.heads:
                if then.head_state(*head) in KNOWN:
                    found[head][some] = then.head_state(*head)
        assert settling.settled == smallest(found), seed
        tried += sum(map(len, settling.settled.values()))
    assert tried


# ways


def test_ways_are_counted_exactly(bits: Assessor, cases: dict[str, Case]) -> None:
    """Each way assessed by itself: one answer to each of the questions that bear on the result."""
    it = at("derbyshire", "2019-09-30", bits, cases)
    settling, small = Settling(it), 0
    for head in settling.heads:
        found = ways(settling, head)
        if found.total > 64 or not found.questions:
            continue
        small += 1
        below = set(_below(it, it.program.heads[_lowest(head)]))
        asked = {test for atom, node in it.program.atoms if node in below for test in atom.tests}
        bearing = [_differing(it, bits, settling, question.answers, asked) for question in settling.questions
                   if asked & set(question.tests)]
        each = after(it, bits, settling, list(product(*bearing)))
        assert (found.total, found.looked_at, found.questions) == (len(each), len(each), len(bearing)), head
        states = [then.head_state(*head) for then in each]
        assert (found.present, found.not_found) == (states.count(State.PRESENT), states.count(State.NOT_FOUND)), head
    assert small > 5


def _lowest(head: Head) -> Proposition:
    return Proposition(*head, LADDERS[head[0]][0])


def _below(it: Assessment, top: int) -> Iterator[int]:
    yield top
    for arg in it.program.nodes[top].args:
        yield from _below(it, arg)


def _differing(it: Assessment, bits: Assessor, settling: Settling, places: tuple[int, ...], asked: set[conditions.Test],
               ) -> list[int]:
    """The answers to a question on which the tests asked do not say the same."""
    found: dict[object, int] = {}
    for place, then in zip(places, after(it, bits, settling, [(place,) for place in places]), strict=True):
        key = tuple((str(test), bool(v.for_by), bool(v.against_by)) for test in sorted(asked, key=str)
                    for v in [then.looking.verdict(test, 0)])
        found.setdefault(key, place)
    return list(found.values())


def test_ways_are_drawn_and_said_to_be_where_there_are_too_many(bits: Assessor, cases: dict[str, Case]) -> None:
    it = at("derbyshire", "2019-09-30", bits, cases)
    settling = Settling(it)
    found = ways(settling, ("result", "watch"))
    assert found == ways(Settling(it), ("result", "watch")), "the same ways are drawn each time"
    assert found.drawn
    assert found.questions > 20
    told = render(enquire(it, counted=True))
    assert "drawn by a fixed scheme" in told
    assert "no measure of how likely" in " ".join(told.split())
    assert "drawn by a fixed scheme" not in render(enquire(it)), "only where it is asked for"


# in words


@pytest.mark.parametrize(("name", "day"), TWO)
def test_enquire_in_text(name: str, day: str, bits: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    golden(f"enquire-{name}-{day}.txt", render(enquire(at(name, day, bits, cases))))


def test_enquire_in_markdown_with_ways(gardener: Assessor, golden: Hold) -> None:
    case, _ = read_case(ORCHARDS / "medlar-green.yaml", gardener.knowledge.vocabulary)
    assert case is not None
    golden("enquire-medlar-green.md", as_markdown(enquire(gardener.assess(case, date(2025, 2, 17)), counted=True)))


def test_questions_come_in_the_order_of_what_they_could_settle(bits: Assessor, cases: dict[str, Case]) -> None:
    it = at("herefordshire", "2022-07-17", bits, cases)
    found = reaches(Settling(it))
    alone = [len(reach.heads[0]) for reach in found]
    assert alone == sorted(alone, reverse=True)
    assert alone[0] > alone[-1]
    account = enquire(it)
    told = [line for line in account.chain if line.role == "question"]
    assert len(told) == SHOWN
    assert told[0].id == found[0].question.indicator
    assert account.chain[-1].role == "fold"
    everything = enquire(it, every=True)
    assert len([line for line in everything.chain if line.role == "question"]) == sum(any(r.heads) for r in found)


def test_each_question_says_what_to_ask_whom_and_what_answers_mean(bits: Assessor, cases: dict[str, Case]) -> None:
    it = at("derbyshire", "2019-09-30", bits, cases)
    asking, categories = it.knowledge.vocabulary.asking, it.knowledge.vocabulary.categories
    for question in (line for line in enquire(it).chain if line.role == "question"):
        why, how, plans, answers, *_ = question.children
        assert asking.know in question.title
        assert (how.title, plans.title) == (asking.how, asking.plans)
        assert it.knowledge.vocabulary.indicators[question.id].title.rstrip(".") in how.text
        assert any(category.who_can_act in plans.text for category in categories.values())
        assert why.title.startswith("Asked because it could settle")
        assert len({answer.title for answer in answers.children}) == len(answers.children) > 1


def test_where_sources_disagree_both_are_named(bits: Assessor, cases: dict[str, Case]) -> None:
    account = enquire(at(*DISPUTED, bits, cases))
    assert "Contested: Little reliable sight of practice." in account.facts
    (question,) = [line for line in account.chain if "which of the sources is right?" in line.title]
    sides = question.children[3].children
    assert [line.title.startswith("If this is right:") for line in sides] == [True, True]
    assert all(line.quoted for line in sides)
    assert sides[0].quoted != sides[1].quoted
    assert "This would hold: Little reliable sight of practice." in sides[0].text


def test_nothing_open_is_an_answer(bits: Assessor, cases: dict[str, Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.settling.open_results", lambda _: ())
    account = enquire(at("oakshire", "2025-06-19", bits, cases), counted=True)
    assert account.sentence == NOTHING_OPEN
    assert account.chain == ()
    assert "no results open" in render(account)


def test_every_word_may_be_said(bits: Assessor, cases: dict[str, Case], knowledge: Knowledge) -> None:
    wrong = never(knowledge)
    labels = [s.label for s in knowledge.vocabulary.signatures.values()]
    for case in cases.values():
        assert case.latest_known is not None
        account = enquire(bits.assess(case, case.latest_known), every=True, counted=case.id in ("ashby", "croydon"))
        said = [*account.facts, account.answer, account.sentence]
        said += [text for line in lines(account) for text in our_own(line)]
        for text in said:
            for label in labels:  # the seed's own words for its signatures are quotations
                text = text.replace(label, "")
            assert not wrong.search(text), f"{case.id}: {text}"
            assert "likely" not in text or "no measure of how likely" in text


@pytest.mark.parametrize("form", [render, as_json, as_markdown])
def test_the_order_of_what_is_held_is_irrelevant(form: Callable[[Account], str], bits: Assessor,
                                                 cases: dict[str, Case]) -> None:
    case, day = cases["herefordshire"], date(2022, 7, 17)
    one, other = (bits.assess(case, day, held) for held in (case.observations, case.observations[::-1]))
    assert form(enquire(one, counted=True)) == form(enquire(other, counted=True))


# the command


def ask(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(sigrisk, ("enquire", *words))
    return done.exit_code, done.stdout, done.stderr


def test_the_command_in_every_format(tmp_path: Path) -> None:
    case = str(EXAMPLES / "ashby.yaml")
    code, text, _ = ask(case)
    assert (code, "What each answer would mean" in text) == (0, True)
    code, told, _ = ask(case, "--format", "json", "--ways")
    chain = json.loads(told)["chain"]
    assert (code, chain[-1]["title"]) == (0, "Ways in which the open answers could turn out")
    out = tmp_path / "ask.md"
    code, _, said = ask(case, "--format", "markdown", "-o", str(out))
    assert (code, said.startswith("written to")) == (0, True)
    assert out.read_text(encoding="utf-8").startswith("# Ashby")


@pytest.mark.parametrize(("words", "code", "says"), [
    (("nowhere.yaml",), 3, "nowhere.yaml"),
    ((str(EXAMPLES / "ashby.yaml"), "--as-at", "yesterday"), 2, "is not a date"),
    ((str(EXAMPLES / "ashby.yaml"), "--format", "picture"), 2, "'picture' is not one of"),
])
def test_what_cannot_be_asked_ends_with_one_clear_line(words: tuple[str, ...], code: int, says: str) -> None:
    found, _, said = ask(*words)
    assert found == code
    assert says in said
    assert "Traceback" not in said
