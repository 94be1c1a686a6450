"""Tests of rules: what their files may say, each mistake at its line; what is given and what comes; the command."""

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import sigrisk
from engine.bits import Forced, evaluate
from engine.compiling import compile_rules
from engine.evidence import Evidence
from engine.planes import Column, planes
from engine.program import Program
from engine.ruletests import Ran, run
from explain.differences import standing, tally
from kb.dates import Span
from kb.files import EXAMPLES, RULES
from kb.knowledge import Knowledge
from kb.load import load
from kb.model import Problem
from kb.ruletests import RuleTest, read_rule_tests

ORCHARDS = EXAMPLES / "orchards"
"""A second subject, small enough to read whole: five signatures, two mechanisms, two pictures, three results."""

Written = Callable[[str], tuple[tuple[RuleTest, ...], tuple[Problem, ...]]]


@pytest.fixture(scope="module")
def orchards() -> Knowledge:
    loaded, problems = load(ORCHARDS / "rules", ORCHARDS / "kb")
    assert problems == ()
    return loaded


@pytest.fixture(scope="module")
def program(orchards: Knowledge) -> Program:
    return compile_rules(orchards.rules)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the orchards' rules without their tests."""
    folder = tmp_path / "rules"
    shutil.copytree(ORCHARDS / "rules", folder, ignore=shutil.ignore_patterns("tests"))
    (folder / "tests").mkdir()
    return folder


@pytest.fixture
def written(rules: Path, orchards: Knowledge) -> Written:
    """Reads a text as the only file of tests."""
    def read(text: str) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
        (rules / "tests" / "a.yaml").write_text(text, encoding="utf-8")
        return read_rule_tests(rules, orchards)
    return read


def ask(*words: str | Path) -> Result:
    """What the command answers about the orchards, whose rules may be named once more."""
    places = () if "--rules" in words else ("--rules", ORCHARDS / "rules")
    return CliRunner(env={"SIGRISK_CACHE": "off"}).invoke(
        sigrisk, [str(word) for word in (*words, *places, "--kb", ORCHARDS / "kb")])


# What a file of tests may say

MISTAKES = """\
as_at: 2025-03-31
tests:
  - test: an unknown rule, an unknown thing given, an unknown thing expected
    rule: look-agian
    given: {T9: present, dry_week: 6 weeks}
    expect: {look-agains: present}
  - test: words that are no state, or no level of that kind
    rule: look-again
    given: {T2: strng, watering-falls-behind: strong, water-on-site: perhaps, few-losses: 3 per cent}
    expect: {look-again: held, care-may-not-last: critcal}
  - test: amounts that cannot be taken
    rule: T1
    given:
      dry_weeks: 6 litres
      young_tree_losses: 180 per cent
      watering_finding: 7
      regular_hands: [3 people, [4 people]]
      disease_seen_late: {value: 1 times, on: 2024-07-01}
      condition_judged: {value: rotten, part: old trees, about: 2025-02-01, known: 2025-01-01}
    expect: {T1: weak}
  - test: nothing expected
    rule: T1
  - test: rules that are not there, and one that is asked for both ways
    rule: watering-falls-behind
    expect: {watering-falls-behind: present}
    because: [watering-falls-behnd]
    not_because: [walk-together, walk-togethr]
  - test: a level that no rule gives
    rule: watering-falls-behind
    given: {crowded-and-seen-late: critical}
    expect: {watering-falls-behind: high}
  - test: of one rule, and about another
    rule: look-again
    expect: {walk-together: not known}
  - test: one name
    rule: look-again
    expect: {look-again: not known}
  - test: one name
    rule: look-again
    as_at: the first of May
    expects: {look-again: not known}
  - test: one name
    rule: look-again
    expect: {look-again: not known}
    because: [look-again]
    not_because: look-again
"""
FOUND = [
    # the line, the code, and what the message or its hint says
    (4, "K015", 'did you mean "look-again"?'), (5, "K015", 'nothing that can be given is called "T9"'),
    (5, "K015", 'did you mean "dry_weeks"?'), (6, "K015", 'did you mean "look-again"?'),
    (9, "K019", 'did you mean "strong"?'), (9, "K019", '"watering-falls-behind" cannot be "strong"'),
    (9, "K019", '"perhaps" is neither yes nor no'), (9, "K019", 'use one of: no, yes'),
    (10, "K019", 'use one of: contested, not found, not known, present'), (10, "K019", 'did you mean "critical"?'),
    (14, "K017", "write 6 weeks"), (15, "K019", "not between 0 and 100"), (16, "K019", "0, 1, 2 or 3"),
    (17, "K012", "a list inside a list"), (18, "K013", 'unknown key "on"'), (19, "K019", "is not one of thriving"),
    (19, "K019", "cannot be known before it happened"),
    (21, "K014", 'this test has no "expect"'),
    (26, "K015", 'did you mean "watering-falls-behind"?'), (27, "K015", 'did you mean "walk-together"?'),
    (30, "K022", "no rule in force gives crowded-and-seen-late at critical"),
    (31, "K022", "no rule in force gives watering-falls-behind at high"),
    (33, "K014", "this test says nothing of look-again"),
    (40, "K018", '"as_at" must be a date'), (41, "K013", 'did you mean "expect"?'),
    (42, "K016", 'look-again already has a test called "one name"'), (46, "K030", "look-again is to hold, and not to"),
]


