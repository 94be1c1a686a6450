"""What the analysis says of rules, against brute force over all marks; its laws, against real evidence; known traps."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.assess import Assessor
from engine.bits import Plane, evaluate
from engine.compiling import compile_rules
from engine.evidence import Evidence
from engine.kept import Parts
from engine.meaning import answers, solving
from engine.meaning.analysis import analyse
from engine.meaning.built import built
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.examples import Examples
from engine.meaning.findings import Finding
from engine.meaning.laws import Laws, laws, marks_of, point_of
from engine.meaning.laws import allowed as lawful
from engine.meaning.leftout import variants
from engine.meaning.reach import about_reach
from engine.meaning.rules import Meaning, about_rules, asker, meaning_of
from engine.planes import Column, planes
from engine.program import NOW, Atom
from kb import conditions
from kb.conditions import All, AnyOf, AtLeast, Comparator, Condition, Head, HeadIs, Judged, Rule, Within
from kb.dossier import Case, Observation
from kb.knowledge import Knowledge, Sign, Signs
from kb.model import Place
from kb.problems import Code
from tests import strategies
from tests.strategies import evidence, rule_bases

steady = settings(max_examples=80, database=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))
MOST = 3 ** 6
FROM_SEEDS = 2_500
"""So many that more than a thousand are small enough for brute force."""


def known(*rules: Rule) -> Knowledge:
    return Knowledge(strategies.VOCABULARY, rules, {})


# The laws: whatever the evidence, no mark breaks one.


@steady
@given(rule_bases(), evidence())
def test_no_evidence_breaks_a_law(rules: tuple[Rule, ...], observations: tuple[Observation, ...]) -> None:
    program = compile_rules(rules)
    held = laws(program, strategies.VOCABULARY)
    columns = [Column(Evidence.of(observations, strategies.VOCABULARY), strategies.AS_AT)]
    read = planes(program, columns)
    for reading in (0, 1):
        sides = [side >> reading & 1 for plane in read for side in plane]
        marks = {mark for mark, there in zip(marks_of(range(len(read))), sides, strict=True) if there}
        for clause in held.clauses:
            kept = any((literal > 0) == (abs(literal) in marks) for literal in clause)
            assert kept or any(point_of(literal) >= len(read) for literal in clause), told(clause, held)


def told(clause: Sequence[int], held: Laws) -> list[str]:
    return [f"{'' if x > 0 else 'not '}{held.points[point_of(x)]} {'for' if x % 2 else 'against'}" for x in clause]


# The circuit is the program: the same marks on every node.


@steady
@given(rule_bases(), st.randoms(use_true_random=False))
def test_the_circuit_means_what_the_program_means(rules: tuple[Rule, ...], rng: random.Random) -> None:
    program = compile_rules(rules)
    circuit = Circuit(len(program.atoms))
    wires = Wires(program, circuit)
    width = 64
    atoms = [(rng.getrandbits(width), rng.getrandbits(width)) for _ in program.atoms]
    model = evaluate(program, atoms, width)
    full = (1 << width) - 1
    found = {circuit.true: full, **{m: plane for point, both in enumerate(atoms) for m, plane in zip(
        marks_of([point]), both, strict=True)}}
    pairs = [wires[node] for node in range(len(program.nodes))]
    for key, gate in circuit.gates.items():
        plane = full
        for literal in key:
            plane &= found[literal] if literal > 0 else full & ~found[-literal]
        found[gate] = plane
    for pair, plane in zip(pairs, model, strict=True):
        for literal, side in zip(pair, plane, strict=True):
            assert (found[literal] if literal > 0 else full & ~found[-literal]) == side


# The verdicts, against every combination of marks that the laws allow, worked out by the evaluator.


def every_column(meaning: Meaning) -> list[Plane] | None:
    """The planes of the points over every combination that breaks no law; None where there are too many to try."""
    states = list(allowed(meaning.laws))
    if len(states) > MOST:
        return None
    return [(_plane(states, p, 1), _plane(states, p, 2)) for p in range(len(meaning.laws.points))]


def _plane(states: Sequence[tuple[int, ...]], point: int, state: int) -> int:
    return sum(1 << i for i, found in enumerate(states) if found[point] == state)


def allowed(held: Laws) -> Iterator[tuple[int, ...]]:
    if 3 ** len(held.points) > 3 * MOST:
        yield from [()] * (MOST + 1)
        return
    for state in product((0, 1, 2), repeat=len(held.points)):
        marks = {2 * p + s for p, s in enumerate(state) if s}
        if all(any((x > 0) == (abs(x) in marks) for x in clause) for clause in held.clauses):
            yield state


def by_brute_force(meaning: Meaning, points: Sequence[Plane]) -> set[tuple[str, ...]]:
    """Which rules never hold, which hold only where another does, and which of their conditions change nothing."""
    program, found = meaning.program, set[tuple[str, ...]]()
    width = max((plane.bit_length() for both in points for plane in both), default=0) + 1
    model = evaluate(program, list(points[:len(program.atoms)]), width)
    for rule in meaning.knowledge.in_force:
        body = program.nodes[program.rules[rule.id]].args[0]
        here = model[program.rules[rule.id]]
        if not here[0]:
            found.add(("never", rule.id, "stopped" if model[body][0] else "clash"))
            continue
        for variant in meaning.variants.get(rule.id, ()):
            if model[program.rules[variant.without.id]] == here:
                found.add(("idle", rule.id, *map(str, variant.path)))
        if adds_nothing(rule, meaning, {id: model[node][0] for id, node in program.rules.items()}):
            found.add(("repeats", rule.id))
    return found


def adds_nothing(rule: Rule, meaning: Meaning, holds: dict[str, int]) -> bool:
    """Whether wherever a rule holds another does, or some other, that gives as much; not the first of two alike."""
    beside = [other for other in meaning.knowledge.in_force if other.id != rule.id
              and (other.head.kind, other.head.id, other.head.found) == (rule.head.kind, rule.head.id, rule.head.found)
              and (not rule.head.found or levels(rule) <= levels(other))]
    alike = {other.id for other in beside if holds[other.id] == holds[rule.id] and levels(other) == levels(rule)
             and (rule.place, rule.id) < (other.place, other.id)}
    several = 0
    for other in (other for other in beside if other.id not in alike):
        several |= holds[other.id]
    return bool(beside) and holds[rule.id] & ~several == 0


def levels(rule: Rule) -> set[str]:
    return {level for level in conditions.LADDERS[rule.head.kind] if rule.head.gives(level)}


def by_analysis(meaning: Meaning, findings: Sequence[Finding]) -> set[tuple[str, ...]]:
    found = set[tuple[str, ...]]()
    for finding in findings:
        if finding.code in (Code.NEVER_HOLDS, Code.ALWAYS_DEFEATED):
            how = "clash" if finding.code is Code.NEVER_HOLDS else "stopped"
            found.add(("never", finding.rule.id, how))
        if finding.without is not None:
            path = next(v.path for v in meaning.variants[finding.rule.id] if v.without == finding.without)
            found.add(("idle", finding.rule.id, *map(str, path)))
        if finding.code in (Code.REPEATS, Code.SAME_AS):
            found.add(("repeats", finding.rule.id))
    return found


OWNERS = {"A1": ("agency_rate", "caseload"), "C2": ("oversight", "notice"), "B3": ("director_left",)}
SIGNS = {id: Signs(id, "any", (("", tuple(Sign(conditions.TestIs(conditions.Test(indicator, Comparator.AT_LEAST, 1.0)))
                                         for indicator in indicators)),)) for id, indicators in OWNERS.items()}


def reached_by_brute_force(meaning: Meaning, points: Sequence[Plane]) -> set[tuple[str, ...]]:
    """The pictures and results that the evidence of one signature alone gives."""
    found = set[tuple[str, ...]]()
    width = max((plane.bit_length() for both in points for plane in both), default=0) + 1
    model = evaluate(meaning.program, list(points[:len(meaning.program.atoms)]), width)
    for id, indicators in OWNERS.items():
        outside = 0
        for atom, (for_, against) in zip(meaning.laws.points, points, strict=True):
            if not {test.indicator for test in atom.tests} <= {*indicators}:
                outside |= for_ | against
        for head, node in meaning.program.heads.items():
            guarded = head.kind == "picture" or (head.kind == "result" and head.id in meaning.knowledge.questions())
            if guarded and head.context == NOW and model[node][0] & ~outside & ((1 << width - 1) - 1):
                found.add((id, head.kind, head.id))
    return found


def test_verdicts_agree_with_every_combination_on_a_thousand_rule_bases() -> None:
    """Rules that never hold or add nothing, what one signature reaches, and the outermost conditions that idle."""
    compared, told_of = 0, set[str]()
    for seed in range(FROM_SEEDS):
        meaning = meaning_of(known(*strategies.seeded(seed)[0][-3:])._replace(signs=SIGNS))
        points = every_column(meaning)
        if points is None:
            continue
        compared += 1
        truth = by_brute_force(meaning, points)
        verdicts = by_analysis(meaning, list(about_rules(meaning, asker(meaning))))
        assert verdicts <= truth, seed
        for missed in truth - verdicts:
            assert any(missed[:n] in verdicts for n in range(3, len(missed))), (seed, missed)
        alone = {(*one.signatures, one.head.kind, one.head.id) for one in about_reach(meaning, asker(meaning))
                 if one.code is Code.ONE_SIGNATURE and one.head}
        for missed in (reached := reached_by_brute_force(meaning, points)) - alone:
            assert missed[1] == "result", "a result is not told again where a picture was"
            assert any(told[:2] == (missed[0], "picture") for told in alone), (seed, missed)
        assert alone <= reached, seed
        told_of |= {f"alone {told[1]}" for told in alone}
        told_of |= {" ".join((verdict[0], *verdict[2:3])) for verdict in verdicts}
    assert compared >= 1_000
    assert {"never clash", "never stopped", "idle -1", "idle 0", "repeats", "alone picture"} <= told_of


@steady
@given(rule_bases())
def test_the_solver_agrees_with_the_table(rules: tuple[Rule, ...]) -> None:
    pytest.importorskip("pysat")
    meaning = meaning_of(known(*rules))
    ground = answers.ground_of(meaning.circuit, meaning.laws, strategies.VOCABULARY)
    for rule in meaning.knowledge.in_force:
        holds = meaning.holds(rule)
        here, *without = (meaning.wires[meaning.program.rules[r.id]] for r in (
            rule, *(variant.without for variant in meaning.variants.get(rule.id, ()))))
        asked = [holds, *(meaning.circuit.changed(here, other) for other in without)]
        part = answers.cone(ground, asked)
        table = answers.answers(part, table=1 << 12)
        if isinstance(table, solving.Solving):
            continue
        solver = solving.Solving(part)
        for literal in asked:
            assert table.ever([literal]) == solver.ever([literal])
            if table.ever([literal]):
                sizes = [sum(not marks.isdisjoint(marks_of(s)) for s in part.subjects)
                         for marks in (table.smallest([literal]), solver.smallest([literal]))]
                assert sizes[0] == sizes[1]


# Traps.


def sign(number: float, comparator: Comparator = Comparator.AT_LEAST, indicator: str = "caseload") -> conditions.TestIs:
    return conditions.TestIs(conditions.Test(indicator, comparator, number))


def rule(id: str, when: Condition, *unless: Condition, head: str = "churn", level: str = "elevated") -> Rule:
    return Rule(id, Head("mechanism", head, level), when, unless)


def areas(count: int) -> tuple[Condition, ...]:
    """So many tests that have nothing to do with one another."""
    asked = (conditions.Test("oversight", Comparator.AT_LEAST, 2.0, of=(("area", str(i)),)) for i in range(count))
    return tuple(map(conditions.TestIs, asked))


def found(*rules: Rule) -> set[tuple[str, str]]:
    return {(finding.code.name, finding.rule.id) for finding in about_all(*rules)}


def about_all(*rules: Rule) -> tuple[Finding, ...]:
    return tuple(one for one in analyse(known(*rules)).findings if one.code not in (Code.ONE_SIGNATURE, Code.TOO_FEW))


A, B, C = sign(1, indicator="notice"), sign(2, indicator="oversight"), sign(1, indicator="director_left")
HIGH, LOW = sign(20), sign(15)
WORST, AT_MOST_MEDIAN = map(conditions.TestIs, strategies.TESTS[:2])
TRAPS: list[tuple[str, tuple[Rule, ...], set[tuple[str, str]]]] = [
    ("two rules that differ in order only", (rule("a", All((A, B))), rule("b", All((B, A)))), {("SAME_AS", "b")}),
    ("the same at another level says more", (rule("a", All((A, B))), rule("b", All((B, A)), level="high")),
     {("REPEATS", "a")}),
    ("at least 2 of 3 is more than any of them", (rule("a", AtLeast(2, (A, B, C))), rule("b", AnyOf((A, B, C)))),
     {("REPEATS", "a")}),
    ("at least 1 of 3 is any of them", (rule("a", AtLeast(1, (A, B, C))), rule("b", AnyOf((A, B, C)))),
     {("SAME_AS", "b")}),
    ("20 is 15 as well", (rule("a", All((HIGH, LOW))),), {("NEVER_DECIDES", "a")}),
    ("15 or 20 is 15", (rule("a", AnyOf((HIGH, LOW, A))),), {("NEVER_DECIDES", "a")}),
    ("20 and below 15", (rule("a", All((A, HIGH, sign(15, Comparator.BELOW)))),), {("NEVER_HOLDS", "a")}),
    ("20 and below 20", (rule("a", All((HIGH, sign(20, Comparator.BELOW)))),), {("NEVER_HOLDS", "a")}),
    ("20 and at most 20", (rule("a", All((HIGH, sign(20, Comparator.AT_MOST)))),), set()),
    ("an exception that is the opposite of a premise", (rule("a", All((A, HIGH)), sign(20, Comparator.BELOW)),),
     {("NEVER_DEFEATS", "a")}),
    ("the same with the premise judged", (rule("a", All((A, Judged(HIGH))), sign(20, Comparator.BELOW)),), set()),
    ("an exception that is a premise", (rule("a", All((A, HIGH)), LOW),), {("ALWAYS_DEFEATED", "a")}),
    ("an exception that another covers", (rule("a", A, LOW, HIGH),), {("NEVER_DEFEATS", "a")}),
    ("a period longer than the evidence lasts", (rule("a", All((A, Within(HIGH, 24)))),), {("NEVER_DECIDES", "a")}),
    ("a period shorter than the evidence lasts", (rule("a", All((A, Within(HIGH, 12)))),), set()),
    ("worst quarter and at most the median", (rule("a", All((WORST, AT_MOST_MEDIAN))),), {("NEVER_HOLDS", "a")}),
]


@pytest.mark.parametrize(("name", "rules", "expected"), TRAPS, ids=[name for name, _, _ in TRAPS])
def test_a_trap(name: str, rules: tuple[Rule, ...], expected: set[tuple[str, str]]) -> None:
    assert found(*rules) == expected, name


def test_a_rule_that_repeats_another_only_through_what_it_rests_on() -> None:
    """`b` asks for a conclusion that needs A; so it holds only where `a`, which asks for A, does."""
    first = rule("first", All((A, B)), head="silence")
    through = rule("b", HeadIs("mechanism", "silence", "elevated"))
    assert found(first, rule("a", A), through) == {("REPEATS", "b")}
    assert found(first._replace(when=AnyOf((A, B))), rule("a", A), through) == {("REPEATS", "a")}


def test_a_condition_that_only_the_chain_makes_idle_is_told_apart() -> None:
    """`silence` needs A; beside it, A is idle in `b` because of that, and in `c` by the rule's own words."""
    first, silence = rule("first", All((A, B)), head="silence"), HeadIs("mechanism", "silence", "elevated")
    findings = about_all(first, rule("b", All((silence, A, C))), rule("c", All((A, HIGH, LOW)), level="watch"))
    assert {(one.rule.id, one.chained) for one in findings if one.code is Code.NEVER_DECIDES} == {
        ("b", True), ("c", False)}


