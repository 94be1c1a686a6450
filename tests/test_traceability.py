"""From every founding statement to what carries it, from every rule to what it rests on, and nothing left over."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import sigrisk
from explain.names import Names
from explain.render.as_json import dump
from explain.render.pages import rule_pages, tracing
from explain.rulepages import names_of, pages
from explain.sentences import sentence
from explain.traceability import trace
from kb.conditions import Rule, walk
from kb.dossier import Case
from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.knowledge import Knowledge
from kb.model import Citation
from kb.ruletests import RuleTest, read_rule_tests

CARRIED = {"mechanism", "consequence", "trait", "definition", "principle", "protective", "signature", "category"}
FURTHER_READING = frozenset(re.findall(r"[\w-]+", """
    aem-cypn anders atrs atrs-g benn22 br-pse br-swt bridges canary cfgs-7 cfgs-fall cipfa-lgc cop csww-joint
    csww-meth d-chad do-car ico-6 ico-d ico-w ilacs-leeds ilacs26b interv join kloe-cypn lait le-cypn lga-en n-cc
    n-lgc oflog-p peer-gua r-yp sif-inad sl-cypn19 sl-gov3 sl-gt southp-c staff t-lw19 w-lgc wilk18 wokingham
    wwcsc
"""))
"""Documents of the list that no entry, rule or shipped case cites: kept in it for whoever wants to read further."""


@pytest.fixture(scope="module")
def tests(knowledge: Knowledge) -> tuple[RuleTest, ...]:
    found, problems = read_rule_tests(RULES, knowledge)
    assert problems == ()
    return found


def ask(*words: str) -> Result:
    return CliRunner().invoke(sigrisk, list(words))


# The statements


def test_all_54_statements_are_accounted_for_in_order(knowledge: Knowledge) -> None:
    traced = trace(knowledge)
    assert [one.id for one in traced.statements] == [f"S{n}" for n in range(1, 55)]
    assert all(one.quote and one.use for one in traced.statements)


def test_what_states_knowledge_is_carried_and_what_is_not_says_why(knowledge: Knowledge) -> None:
    traced = trace(knowledge)
    assert [one.id for one in traced.statements if one.kind in CARRIED and not one.carried_by] == []
    left = {one.id: one.kind for one in traced.statements if not one.carried_by}
    assert traced.not_carried == tuple(left)
    assert set(left.values()) <= {"title", "provenance", "structure"}


def test_a_statement_shows_the_entries_and_rules_that_carry_it(knowledge: Knowledge) -> None:
    (one,) = trace(knowledge, ["S9"]).statements
    sorts = {carrier.sort for carrier in one.carried_by}
    assert sorts >= {"signature", "indicator", "signs", "rule"}
    assert {c.id for c in one.carried_by if c.sort == "signature"} == {"A2"}
    assert "director_changes" in {c.id for c in one.carried_by if c.sort == "indicator"}
    assert "churn-under-cuts" in {c.id for c in one.carried_by if c.sort == "rule"}


def test_the_protective_signs_that_the_seed_names_are_found_by_their_passage(knowledge: Knowledge) -> None:
    for id in ("S53", "S54"):
        (one,) = trace(knowledge, [id]).statements
        assert "protective sign" in {carrier.sort for carrier in one.carried_by}


def test_every_place_that_is_named_is_there(knowledge: Knowledge) -> None:
    for one in trace(knowledge).statements:
        for place in (one.place, *(carrier.place for carrier in one.carried_by)):
            if place is not None:
                root = VOCABULARY.parent if place.file.startswith("vocabulary/") else RULES.parent
                assert (root / place.file).is_file(), place


def test_seed_in_text_quotes_every_statement(knowledge: Knowledge) -> None:
    text = " ".join(tracing(trace(knowledge)).split())
    for statement in knowledge.vocabulary.statements.values():
        assert f'"{" ".join(statement.quote.split())}"' in text
    assert f"54 statements, {54 - len(trace(knowledge).not_carried)} of them carried by something" in text


def test_seed_at_the_command() -> None:
    done = ask("seed", "S1", "S9")
    assert done.exit_code == 0
    assert "2 statements, 1 of them carried by something" in done.output
    assert "S1 (title) is carried by nothing." in done.output
    told = json.loads(ask("seed", "S9", "--format", "json").output)
    assert told["statements"][0]["quote"] == "Turnover and change in senior leadership"
    unknown = ask("seed", "S9", "S99")
    assert (unknown.exit_code, 'did you mean "S9"?' in unknown.output) == (2, True)


# The pages of rules


def test_everything_with_a_name_has_a_page_in_text_and_in_json(
        knowledge: Knowledge, tests: tuple[RuleTest, ...]) -> None:
    for id in sorted(names_of(knowledge)):
        found = pages(id, knowledge, tests)
        assert found, id
        assert rule_pages(found).startswith(f"{found[0].id}: "), id
        assert json.loads(dump(found)), id


def test_every_condition_of_every_rule_is_a_sentence(knowledge: Knowledge) -> None:
    names = Names(knowledge)
    for rule in knowledge.rules:
        for condition in (inner for outer in (rule.when, *rule.unless) for inner in walk(outer)):
            told = sentence(condition, names)
            assert told.text
            assert told.text == told.text.strip()
            assert "the test:" not in told.text


def test_a_rule_s_page_says_what_it_rests_on_and_what_rests_on_it(
        knowledge: Knowledge, tests: tuple[RuleTest, ...]) -> None:
    (page,) = pages("churn-under-cuts", knowledge, tests)
    text = " ".join(rule_pages([page]).split())
    for said in ('two or more of the three") at high', "on evidence that ends within 24 months",
                 "A2 Turnover and change", "is present, weak or stronger", "threshold: derived from statistics",
                 "stable-permanent-director",
                 "Basis: local judgement.", 'S9: "Turnover and change in senior leadership"',
                 "corporate-climate", "rules/tests/mechanisms-a.yaml:", "version 1", "in force",
                 "to be reviewed by 1 March 2027", "title not recorded"):
        assert said in text, said


def test_a_signature_s_page_shows_its_signs_and_how_they_grade_it(
        knowledge: Knowledge, tests: tuple[RuleTest, ...]) -> None:
    (page,) = pages("A3", knowledge, tests)
    text = " ".join(rule_pages([page]).split())
    assert page.title == knowledge.vocabulary.signatures["A3"].title
    assert "both of these sides" in text
    assert [line.id for line in page.grading] == ["weak", "moderate", "strong", "not found"]
    assert "churn-under-cuts" in {named.id for named in page.feeds}


def test_a_conclusion_that_is_no_rule_s_name_stands_for_every_rule_that_gives_it(knowledge: Knowledge) -> None:
    rules = {rule.id for rule in knowledge.rules}
    for id in sorted({rule.head.id for rule in knowledge.rules} - rules - set(knowledge.vocabulary.signatures)):
        assert {page.id for page in pages(id, knowledge, ())} == {r.id for r in knowledge.rules if r.head.id == id}


def test_rule_at_the_command() -> None:
    done = ask("rule", "C6")
    assert (done.exit_code, done.output.startswith("C6: ")) == (0, True)
    assert json.loads(ask("rule", "C6", "--format", "json").output)["asked"] == "C6"
    unknown = ask("rule", "churn-under-cut")
    assert (unknown.exit_code, 'did you mean "churn-under-cuts"?' in unknown.output) == (2, True)
    assert "names with it: churn-under-cuts" in ask("rule", "churn").output


def test_the_pages_of_another_subject() -> None:
    orchards = EXAMPLES / "orchards"
    places = ("--rules", str(orchards / "rules"), "--kb", str(orchards / "kb"))
    assert "10 statements, 9 of them carried by something" in ask("seed", *places).output
    assert "T3: Disease is seen late" in ask("rule", "T3", *places).output


# Nothing is left over


def cited(knowledge: Knowledge) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    """Everything that cites documents, by name."""
    vocabulary = knowledge.vocabulary
    yield from ((f"indicator {i.id}", i.citations) for i in vocabulary.indicators.values())
    yield from ((f"protective sign {p.id}", p.citations) for p in vocabulary.protective.values())
    yield from ((f"signs of {s.signature}", s.citations) for s in knowledge.signs.values())
    yield from ((f"rule {r.id}", r.citations) for r in knowledge.rules)


def cited_by(case: Case) -> Iterator[str]:
    """The documents that a case cites."""
    for told in (*case.observations, *case.notes, *case.outcomes, *case.responses, *case.disagreements):
        if told.citation is not None:
            yield told.citation.source.id


def test_every_rule_indicator_and_protective_sign_has_a_source(knowledge: Knowledge) -> None:
    assert [name for name, citations in cited(knowledge) if not citations] == []


def test_every_written_rule_rests_on_a_statement_that_is_there(knowledge: Knowledge) -> None:
    written: list[Rule] = [rule for rule in knowledge.rules if rule.head.kind != "signature"]
    assert [rule.id for rule in written if not rule.statements] == []
    assert {id for rule in knowledge.rules for id in rule.statements} <= set(knowledge.vocabulary.statements)
    assert {id for signs in knowledge.signs.values() for id in signs.statements} <= set(knowledge.vocabulary.statements)


def test_every_signature_has_its_signs(knowledge: Knowledge) -> None:
    assert set(knowledge.signs) == set(knowledge.vocabulary.signatures)


def test_every_indicator_of_a_signature_is_its_sign_or_is_context(knowledge: Knowledge) -> None:
    """An indicator that names a signature is read by its file, or by some rule, or says why it is context only."""
    asked = {atom.test.indicator for signs in knowledge.signs.values() for atom in (sign.test for sign in signs.all)}
    spoken = {inner.test.indicator for rule in knowledge.rules for outer in (rule.when, *rule.unless)
              for inner in walk(outer) if hasattr(inner, "test")}
    for indicator in knowledge.vocabulary.indicators.values():
        assert indicator.id in asked | spoken or indicator.context, f"{indicator.id} is asked for nowhere"


def test_every_document_is_cited_or_is_further_reading(knowledge: Knowledge, cases: dict[str, Case]) -> None:
    known = set(knowledge.vocabulary.sources)
    used = {citation.source.id for _, citations in cited(knowledge) for citation in citations}
    used |= {id for case in cases.values() for id in cited_by(case)}
    used |= {id for path in sorted(VOCABULARY.glob("*.yaml")) for id in sources_named(path)}
    assert known - used == FURTHER_READING, (sorted(known - used - FURTHER_READING), sorted(FURTHER_READING & used))


def sources_named(path: Path) -> list[str]:
    """The documents that tables of figures and lists name as their source."""
    return re.findall(r"\bsource: ([a-z0-9-]+)", path.read_text(encoding="utf-8"))