def test_every_mistake_is_found_in_one_run_at_its_line(written: Written) -> None:
    _, problems = written(MISTAKES)
    for line, code, says in FOUND:
        matching = [p for p in problems if (p.place.line, p.code) == (line, code) and says in p.message + p.hint]
        assert matching, f"line {line}, {code}, {says}: not among\n" + "\n".join(map(str, problems))
    assert len(problems) == len(FOUND), "\n".join(map(str, problems))
    assert {p.place.file for p in problems} == {"rules/tests/a.yaml"}


@pytest.mark.parametrize(("text", "says"), [
    ("", "K025 the file is empty"), ("- test: a\n", "K012 a file of tests begins with `tests:`"),
    ("test: a\n", "K013 unknown key \"test\""), ("tests:\n", "K014 \"tests\" has no value"),
    ("tests:\n  - look-again\n", "K012 \"tests\" must be a list of groups of keys"),
    ("tests:\n  - {test: a, rule: look-again, expect: {look-again: present}}\n", 'this test has no "as_at"'),
    ("tests:\n  - test: a\n    given: [T1]\n", "K012 \"given\" must be a group of keys"),
    ("tests:\n  - {test: a, given: {T1: }}\n", "K014 \"T1\" has no value"),
    ("tests:\n  - {test: a, given: {dry_weeks: }}\n", "K014 \"dry_weeks\" has no value"),
    ("tests:\n  - {test: a, given: {dry_weeks: {indicator: regular_hands, value: 3 people}}}\n",
     "K013 the indicator is already named on the left"),
    ("tests: &a [*a]\n", "K009 anchors and aliases"), ("[" * 100_000, "K008 more than 40 levels"),
    ("tests:\n  - test: !!python/object:os.system a\n", "K010"),
])
def test_what_is_no_file_of_tests_gets_clear_problems(text: str, says: str, written: Written) -> None:
    tests, problems = written(text)
    assert tests == ()
    assert [p for p in problems if says in str(p)], "\n".join(map(str, problems))


def test_a_folder_of_rules_need_not_have_tests(rules: Path, orchards: Knowledge) -> None:
    (rules / "tests").rmdir()
    assert read_rule_tests(rules, orchards) == ((), ())


def test_what_goes_unsaid_is_filled_in(written: Written) -> None:
    """The day of the test, the latest count that was public by then, a document and a body for each thing given."""
    tests, problems = written("""\
        tests:
          - test: unsaid
            rule: T1
            as_at: 2025-01-30
            given:
              young_tree_losses: 18 per cent
              dry_weeks: not applicable
              regular_hands: not known
              workday_called_off: none
              disease_seen_late: 2 times
              watering_finding: [2, {value: clear weakness, known: 2024-05, body: an adviser}]
            expect: {T1: strong}
        """)
    assert problems == ()
    given = {(o.indicator, o.body == "an adviser"): o for o in tests[0].observations}
    assert len(given) == 6
    losses = given["young_tree_losses", False]
    assert losses.about == Span(date(2023, 10, 31), date(2023, 10, 31)), "the count of 2024 was not yet public"
    assert losses.known == date(2025, 1, 30)
    assert given["dry_weeks", False].marker == "not applicable"
    assert given["workday_called_off", False].value == 0
    assert given["workday_called_off", False].about.end == date(2025, 1, 30)
    assert given["disease_seen_late", False].value == 2
    later = given["watering_finding", True]
    assert (later.value, later.known, later.about.end) == (2.0, date(2024, 5, 31), date(2024, 5, 31))
    assert len({o.citation.source.id for o in given.values()}) == 6, "what is given apart was written down apart"
    assert len({o.body for o in given.values()}) == 6


