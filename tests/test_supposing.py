"""Why not, and what if: every miss is one, and every change that is claimed is what two assessments show."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import sigrisk
from engine.assess import Asked, Assessment, Assessor
from engine.supposing import before_and_after
from explain.account import Account, Line, walk
from explain.distances import distance
from explain.render.as_json import render as as_json
from explain.render.text import render
from explain.whatif import Supposed, changes, heads, what_if
from explain.whynot import why_not
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.load import load
from kb.model import State
from kb.suppositions import SUPPOSED, read_supposition, suppose
from tests.test_words import never, our_own

Hold = Callable[[str, str], None]
FOUR = (("derbyshire", "2019-09-30"), ("ashby", "2025-05-20"), ("northamptonshire", "2018-11-30"),
        ("croydon", "2020-02-03"))


@pytest.fixture(scope="session")
def bits(knowledge: Knowledge) -> Assessor:
    """The evaluator alone: the two engines are held against one another elsewhere."""
    return Assessor(knowledge, "bits")


def without_engine(text: str) -> str:
    told = text.replace("durable-rules, confirmed by the bit-plane evaluator", "ENGINE")
    return told.replace("the bit-plane evaluator alone", "ENGINE")


def told_by_us(line: Line, knowledge: Knowledge) -> str:
    """A line's own words without the names of signatures, which are quotations."""
    labels = re.compile("|".join(re.escape(s.label) for s in knowledge.vocabulary.signatures.values()))
    return labels.sub("", "\n".join(our_own(line)))


def lines(account: Account) -> Iterator[Line]:
    return (line for top in account.chain for line in walk(top))


