"""What tests of rules leave open: each gap told with a test that closes it, each slip that no test would notice."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import commands.testing
from cli import sigrisk
from engine.compiling import compile_rules
from engine.coverage import SHOWN, coverage, units_of
from engine.meaning.answers import whether_ever
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.laws import laws
from engine.meaning.unchanged import changing_nothing
from engine.mutants import noticed
from engine.program import ANY_AGE, Context, Proposition
from engine.ruletests import run
from engine.variants import compile_versions
from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.knowledge import Knowledge
from kb.load import load
from kb.rereading import Changed, changes
from kb.ruletests import RuleTest, read_rule_tests
from kb.writetests import written_test

ORCHARDS = EXAMPLES / "orchards"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the orchards' rules with their tests."""
    folder = tmp_path / "rules"
    shutil.copytree(ORCHARDS / "rules", folder)
    return folder


@pytest.fixture(scope="module")
def orchards() -> Knowledge:
    return load(ORCHARDS / "rules", ORCHARDS / "kb")[0]


@pytest.fixture(scope="module")
def slips(orchards: Knowledge) -> list[Changed]:
    return list(changes(ORCHARDS / "rules", ORCHARDS / "kb", orchards))


def ask(*words: str | Path) -> Result:
    """What the command answers about the orchards."""
    return CliRunner(env={"SIGRISK_CACHE": "off"}).invoke(
        sigrisk, ["test", *map(str, words), "--kb", str(ORCHARDS / "kb")])


def read_tests(folder: Path, knowledge: Knowledge) -> tuple[RuleTest, ...]:
    tests, problems = read_rule_tests(folder, knowledge)
    assert problems == ()
    return tests


def pasted(output: str) -> str:
    """The tests in an answer, as a file of tests: every line as it was printed."""
    blocks, inside = ["tests:\n"], False
    for line in output.splitlines():
        inside = line.startswith("  - test:") or (inside and line.startswith("    "))
        blocks += [f"{line}\n"] if inside else []
    return "".join(blocks)


# Gaps


def test_the_tests_that_are_offered_can_be_pasted_and_leave_nothing_open_that_they_were_offered_for(
        rules: Path, orchards: Knowledge) -> None:
    """From no tests at all: every condition of every rule is then seen in each state, and decides."""
    for path in (rules / "tests").iterdir():
        path.unlink()
    before = ask("--coverage", "--rules", rules)
    assert before.exit_code == 1
    (rules / "tests" / "pasted.yaml").write_text(pasted(before.output), encoding="utf-8")
    after = read_tests(rules, orchards)
    assert [one for one in run(after, orchards, compile_rules(orchards.rules)) if not one.as_expected] == []
    shown = list(coverage(after, orchards, units_of(orchards)))
    assert [(one.unit.id, one.missing) for one in shown if one.missing or not one.decides] == []


def test_a_slip_that_no_test_notices_comes_with_one_that_does(
        rules: Path, orchards: Knowledge, slips: list[Changed]) -> None:
    before = ask("--coverage", "--rules", rules)
    open_ = unnoticed(read_tests(rules, orchards), orchards, slips)
    (rules / "tests" / "pasted.yaml").write_text(pasted(before.output), encoding="utf-8")
    left = unnoticed(read_tests(rules, orchards), orchards, slips)
    offered = before.output.count("no test notices") - before.output.count("no test was found")
    assert offered > 0
    assert len(open_) - len(left) >= offered
    assert ask("--rules", rules).output.count("\n") == 1, "and all of them hold"


def unnoticed(tests: Sequence[RuleTest], knowledge: Knowledge, slips: Sequence[Changed]) -> list[Changed]:
    found = noticed(tests, knowledge, [one.rules for one in slips])
    return [one for one, failing in zip(slips, found, strict=True) if not failing]


def test_what_tests_show_is_attributed_to_them(rules: Path) -> None:
    told = ask("--coverage", "--run", "look-again", "--rules", rules).output
    assert "look-again\n" in told
    assert "    present: " in told
    assert max(map(len, told.splitlines())) <= 80 or "given" in told


# Slips


def test_all_slips_side_by_side_are_each_by_itself(orchards: Knowledge, slips: list[Changed]) -> None:
    """A version beside the usual rules does to every test what it does where it stands in their place."""
    tests = read_tests(ORCHARDS / "rules", orchards)
    together = list(noticed(tests, orchards, [one.rules for one in slips]))
    for one, failing in zip(slips, together, strict=True):
        new = {rule.id: rule for rule in one.rules}
        changed = orchards._replace(rules=tuple(new.get(rule.id, rule) for rule in orchards.rules))
        alone = run(tests, changed, compile_rules(changed.rules))
        assert failing == sum(1 << at for at, ran in enumerate(alone) if not ran.as_expected), one.slip