# What is given, and what comes


def came(tests: Sequence[RuleTest], knowledge: Knowledge, program: Program) -> list[str]:
    """For each test, what came of its expectations."""
    ran = run(tests, knowledge, program)
    return [", ".join(standing(c.expected._replace(state=c.state, level=c.level)) for c in one.came) for one in ran]


STATES = [
    # given, what is asked, and what comes of it
    ("T2: present, T3: present", "crowded-and-seen-late", "high"),
    ("T2: moderate, T3: strong", "crowded-and-seen-late", "high"),
    ("T2: weak, T3: present", "crowded-and-seen-late", "not known"),
    ("T2: not known, T3: present", "crowded-and-seen-late", "not known"),
    ("T2: not found, T3: present", "crowded-and-seen-late", "not found"),
    ("T2: contested, T3: present", "crowded-and-seen-late", "contested"),
    ("T2: contested, T3: not found", "crowded-and-seen-late", "not found"),
    ("T2: contested", "crowded-and-seen-late", "not known"),
    ("T2: contested, T3: contested", "crowded-and-seen-late", "contested"),
    ("T2: present, T3: present, advice-followed: yes", "crowded-and-seen-late", "not found"),
    ("T2: present, T3: present, advice-followed: no", "crowded-and-seen-late", "high"),
    ("T1: moderate, H1: weak, dry_weeks: 6 weeks", "watering-falls-behind", "elevated"),
    ("T1: moderate, H1: weak, dry_weeks: 6 weeks, few-losses: yes", "watering-falls-behind", "not found"),
    ("T1: moderate, H1: weak, dry_weeks: 6 weeks, few-losses: no", "watering-falls-behind", "elevated"),
    ("trees-under-strain: present, care-may-not-last: present", "walk-together", "present"),
    ("trees-under-strain: contested, care-may-not-last: present", "walk-together", "contested"),
    ("trees-under-strain: watch, care-may-not-last: present", "walk-together", "not known"),
    ("watering_finding: [3, 0]", "T1", "contested"),
    ("T1: weak, watering_finding: 3", "T1", "strong"),
    ("T1: not known, watering_finding: 3", "T1", "not known"),
    ("T1: weak, watering_finding: 3, H1: weak, dry_weeks: 6 weeks", "watering-falls-behind", "not known"),
]


def test_what_is_given_stands_however_it_is_looked_at(
        written: Written, orchards: Knowledge, program: Program) -> None:
    """Each given state, in every context: a level and what is below it, in both readings of what is contested."""
    listed = "".join(f"  - {{test: {n}, rule: {asked}, given: {{{given}}}, expect: {{{asked}: not known}}}}\n"
                     for n, (given, asked, _) in enumerate(STATES))
    tests, problems = written(f"as_at: 2025-03-31\ntests:\n{listed}")
    assert problems == ()
    assert came(tests, orchards, program) == [comes for *_, comes in STATES]


def test_a_level_given_stays_unless_the_test_expects_more_of_it(
        written: Written, orchards: Knowledge, program: Program) -> None:
    """So that a rule which raises a conclusion can be tested, and no other test is troubled by it."""
    tests, _ = written("""\
        as_at: 2025-03-31
        tests:
          - {test: left, rule: T1, given: {T1: weak, watering_finding: 3}, expect: {T1: strong}}
          - {test: kept, rule: T1, given: {T1: weak, watering_finding: 3}, expect: {T2: not known}, because: [T1]}
        """)
    left, kept = run(tests, orchards, program)
    assert left.as_expected
    assert kept.as_expected
    assert kept.test.rule in kept.test.because


def test_all_at_once_is_one_by_one(orchards: Knowledge, program: Program) -> None:
    tests, problems = read_rule_tests(ORCHARDS / "rules", orchards)
    assert problems == ()
    together = run(tests, orchards, program)
    assert together == tuple(one for test in tests for one in run([test], orchards, program))
    assert run([], orchards, program) == ()