def test_what_clashes_is_named_and_nothing_else() -> None:
    below = sign(15, Comparator.BELOW)
    (finding,) = about_all(rule("a", All((A, B, HIGH, below))))
    assert finding.clash == (HIGH, below)


def test_the_smallest_combination_is_the_smallest() -> None:
    (finding,) = about_all(rule("a", AnyOf((All((A, B)), C, All((C, B))))))
    assert {(mark.atom.tests[0], mark.for_) for mark in finding.shown} == {(C.test, True)}


def test_many_signs_are_settled_by_the_solver() -> None:
    """Two hundred thousand million combinations: far beyond any table."""
    pytest.importorskip("pysat")
    many = areas(24)
    wide = rule("wide", All((AtLeast(5, many), AtLeast(6, many))))
    assert found(wide) == {("NEVER_DECIDES", "wide")}


def test_without_a_solver_a_wide_rule_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what a combination shows that could be built at once."""
    monkeypatch.setattr(solving, "available", lambda: False)
    many = areas(20)
    (finding,) = about_all(rule("wide", All((AtLeast(2, many), AtLeast(3, many)))))
    assert finding.code is Code.NOT_ANALYSED
    assert "python-sat" in finding.why
    assert found(rule("wide", AtLeast(2, many))) == set()
    assert found(rule("narrow", AtLeast(2, many[:5]))) == set()


def test_combinations_that_are_built_count_only_where_they_break_no_law() -> None:
    counted = broken = 0
    for seed in range(150):
        meaning = meaning_of(known(*strategies.seeded(seed)[0][-3:]))
        made = built(meaning.program, meaning.laws, meaning.program.rules.values())
        examples = Examples(meaning.program, meaning.laws, also=made)
        for column in range(made.columns):
            marks = {mark for mark, plane in examples.planes.items() if plane >> column & 1}
            assert lawful(meaning.laws, marks) == bool(examples.possible >> column & 1), seed
            counted, broken = counted + 1, broken + (not examples.possible >> column & 1)
    assert (counted > 1_000, broken > 10) == (True, True)


def test_a_threshold_that_is_moved_past_no_other_leaves_what_is_proved(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rules(threshold: float, line: int) -> Knowledge:
        moved = sign(threshold)._replace(place=Place("rules/a.yaml", line))
        return known(rule("a", AnyOf((All((moved, A)), B))), rule("b", All((LOW, C)), head="late"))

    parts = Parts(tmp_path / "parts").under([b"words"])
    first = analyse(rules(20, 1), parts, brief=True)
    assert analyse(rules(14, 1), parts, brief=True) == analyse(rules(14, 1), brief=True)
    monkeypatch.setattr("engine.meaning.analysis._analysed", lambda *_: pytest.fail("looked into again"))
    assert analyse(rules(16, 2), parts, brief=True) == first
    with pytest.raises(pytest.fail.Exception):
        analyse(rules(15, 1), parts, brief=True)


def test_a_period_that_is_moved_past_no_other_leaves_what_is_proved(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rules(months: int) -> Knowledge:
        return known(rule("a", Within(AnyOf((A, All((HIGH, B)))), months)), rule("b", Within(C, 6), head="late"))

    parts = Parts(tmp_path / "parts").under([b"words"])
    first = analyse(rules(9), parts, brief=True)
    for months in (7, 6, 5, 3, 2):
        assert analyse(rules(months), parts, brief=True) == analyse(rules(months), brief=True), months
    monkeypatch.setattr("engine.meaning.analysis._analysed", lambda *_: pytest.fail("looked into again"))
    assert analyse(rules(10), parts, brief=True) == first
    with pytest.raises(pytest.fail.Exception):
        analyse(rules(40), parts, brief=True)


def test_a_condition_of_which_another_look_cannot_be_settled_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsettled(*_: object) -> bool:
        raise solving.Undecided("too wide")
    monkeypatch.setattr("engine.meaning.contexts._decides", unsettled)
    (finding,) = about_all(rule("a", AnyOf((HIGH, LOW))))
    assert (finding.code, finding.why) == (Code.NOT_ANALYSED, "too wide")


def test_the_same_rules_give_the_same_findings_in_any_order() -> None:
    rules = strategies.seeded(7)[0]
    there = analyse(known(*rules)).findings
    assert there == analyse(known(*reversed(rules))).findings


def test_what_earlier_runs_came_upon_changes_no_finding(tmp_path: Path) -> None:
    """One after another many rule bases are looked into with all that was kept of those before, and with nothing."""
    parts = Parts(tmp_path / "parts").under([b"words"])
    told = 0
    for seed in range(120):
        rules = strategies.seeded(seed)[0]
        for some in (rules[-3:], rules[-4:-1], (*rules[-3:-1], rules[-1]._replace(when=AnyOf((rules[-1].when, A))))):
            asked = known(*some)._replace(signs=SIGNS)
            anew, kept = analyse(asked), analyse(asked, parts)
            assert anew == kept, seed
            brief = analyse(asked, parts, brief=True).findings
            assert [one.code for one in brief] == [one.code for one in anew.findings], seed
            told += len(brief)
    assert told > 250


def test_a_variant_leaves_out_each_condition_once() -> None:
    made = variants([rule("a", All((A, AnyOf((B, C)))), HIGH)])
    assert [variant.path for variant in made] == [(-1, 0), (-1, 1), (-1, 1, 0), (-1, 1, 1), (0,)]


def test_every_atom_of_a_program_is_a_point_of_its_laws() -> None:
    program = compile_rules(strategies.seeded(3)[0])
    points: tuple[Atom, ...] = laws(program, strategies.VOCABULARY).points
    assert points[:len(program.atoms)] == tuple(atom for atom, _ in program.atoms)


def test_what_a_mark_rests_on_does_not_depend_on_what_was_compiled_before() -> None:
    """Corroboration brings the tests under it, whether their points come before its own or after."""
    tests = (sign(18).test, sign(2, indicator="oversight").test)
    kinds = rule("kinds", conditions.Corroborated(tests), head="kinds")
    found = []
    for name in ("after", "zz before"):
        meaning = meaning_of(known(kinds, rule(name, All(tuple(map(conditions.TestIs, tests))), head=name)))
        ground = answers.ground_of(meaning.circuit, meaning.laws, strategies.VOCABULARY)
        found.append([meaning.laws.points[point] for point in answers.cone(ground, [meaning.holds(kinds)]).points])
    assert found[0] == found[1]
    assert len(found[0]) == 3


def test_no_shipped_case_breaks_a_law(assessor: Assessor, cases: dict[str, Case]) -> None:
    """Every case at every date on which something in it became known, in both readings."""
    held = laws(assessor.program, assessor.knowledge.vocabulary)
    evidence = {case.id: Evidence.of(case.observations, assessor.knowledge.vocabulary) for case in cases.values()}
    columns = [Column(evidence[case.id], day)
               for case in cases.values() for day in sorted({o.known for o in case.observations})]
    marks = [0, *(side for plane in planes(assessor.program, columns) for side in plane)]
    full = (1 << 2 * len(columns)) - 1
    for clause in held.clauses:
        if all(abs(literal) < len(marks) for literal in clause):
            kept = 0
            for literal in clause:
                kept |= marks[literal] if literal > 0 else full & ~marks[-literal]
            assert kept == full, told(clause, held)


def test_a_level_that_is_raised_may_be_asked_for_in_words() -> None:
    """A rule that raises a level rests on that level; to say so again is no condition that decides nothing."""
    first = rule("first", All((A, B)), level="watch")
    raising = Rule("raising", Head("mechanism", "churn", "elevated", raised_from="watch"),
                   All((HeadIs("mechanism", "churn", "watch"), HeadIs("mechanism", "churn", "watch"))), (C,))
    assert found(first, raising) == set()
