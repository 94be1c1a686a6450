"""Nothing is said of an authority but in words that may be used: every sentence of every answer, at many dates."""

import re
from collections.abc import Iterator

import pytest

from engine.assess import Asked, Assessment, Assessor
from explain import words
from explain.account import Account, Line, walk
from explain.answer import overview, why
from kb.conditions import conditions_of
from kb.dossier import Case
from kb.knowledge import Knowledge, either
from kb.model import State

OF_THE_CASE_FILE = ("note", "response")
"""Lines whose text is the case file's own: shown as on file, or as the authority's answer."""


def our_own(line: Line) -> Iterator[str]:
    """What a line says in our words: not what it quotes, and nothing between quotation marks."""
    said = (line.title, line.text, line.value, line.tally, *line.flags, *line.small)
    for text in said if line.role not in OF_THE_CASE_FILE else ():
        yield re.sub(r'"[^"]*"', "", text)


def sentences(account: Account) -> Iterator[str]:
    """Every sentence of ours in an account; the disclaimers under it are exempt, and marked by standing there."""
    yield from (re.sub(r'"[^"]*"', "", text) for text in (account.answer, account.sentence, *account.facts))
    for part in (account.chain, account.missing, account.held, account.notes, account.responses):
        for line in (inner for top in part for inner in walk(top)):
            yield from our_own(line)


def never(knowledge: Knowledge) -> re.Pattern[str]:
    said = "|".join(re.escape(word) for word in knowledge.vocabulary.never_said)
    return re.compile(rf"\b(?:{said})\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def found(assessor: Assessor, cases: dict[str, Case]) -> list[Assessment]:
    """Every case at its first, middle and last date, and on every publication of an outcome."""
    asked = []
    for case in cases.values():
        days = sorted({o.known for o in case.observations})
        chosen = {days[0], days[len(days) // 2], days[-1], *(o.published for o in case.outcomes)}
        asked += [Asked(case, day) for day in sorted(chosen)]
    return assessor.assess_all(asked)


def test_no_answer_uses_a_word_that_is_never_said(found: list[Assessment], knowledge: Knowledge) -> None:
    pattern = never(knowledge)
    seed = re.compile("|".join(re.escape(s.label) for s in knowledge.vocabulary.signatures.values()))
    for assessment in found:
        for account in (why(assessment), overview(assessment)):
            for text in sentences(account):
                said = seed.sub("", text)  # the seed's own words for its signatures are quotations
                assert not pattern.search(said), f"{assessment.case.id} {assessment.as_at}: {text}"


def test_quotations_are_marked_so_that_the_test_above_can_fail(found: list[Assessment], knowledge: Knowledge) -> None:
    """The words do occur, in what documents say: without the marks the test above would fail."""
    pattern = never(knowledge)
    quoted = [text for a in found for top in why(a).chain for line in walk(top) for text in line.quoted]
    assert any(pattern.search(text) for text in quoted)


@pytest.mark.parametrize("state", State)
def test_every_rule_has_a_sentence_for_every_state(state: State, knowledge: Knowledge) -> None:
    for rule in knowledge.in_force:
        told = words.of_conclusion(rule.because, state, "Anyshire")
        assert told
        assert "{" not in told
        assert not never(knowledge).search(told), rule.id


@pytest.mark.parametrize("state", State)
def test_every_indicator_has_a_sentence_for_every_state(state: State, knowledge: Knowledge) -> None:
    for indicator in knowledge.vocabulary.indicators.values():
        told = words.of_indicator(indicator.short, state, "Anyshire")
        assert told.endswith(".")
        assert "Anyshire" in told
        assert not never(knowledge).search(told), indicator.id


def test_every_condition_of_every_rule_has_a_place_and_a_name(knowledge: Knowledge) -> None:
    for rule in knowledge.in_force:
        assert rule.place.line
        assert all(c.place.file for c in conditions_of(rule))


def test_an_answer_of_the_authority_stands_beside_what_it_answers(assessor: Assessor, cases: dict[str, Case]) -> None:
    case = cases["oakshire"]
    account = overview(assessor.assess(case, case.latest_known))  # type: ignore[arg-type]
    assert account.responses
    disputed = [o for o in case.observations if o.disagreement]
    assert disputed
    chain = why(assessor.assess(case, case.latest_known), ("signature", "B2")).chain  # type: ignore[arg-type]
    quoted = [text for top in chain for line in walk(top) for text in line.quoted]
    assert any("The authority disagrees" in text for text in quoted)


def test_an_answer_not_yet_public_is_not_shown(assessor: Assessor, cases: dict[str, Case]) -> None:
    case = cases["oakshire"]
    before = min(o.known for o in case.observations)
    assert overview(assessor.assess(case, before)).responses == ()


@pytest.mark.parametrize(("titles", "together"), [
    (["Layers of management removed"], "Layers of management removed"),
    (["Layers removed", "A wide remit", "The same again"], "Layers removed, or a wide remit, or the same again"),
    (["Layers removed", "Layers removed"], "Layers removed"),
    (["Money is short", "Ashby borrows", "Another's debts"], "Money is short, or Ashby borrows, or Another's debts"),
])
def test_what_either_rule_gives_is_called_by_both_titles(titles: list[str], together: str) -> None:
    assert either(titles) == together


def test_a_conclusion_is_called_by_every_rule_of_its_lowest_level(knowledge: Knowledge) -> None:
    called = {head: conclusion.title for head, conclusion in knowledge.conclusions().items()}
    either_alone = "Layers of management removed, or a senior post with a very wide remit"
    assert called["mechanism", "span-overload"] == either_alone
    assert called["mechanism", "churn-under-cuts"].endswith("two or more of the three"), "at high it asks for all three"