def test_the_dates_of_tests_are_columns_too(written: Written, orchards: Knowledge, program: Program) -> None:
    tests, _ = written("""\
        tests:
          - {test: then, rule: limb-may-fall, as_at: 2025-03-31, given: {limb_over_path: &x }, expect: {}}
        """)
    assert tests == ()
    tests, problems = written("""\
        tests:
          - test: in its three months
            rule: limb-may-fall
            as_at: 2025-03-31
            given: {limb_over_path: {value: 1 times, about: 2025-01-15, known: 2025-01-20}}
            expect: {limb-may-fall: present}
          - test: after them
            rule: limb-may-fall
            as_at: 2025-05-31
            given: {limb_over_path: {value: 1 times, about: 2025-01-15, known: 2025-01-20}}
            expect: {limb-may-fall: not known}
          - test: before it was known
            rule: limb-may-fall
            as_at: 2025-01-19
            given: {limb_over_path: {value: 1 times, about: 2025-01-15, known: 2025-01-20}}
            expect: {limb-may-fall: not known}
        """)
    assert problems == ()
    assert all(one.as_expected for one in run(tests, orchards, program))


def test_forced_marks_that_are_none_are_marks_left_out(orchards: Knowledge, program: Program) -> None:
    tests, _ = read_rule_tests(ORCHARDS / "rules", orchards)
    columns = [Column(Evidence.of(test.observations, orchards.vocabulary), test.as_at) for test in tests]
    width, atoms = 2 * len(columns), planes(program, columns)
    some = {node: (0b1011 << at) & ((1 << width) - 1) for at, node in enumerate(sorted(program.heads.values()))}
    without = evaluate(program, atoms, width, some)
    assert without == evaluate(program, atoms, width, forced={node: Forced(mask) for node, mask in some.items()})
    assert without != evaluate(program, atoms, width)


# The command

LOOK_AGAIN = """\
as_at: 2025-03-31
tests:
  - test: one picture is a reason to look again
    rule: look-again
    given: {trees-under-strain: elevated}
    expect: {look-again: present, trees-under-strain: watch}
    not_because: [look-again]
    because: [walk-together]
"""


def test_the_orchards_tests_hold() -> None:
    done = ask("test")
    assert done.exit_code == 0, done.output
    assert len(done.output.splitlines()) == 1
    assert "all as expected; 8 rules in force; the fewest tests for a rule: 3" in done.output


def test_a_difference_is_reported_with_its_line_and_rule(rules: Path) -> None:
    (rules / "tests" / "a.yaml").write_text(LOOK_AGAIN, encoding="utf-8")
    done = ask("test", "--rules", rules)
    assert done.exit_code == 1
    first, *rest, counted = done.output.splitlines()
    assert first == "rules/tests/a.yaml:3: one picture is a reason to look again (rule look-again)"
    assert rest == ["    trees-under-strain: expected watch, got elevated (no rule for it holds)",
                    "    rule walk-together: expected to hold, and does not",
                    "    rule look-again: expected not to hold, and does"]
    assert counted.startswith("1 test, 1 not as expected; 8 rules in force; the fewest tests for a rule: 0; "
                              "fewer than 3: care-may-not-last (0)")
    assert "look-again (1)" in counted


def test_too_few_tests_are_a_finding_though_all_hold(rules: Path) -> None:
    text = LOOK_AGAIN.replace(", trees-under-strain: watch", "").split("    not_because")[0]
    (rules / "tests" / "a.yaml").write_text(text, encoding="utf-8")
    done = ask("test", "--rules", rules)
    assert done.exit_code == 1
    assert done.output.startswith("1 test, all as expected;")


def test_a_rule_s_tests_by_its_name() -> None:
    for name, number in (("look-again", 3), ("T1", 5), ("a tap within reach stops it", 1)):
        done = ask("test", name)
        assert (done.exit_code, done.output.split(",")[0]) == (0, f"{number} test{'s'[:number - 1]}"), done.output


def test_a_name_that_is_none() -> None:
    done = ask("test", "look-agian")
    assert done.exit_code == 2
    assert 'did you mean "look-again"?' in done.output


