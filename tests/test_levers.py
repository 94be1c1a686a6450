"""Levers: what is said to turn a conclusion does, nothing smaller does, and one step short does not."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alternatives import Alternative, alternatives
from engine.assess import Asked, Assessment, Assessor
from engine.combinations import Combinations, Set
from engine.cones import cone
from engine.turning import Turning
from explain.account import walk
from explain.levers import Aim, aims, levers
from explain.render.markdown import render as as_markdown
from explain.render.text import render
from kb.conditions import LADDERS
from kb.dossier import Case, Observation
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.model import State
from tests.test_supposing import told_by_us
from tests.test_words import never

Hold = Callable[[str, str], None]
SMALL = 40
"""Up to so many alternatives every set of three is tried; of two, always."""
MOST = 30
"""Of more sets than these some are assessed, evenly chosen; each is a column of the evaluation that found it."""


@pytest.fixture(scope="session")
def bits(knowledge: Knowledge) -> Assessor:
    return Assessor(knowledge, "bits")


@pytest.fixture(scope="session")
def assessed(bits: Assessor, cases: dict[str, Case]) -> list[Assessment]:
    """Every shipped case at three dates: the first, the middle and the last on which something became known."""
    asked = [Asked(case, day) for case in cases.values() for days in [sorted({o.known for o in case.observations})]
             for day in (days[0], days[len(days) // 2], days[-1])]
    return bits.assess_all(asked)


@pytest.fixture(params=sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def three(request: pytest.FixtureRequest, assessed: list[Assessment]) -> list[Assessment]:
    """One case at its three dates."""
    return [assessment for assessment in assessed if assessment.case.place.file.endswith(f"{request.param}.yaml")]


def otherwise(assessment: Assessment, changes: list[tuple[Alternative, tuple[Observation, ...]]]) -> list[Observation]:
    """All that would be held, with the evidence on some indicators instead of what is held of them."""
    changed = {one.indicator for one, _ in changes}
    kept = [o for o in assessment.case.observations if o.indicator not in changed]
    return [*kept, *(o for _, evidence in changes for o in evidence)]


def goals(assessment: Assessment) -> Iterator[Aim]:
    """What would clear every conclusion that is present, and what would raise the result."""
    for kind, id in sorted(assessment.knowledge.conclusions()):
        if kind != "result" and assessment.head_state(kind, id) in (State.PRESENT, State.CONTESTED):
            yield Aim(kind, id, LADDERS[kind][0], True)
    yield from aims(assessment, ("result", assessment.result))


def turning(assessment: Assessment, aim: Aim) -> Turning:
    node = assessment.program.head(aim.kind, aim.id, aim.level)
    assert node is not None
    return Turning(assessment, node, aim.clears)


def reached(assessment: Assessment, aim: Aim) -> bool:
    state = assessment.head_state(aim.kind, aim.id, aim.level)
    return state not in (State.PRESENT, State.CONTESTED) if aim.clears else state is State.PRESENT


def test_every_lever_does_what_it_says_and_one_step_short_does_not(three: list[Assessment], bits: Assessor) -> None:
    """By the ordinary assessment of the case with other observations, not by the evaluation that found them."""
    asked: list[tuple[Aim, bool, Asked]] = []
    for assessment in three:
        for aim in goals(assessment):
            it = turning(assessment, aim)
            turn = it.smallest(range(len(it.alternatives)), 3)
            short = it.fails_short(turn.sets)
            for some in turn.sets[::len(turn.sets) // MOST + 1]:
                chosen = [(it.alternatives[place], it.alternatives[place].evidence) for place in some]
                asked.append((aim, True, Asked(assessment.case, assessment.as_at, otherwise(assessment, chosen))))
                for place in some:
                    one = it.alternatives[place]
                    assert (one.short is None) or (some, place) in short
                    if one.short is not None:
                        stopped = [(one, one.evidence_short) if c is one else (c, e) for c, e in chosen]
                        held = otherwise(assessment, stopped)
                        asked.append((aim, False, Asked(assessment.case, assessment.as_at, held)))
    assert len(three) == 3
    assert asked
    for (aim, does, one), then in zip(asked, bits.assess_all([one for *_, one in asked]), strict=True):
        assert reached(then, aim) is does, (aim, does, one.case.id, one.as_at)


def test_no_smaller_set_does_it_and_none_of_the_same_size_is_left_out(three: list[Assessment]) -> None:
    """Brute force over every alternative, none left aside: up to three changes where they are few, else up to two."""
    tried = 0
    for assessment in three:
        for aim in goals(assessment):
            it = turning(assessment, aim)
            every = range(len(it.alternatives))
            most = 3 if len(every) <= SMALL else 2
            turn = it.smallest(every, most)
            found = list[Set]()
            for size in range(1, most + 1):
                sets = [some for some in combinations(every, size) if it._apart(some)]
                tried += len(sets)
                found = it.working(sets)
                if found:
                    break
            assert {len(some) for some in found} == {len(some) for some in turn.sets}
            assert set(turn.sets) <= set(found)
            for some in found:
                nearer = product(*map(it._no_further, some))
                assert set(turn.sets) & {tuple(sorted(other)) for other in nearer}, (aim, assessment.case.id)
    assert tried


@settings(max_examples=30)
@given(st.data())
def test_a_column_is_an_assessment(assessed: list[Assessment], bits: Assessor, data: st.DataObject) -> None:
    """Any few alternatives together: every mark of the wide evaluation is that of the ordinary one."""
    assessment = data.draw(st.sampled_from(assessed), "case and date")
    whole = cone(bits.program, range(len(bits.program.nodes)))
    every = alternatives(assessment, [test for atom, _ in bits.program.atoms for test in atom.tests])
    places = data.draw(st.lists(st.integers(0, len(every) - 1), max_size=4, unique_by=lambda p: every[p].indicator))
    wide = Combinations(assessment, whole, every).evaluate([(), tuple(sorted(places))])
    held = otherwise(assessment, [(every[p], every[p].evidence) for p in places])
    then = bits.assess(assessment.case, assessment.as_at, held)
    for node in range(len(bits.program.nodes)):
        assert (wide.present(node) >> 1 & 1) == (then.state(node) is State.PRESENT)
        assert (wide.not_found(node) >> 1 & 1) == (then.state(node) is State.NOT_FOUND)
        assert (wide.shown(node) & 1) == (assessment.model[node][0] != 0)


def test_alternatives_are_not_what_is_held_and_lie_in_their_unit(assessed: list[Assessment]) -> None:
    """None has a value that is held now, none is of a later day, and what is not touched is held as before."""
    for assessment in assessed:
        tests = [test for atom, _ in assessment.program.atoms for test in atom.tests]
        for one in alternatives(assessment, tests):
            unit = assessment.knowledge.vocabulary.indicators[one.indicator].unit
            assert one.value not in {o.value for o in one.held[:1]} or unit.id == "times"
            assert 0 <= one.value <= (100 if unit.share else float("inf")) or unit.id == "points"
            assert all(o.indicator == one.indicator for o in one.evidence)
            new = set(one.evidence) - set(assessment.case.observations)
            assert all(o.known <= assessment.as_at for o in new)


def test_the_account_says_what_can_be_done_and_no_more_than_that(assessed: list[Assessment]) -> None:
    for assessment in assessed[::6]:
        account = levers(assessment, ("result", assessment.result))
        text = "\n".join([account.sentence, *account.facts, *(
            told_by_us(inner, assessment.knowledge) for line in account.chain for inner in walk(line))])
        assert not never(assessment.knowledge).search(text)
        assert as_markdown(account)


@pytest.mark.parametrize(("case", "day", "conclusion"), [
    ("northamptonshire", "2018-11-30", ""), ("ashby", "2025-05-20", "churn-under-cuts")])
def test_the_answer_as_text(bits: Assessor, cases: dict[str, Case], golden: Hold, case: str, day: str,
                            conclusion: str) -> None:
    assessment = bits.assess(cases[case], date.fromisoformat(day))
    target = ("mechanism", conclusion) if conclusion else ("result", assessment.result)
    golden(f"levers-{case}-{conclusion or day}.txt", render(levers(assessment, target)))