def test_a_slip_is_read_as_the_file_would_be(rules: Path, slips: list[Changed]) -> None:
    """A number put in its place in the file gives the same rules as the slip."""
    tried = 0
    for one in slips:
        path = rules.parent / one.slip.place.file
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        line = lines[one.slip.place.line - 1]
        if not one.slip.becomes or line.count(one.slip.was) != 1:
            continue
        lines[one.slip.place.line - 1] = line.replace(one.slip.was, one.slip.becomes)
        path.write_text("".join(lines), encoding="utf-8")
        changed, problems = load(rules, ORCHARDS / "kb")
        path.write_text(text, encoding="utf-8")
        assert problems == ()
        now = {rule.id: rule for rule in changed.in_force}
        assert [(r.when, r.unless, r.head) for r in one.rules] == [
            (now[r.id].when, now[r.id].unless, now[r.id].head) for r in one.rules], one.slip
        tried += 1
    assert tried > 20


def test_what_is_said_to_change_nothing_is_noticed_by_no_evidence(orchards: Knowledge, slips: list[Changed]) -> None:
    """None of the tests that give evidence only tells such a slip from the rules as they are."""
    tests = [test for test in read_tests(ORCHARDS / "rules", orchards) if not test.given]
    same = changing_nothing(compile_versions(orchards.in_force, [one.rules for one in slips]), orchards.vocabulary)
    failing = noticed(tests, orchards, [one.rules for one in slips])
    proved = [(one.slip, tests) for one, is_same, tests in zip(slips, same, failing, strict=True) if is_same]
    assert len(proved) > 0
    assert [slip for slip, tests in proved if tests] == []


def test_evidence_of_an_earlier_date_is_not_recent_because_it_was_in_date_then(knowledge: Knowledge) -> None:
    """Where every sign is at most 18 months old, asking that asks for nothing; two years earlier it asks for much."""
    heads = [Proposition("signature", "C2", "moderate", Context(shift=months, plus=recent))
             for months in (0, 24) for recent in (18, ANY_AGE)]
    program = compile_rules(knowledge.rules, heads)
    circuit = Circuit(len(program.atoms))
    pairs, held = Wires(program, circuit), laws(program, knowledge.vocabulary)
    now, whenever, then, ever = (pairs[program.heads[head]] for head in heads)
    changed = [circuit.changed(now, whenever), circuit.changed(then, ever)]
    assert list(map(whether_ever(circuit, held, knowledge.vocabulary), changed)) == [False, True]


# The command


def test_junit_is_well_formed_and_tells_each_difference(rules: Path, tmp_path: Path) -> None:
    text = written_test("a <b> & \"c\"", "look-again", {}, {"look-again": "present"})
    (rules / "tests" / "a.yaml").write_text(f"as_at: 2025-03-31\ntests:\n{text}", encoding="utf-8")
    done = ask("--junit", tmp_path / "out.xml", "--rules", rules)
    assert done.exit_code == 1
    suite = ElementTree.parse(tmp_path / "out.xml").getroot().find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases))
    failed = [case for case in cases if case.find("failure") is not None]
    assert [(case.get("name"), case.get("classname"), case.get("file"), case.get("line")) for case in failed] == [
        ('a <b> & "c"', "look-again", "rules/tests/a.yaml", "3")]
    assert "look-again: expected present, got not known" in str(failed[0].findtext("failure"))
    assert suite.get("failures") == "1"
    assert ask("--junit", tmp_path / "no" / "out.xml", "--rules", rules).exit_code == 3


def test_run_names_a_rule_or_a_test_as_the_argument_does(rules: Path) -> None:
    for name in ("look-again", "T1"):
        assert ask("--run", name, "--rules", rules).output == ask(name, "--rules", rules).output
    wrong = ask("--run", "look-agian", "--rules", rules)
    assert (wrong.exit_code, 'did you mean "look-again"?' in wrong.output) == (2, True)


def test_watch_runs_again_on_a_change_and_ends_cleanly(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake is told and mended; nothing is run while nothing changes."""
    path = rules / "mechanisms" / "crowded-and-seen-late.yaml"
    right = path.read_text(encoding="utf-8")
    steps: Iterator[str | None] = iter([None, right.replace("signature: T2", "signature: T22"), None, right])

    def wait(_seconds: float) -> None:
        step = next(steps, "end")
        if step == "end":
            raise KeyboardInterrupt
        if step is not None:
            path.write_text(step, encoding="utf-8")

    monkeypatch.setattr(commands.testing.time, "sleep", wait)
    done = ask("--watch", "--rules", rules)
    assert done.exit_code == 0
    assert done.output.count("all as expected") == 2
    assert done.output.count('did you mean "T2"?') == 1
    assert done.output.endswith("ended\n")


# The shipped rules

def test_the_shipped_tests_show_every_outcome_of_every_condition(knowledge: Knowledge) -> None:
    shown = list(coverage(read_tests(RULES, knowledge), knowledge, units_of(knowledge)))
    assert [(one.unit.id, one.premise) for one in shown if one.missing or not one.decides] == []
    assert all(len(one.states) > len(SHOWN) for one in shown), "contested is kept apart"


def test_every_slip_in_the_shipped_rules_is_noticed_or_proved_to_change_nothing(knowledge: Knowledge) -> None:
    slips = list(changes(RULES, VOCABULARY, knowledge))
    left = unnoticed(read_tests(RULES, knowledge), knowledge, slips)
    same = changing_nothing(compile_versions(knowledge.in_force, [one.rules for one in left]), knowledge.vocabulary)
    assert len(slips) > 900
    assert [one.slip for one, is_same in zip(left, same, strict=True) if not is_same] == []