def test_tests_of_a_draft_are_left_aside_and_said(rules: Path) -> None:
    shutil.copytree(ORCHARDS / "rules" / "tests", rules / "tests", dirs_exist_ok=True)
    path = rules / "mechanisms" / "crowded-and-seen-late.yaml"
    text = path.read_text(encoding="utf-8").replace("rule: crowded", "rule: a-draft-of-crowded")
    (rules / "mechanisms" / "draft.yaml").write_text(text.replace("in force", "draft"), encoding="utf-8")
    (rules / "tests" / "draft.yaml").write_text(
        "tests:\n  - {test: a, rule: a-draft-of-crowded-and-seen-late, as_at: 2025-03-31, "
        "expect: {crowded-and-seen-late: high}}\n", encoding="utf-8")
    done = ask("test", "--rules", rules)
    assert done.exit_code == 0, done.output
    assert "1 test of rules not in force left aside" in done.output


def test_check_reads_the_tests_of_the_rules_too(rules: Path) -> None:
    (rules / "tests" / "a.yaml").write_text(MISTAKES, encoding="utf-8")
    done = ask("check", "--rules", rules)
    assert done.exit_code == 1
    assert sum(not line.startswith("  ") for line in done.output.splitlines()) == len(FOUND) + 2
    assert ask("test", "--rules", rules).exit_code == 3
    assert "44 tests" in ask("check").output
    page = ask("rule", "look-again", "--rules", rules)
    assert (page.exit_code, f"{len(FOUND)} problems in the tests of the rules" in page.output) == (0, True)


def test_a_mistake_in_a_rule_is_not_told_again_by_its_tests(rules: Path) -> None:
    shutil.copytree(ORCHARDS / "rules" / "tests", rules / "tests", dirs_exist_ok=True)
    path = rules / "mechanisms" / "crowded-and-seen-late.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("signature: T2", "signature: T22"), encoding="utf-8")
    done = ask("check", "--rules", rules)
    assert done.exit_code == 1
    assert "T22" in done.output
    assert "rules/tests/" not in done.output


def test_no_word_of_a_test_can_steer_a_terminal(rules: Path) -> None:
    text = LOOK_AGAIN.replace("one picture is a reason to look again", '"a \\u0085 reason"')
    (rules / "tests" / "a.yaml").write_text(text, encoding="utf-8")
    done = ask("test", "--rules", rules)
    assert done.exit_code in (1, 3)
    assert "\x85" not in done.output
    assert "Traceback" not in done.output


# The shipped rules


@pytest.fixture(scope="module")
def shipped(knowledge: Knowledge) -> tuple[RuleTest, ...]:
    tests, problems = read_rule_tests(RULES, knowledge)
    assert problems == ()
    return tests


def test_the_shipped_tests_hold(shipped: tuple[RuleTest, ...], knowledge: Knowledge) -> None:
    assert [one for one in run(shipped, knowledge, compile_rules(knowledge.rules)) if not one.as_expected] == []


def test_every_shipped_rule_has_three_tests_and_is_seen_to_hold(
        shipped: tuple[RuleTest, ...], knowledge: Knowledge) -> None:
    assert tally(shipped, knowledge).too_few == ()
    seen = {id for test in shipped for id in test.because}
    assert [r.id for r in knowledge.in_force if r.head.kind != "signature" and r.id not in seen] == []


MUTATIONS = [
    # a file, what stands there, what is put in its place
    ("mechanisms/capacity-spiral.yaml", "agency_worker_rate, at_least: worst quarter",
     "agency_worker_rate, at_least: worst tenth"),
    ("mechanisms/churn-under-cuts.yaml", "vacancy_rate, at_least: worst quarter",
     "vacancy_rate, at_least: worst tenth"),
    ("mechanisms/churn-under-cuts.yaml", "  - protective: stable-permanent-director\n", ""),
    ("signatures/C6.yaml", "unallocated_children, at_least: 122", "unallocated_children, at_least: 123"),
    ("pictures/corporate-climate.yaml", "at_least: 2", "at_least: 1"),
    ("overall/1-priority.yaml", "not_older_than: 18 months", "not_older_than: 24 months"),
]


@pytest.mark.parametrize(("file", "right", "wrong"), MUTATIONS, ids=lambda text: text if "/" in text else "")
def test_a_changed_rule_does_not_do_as_its_tests_say(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert right in text, f"{right!r} is no longer in {file}"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    changed, problems = load(folder)
    assert problems == ()
    tests, _ = read_rule_tests(folder, changed)
    ran: tuple[Ran, ...] = run(tests, changed, compile_rules(changed.rules))
    assert [one for one in ran if not one.as_expected]