def ask(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(sigrisk, words)
    return done.exit_code, done.stdout, done.stderr


# why not


@pytest.mark.parametrize(("name", "day"), FOUR)
def test_why_not_of_every_conclusion(name: str, day: str, bits: Assessor, cases: dict[str, Case]) -> None:
    it = bits.assess(cases[name], date.fromisoformat(day))
    wrong = never(it.knowledge)
    for kind, id in (*heads(it), *(("result", id) for id in it.knowledge.results())):
        account = why_not(it, (kind, id))
        assert render(account)
        holds = it.head_state(kind, id) is State.PRESENT
        assert json.loads(as_json(account))["section"] == ("It holds" if holds else "Why not")
        assert bool(account.chain)
        assert not (holds and account.chain[0].children), "what holds is opened by `why`"
        assert ("is present" in account.sentence) is holds
        for line in lines(account):
            assert not wrong.search(told_by_us(line, it.knowledge)), line
            check(it, line)


def check(it: Assessment, line: Line) -> None:
    """What is said to hold does hold, by the assessment itself and not by who tells it."""
    if line.role == "way":
        (rule,) = [r for r in it.knowledge.rules if line.key == f"way {r.id}"]
        assert it.state(it.program.rules[rule.id]) is line.state
        assert line.state is not State.PRESENT
    if line.role in ("signature", "mechanism", "picture") and line.state is State.PRESENT:
        assert it.head_state(line.role, line.id) is State.PRESENT
    if line.role == "test" and line.state is State.PRESENT:
        verdicts = [v for (test, _), v in it.looking.decided.items() if line.about == f"test {test}"]
        assert any(v.for_by and not v.against_by for v in verdicts)


@pytest.mark.parametrize(("name", "day"), FOUR)
def test_the_nearest_miss_comes_first(name: str, day: str, bits: Assessor, cases: dict[str, Case]) -> None:
    from explain.whynot import MissTeller

    it = bits.assess(cases[name], date.fromisoformat(day))
    for kind, id in heads(it):
        if kind != "signature" and it.head_state(kind, id) is not State.PRESENT:
            teller, keys = MissTeller(it), [line.key for line in why_not(it, (kind, id)).chain]
            node = it.program.head(kind, id, "held" if kind == "channel" else "watch")
            assert node is not None
            ways = {f"way {r.id}": (r, teller.miss(r, arg)) for r, arg in teller.ways(kind, id, node)}
            told = [ways[key] for key in keys]
            found = [(m.not_so + m.stopped, m.not_known + m.contested) for r, m in told if not r.head.raised_from]
            assert found == sorted(found)
            assert not told[0][0].head.raised_from, "a level is not raised before it is reached"
            assert set(keys) == {f"way {r.id}" for r in it.knowledge.in_force
                                 if (r.head.kind, r.head.id) == (kind, id) and r.head.found}


def test_why_not_in_text(assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    asked = assessor.assess(cases["derbyshire"], date(2019, 9, 30))
    golden("why-not-derbyshire-2019-09-30.txt",
           without_engine(render(why_not(asked, ("mechanism", "churn-under-cuts")))))


@pytest.mark.parametrize("name", ["derbyshire", "ashby", "essex", "bradford-2018", "herefordshire"])
def test_a_distance_lies_on_the_side_that_the_test_says(name: str, bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases[name]
    it = bits.assess(case, case.latest_known)  # type: ignore[arg-type]
    told = 0
    for test in {test for atom, _ in it.program.atoms for test in atom.tests}:
        verdict = it.looking.verdict(test, 0)
        text = distance(test, verdict, it.knowledge, it.as_at)
        upward = test.comparator in ("at least", "above")
        if text and test.rise_over is None and " of the " not in text and not verdict.disputed:
            told += 1
            beyond = "above" in text if upward else "below" in text
            assert "exactly at" in text or beyond is bool(verdict.for_by), (str(test), text)
    assert told


# what if


def as_supposed(bits: Assessor, case: Case, day: date, *sets: str, unsets: tuple[str, ...] = (),
                ) -> tuple[Assessment, Assessment, Account]:
    supposition, problems = read_supposition(sets, unsets, bits.knowledge, day)
    assert problems == ()
    observations, gone = suppose(case.observations, supposition, bits.knowledge.vocabulary)
    before, after = before_and_after(bits, Asked(case, day), observations, supposition.given)
    return before, after, what_if(before, after, Supposed(supposition.given, supposition.added, gone))


@settings(max_examples=60)
@given(data=st.data())
def test_the_changes_are_those_of_two_assessments(data: st.DataObject, bits: Assessor,
                                                  cases: dict[str, Case]) -> None:
    case = cases[data.draw(st.sampled_from(sorted(cases)))]
    day = data.draw(st.sampled_from(sorted({o.known for o in case.observations})))
    indicators = bits.knowledge.vocabulary.indicators
    chosen = data.draw(st.lists(st.sampled_from(sorted(i for i, one in indicators.items() if not one.qualifiers)),
                                min_size=1, max_size=3, unique=True))
    sets = tuple(f"{id}={data.draw(amounts(indicators[id].unit.id, indicators[id].values))}" for id in chosen)
    before, after, account = as_supposed(bits, case, day, *sets)
    supposition, _ = read_supposition(sets, (), bits.knowledge, day)
    then, _ = suppose(case.observations, supposition, bits.knowledge.vocabulary)
    apart = [bits.assess(case, day), bits.assess(case, day, then)]
    assert [before.result, after.result] == [one.result for one in apart]
    stood = [[(one.head_state(*head), one.level(*head) or "") for head in heads(one)] for one in apart]
    expected = {head: (was, now) for head, was, now in zip(heads(apart[0]), *stood, strict=True) if was != now}
    assert {(c.kind, c.id): (c.before, c.after) for c in changes(before, after)} == expected
    told = {(line.role, line.id) for group in account.chain if group.title != "What stays for another reason"
            for line in group.children if line.role != "supposed"}
    assert told == set(expected)
    assert account.sentence.startswith("This is a supposition and not evidence")


def amounts(unit: str, words: tuple[str, ...]) -> st.SearchStrategy[str]:
    if unit == "yes/no":
        return st.sampled_from(["yes", "no"])
    if unit == "grade":
        return st.sampled_from(words)
    return st.integers(0, 3 if unit == "scale" else 100).map(str)


@settings(max_examples=40)
@given(data=st.data())
def test_what_is_set_and_then_unset_leaves_the_case_as_it_was(data: st.DataObject, bits: Assessor,
                                                              cases: dict[str, Case]) -> None:
    case = cases[data.draw(st.sampled_from(sorted(cases)))]
    day = case.latest_known
    assert day is not None
    held = {o.indicator for o in case.observations}
    indicators = bits.knowledge.vocabulary.indicators
    id = data.draw(st.sampled_from(sorted(i for i in indicators.keys() - held if not indicators[i].qualifiers)))
    value = data.draw(amounts(indicators[id].unit.id, indicators[id].values))
    vocabulary = bits.knowledge.vocabulary
    with_it, _ = suppose(case.observations, read_supposition([f"{id}={value}"], [], bits.knowledge, day)[0], vocabulary)
    again, gone = suppose(with_it, read_supposition([], [id], bits.knowledge, day)[0], vocabulary)
    assert again == list(case.observations)
    assert [o.citation.source.title for o in gone] == [SUPPOSED]


def test_a_signature_supposed_and_left_unmarked(bits: Assessor, cases: dict[str, Case]) -> None:
    day = date(2025, 5, 20)
    _, present, account = as_supposed(bits, cases["ashby"], day, "A1=strong")
    assert present.level("signature", "A1") == "strong"
    assert "supposed, whatever the evidence says" in render(account)
    _, without, _ = as_supposed(bits, cases["ashby"], day, unsets=("A2",))
    assert without.head_state("signature", "A2") is State.NOT_KNOWN
    _, away, _ = as_supposed(bits, cases["ashby"], day, unsets=("director_changes",))
    assert without.result == away.result


def test_a_state_that_is_supposed_as_it_already_is_changes_nothing(bits: Assessor, cases: dict[str, Case]) -> None:
    before, after, _ = as_supposed(bits, cases["ashby"], date(2025, 5, 20), "A2=strong", "C7=weak")
    assert changes(before, after) == ()


def test_what_stays_for_another_reason(bits: Assessor, cases: dict[str, Case]) -> None:
    before, after, account = as_supposed(bits, cases["ashby"], date(2025, 5, 20), "agency_worker_rate=60 per cent")
    (stays,) = [group for group in account.chain if group.title == "What stays for another reason"]
    for line in stays.children:
        assert before.level(line.role, line.id) == after.level(line.role, line.id) is not None
        assert any(told.title.startswith(("no longer", "now")) for told in line.children)


def test_an_event_more_is_added_and_a_number_is_replaced(bits: Assessor, cases: dict[str, Case]) -> None:
    case, knowledge = cases["ashby"], bits.knowledge
    day = date(2025, 5, 20)
    more, _ = read_supposition(["director_changes=1@2025-05-01", "average_caseload=20"], [], knowledge, day)
    then, gone = suppose(case.observations, more, knowledge.vocabulary)
    assert len(then) == len(case.observations) + 1
    assert [o.indicator for o in gone] == ["average_caseload"]


def test_what_if_in_text(assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    _, _, account = as_supposed(assessor, cases["ashby"], date(2025, 5, 20), unsets=("director_changes",))
    golden("what-if-ashby-unset-director-changes.txt", without_engine(render(account)))


def test_the_order_of_a_case_file_changes_nothing(bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases["ashby"]
    turned = case._replace(observations=tuple(reversed(case.observations)))
    sets = ("average_caseload=20", "director_changes=none", "A5=not found")
    told = [as_json(as_supposed(bits, one, date(2025, 5, 20), *sets)[2]) for one in (case, turned)]
    assert told[0] == told[1]
    told = [as_json(why_not(bits.assess(one, date(2025, 5, 20)), ("signature", "B2"))) for one in (case, turned)]
    assert told[0] == told[1]


def test_a_protective_sign_that_is_a_test_can_be_supposed(bits: Assessor, cases: dict[str, Case]) -> None:
    signs = bits.knowledge.vocabulary.protective
    id = next(id for id in signs if id not in bits.knowledge.vocabulary.indicators)
    _, _, account = as_supposed(bits, cases["ashby"], date(2025, 5, 20), f"{id}=yes")
    assert signs[id].title in render(account)
    as_supposed(bits, cases["ashby"], date(2025, 5, 20), unsets=(id,))


def test_no_what_if_uses_a_word_that_is_never_said(bits: Assessor, cases: dict[str, Case]) -> None:
    wrong = never(bits.knowledge)
    for sets in (("A1=strong",), ("agency_worker_rate=60",), ("judgement_outcome:overall=good",)):
        _, _, account = as_supposed(bits, cases["ashby"], date(2025, 5, 20), *sets)
        for text in (account.answer, account.sentence, *account.facts,
                     *(told_by_us(line, bits.knowledge) for line in lines(account))):
            assert not wrong.search(text), text


# the commands


def test_the_commands_answer() -> None:
    code, out, _ = ask("why-not", "examples/ashby.yaml", "A2")
    assert (code, "is present (strong)" in out) == (0, True)
    code, out, _ = ask("what-if", "examples/ashby.yaml", "--unset", "director_changes", "--format", "json")
    assert code == 0
    assert json.loads(out)["answer"] == "Watch as it is; Not enough evidence as supposed"


@pytest.mark.parametrize("words", [("why-not", "examples/ashby.yaml", "B2"),
                                   ("what-if", "examples/ashby.yaml", "--unset", "A2")])
def test_in_markdown(words: tuple[str, ...]) -> None:
    code, out, err = ask(*words, "--format", "markdown")
    assert (code, err) == (0, "")
    assert out.startswith("# Ashby")
    assert ("supposition and not evidence" in out) is (words[0] == "what-if")


def test_a_case_of_the_same_authority_is_added(tmp_path: Path) -> None:
    text = (EXAMPLES / "ashby.yaml").read_text(encoding="utf-8")
    fewer = tmp_path / "ashby.yaml"
    fewer.write_text(text[:text.index("  - indicator: management_restructure")], encoding="utf-8")
    code, out, err = ask("what-if", str(fewer), "--add", str(EXAMPLES / "ashby.yaml"), "--engine", "bits")
    assert code == 0, err
    assert "Not enough evidence as it is; Watch as supposed" in out


@pytest.mark.parametrize(("words", "said"), [
    (("--set", "agency_worker_rat=12"), "agency_worker_rate"), (("--set", "agency_worker_rate=many"), "not a number"),
    (("--set", "average_caseload=9 cats"), "not the unit"), (("--set", "A2"), "NAME=VALUE"),
    (("--set", "A2=huge"), "one of"), (("--set", "A2=present@2025-01-01"), "without a date"),
    (("--set", "A2=weak", "--unset", "A2"), "twice"), (("--set", "watch=present"), "cannot be supposed"),
    (("--set", "average_caseload=9@2030-01-01"), "after the date"), (("--set", "average_caseload=9@soon"), "a date"),
    (("--unset", "vacancy_rate"), "nothing is known"), (("--unset", "A22"), "did you mean"),
    ((), "nothing is supposed"),
    (("--set", "A2=weak", "--engine", "rete"), "leave --engine out"),
    (("--add", "examples/carden.yaml"), "same authority"), (("--set", "average_caseload=not known"), "--unset"),
    (("--set", "judgement_outcome:overal=good"), "overall"), (("--set", "A2:overall=strong"), "no area"),
])
def test_a_question_that_cannot_be_asked_gets_one_line(words: tuple[str, ...], said: str) -> None:
    code, out, err = ask("what-if", "examples/ashby.yaml", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_another_knowledge_base_is_asked_in_the_same_way() -> None:
    orchards = EXAMPLES / "orchards"
    where = ("--rules", str(orchards / "rules"), "--kb", str(orchards / "kb"))
    case = min(orchards.glob("*.yaml"))
    knowledge, problems = load(orchards / "rules", orchards / "kb")
    assert problems == ()
    for id in sorted(knowledge.names()):
        code, out, err = ask("why-not", str(case), id, *where)
        assert (code, err) == (0, ""), err
        assert "Why not" in out or "It holds" in out


def test_why_not_of_something_unknown_is_one_line() -> None:
    code, out, err = ask("why-not", "examples/ashby.yaml", "churn-under-cut")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "churn-under-cuts" in err
