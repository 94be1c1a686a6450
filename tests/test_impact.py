"""What an edit of the rules changes: against every day worked out whole, in words, over tables and from git."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cli import sigrisk
from engine.assess import Asked, Assessment, Assessor
from engine.bits import evaluate, evaluate_further, stretched
from engine.compiling import compile_onto, compile_rules
from engine.days import course, finer, planes_of_days, turns
from engine.grounds import used
from engine.planes import Column, planes
from engine.prepared import Prepared
from engine.program import Atom, Op
from engine.proofs import Mark, Provenance
from engine.tablerows import observations
from explain.impact import Impact
from explain.impact import impact as impact_of
from explain.moments import Standing, standing_of, standings
from explain.moves import GAINED, KNOWN, LEVEL, LOST, REASON, RESULT, Move
from explain.nation import shares
from explain.render.moved import picture
from explain.weighing import Kept, Table, read_tables, weigh
from kb.conditions import LADDERS, All, Head, Within
from kb.dossier import Case
from kb.edits import edits
from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.knowledge import Knowledge
from kb.load import load
from kb.longtables import read_long
from kb.tablegroups import read_groups

FEW = ("ashby", "derbyshire", "bradford-2022")
DAY = timedelta(days=1)
TWO_OF_THREE = "churn-under-cuts-two-of-three"
Edit = Callable[[Knowledge], Knowledge]


def ready(knowledge: Knowledge) -> Prepared:
    return Prepared(knowledge, compile_rules(knowledge.rules))


def changed(id: str, **to: object) -> Edit:
    """The same rules with one rule otherwise."""
    def edit(knowledge: Knowledge) -> Knowledge:
        rules = {rule.id: rule for rule in knowledge.rules}
        rules[id] = rules[id]._replace(**to)
        return knowledge._replace(rules=tuple(rules.values()))
    return edit


def shorter(knowledge: Knowledge) -> Knowledge:
    """The same, with both rules on churn looking back for half as long."""
    def half(when: Within) -> Within:
        return when._replace(months=when.months // 2)
    rules = [rule._replace(when=half(rule.when)) if rule.id.startswith("churn-under-cuts") and isinstance(
        rule.when, Within) else rule for rule in knowledge.rules]
    return knowledge._replace(rules=tuple(rules))


def gone(knowledge: Knowledge) -> Knowledge:
    """The same without one of the rules of a mechanism."""
    return knowledge._replace(rules=tuple(rule for rule in knowledge.rules if rule.id != TWO_OF_THREE))


def raised(knowledge: Knowledge) -> Knowledge:
    """The same, with A2 strong wherever it was moderate."""
    rules = [rule._replace(head=rule.head._replace(level="strong")) if (rule.head.id, rule.head.level) == (
        "A2", "moderate") else rule for rule in knowledge.rules]
    return knowledge._replace(rules=tuple(rules))


def unsettled(knowledge: Knowledge) -> Knowledge:
    """The same, with the indicator behind C7 out of date after six months."""
    from dataclasses import replace

    known = dict(knowledge.vocabulary.indicators)
    known["agency_worker_rate"] = known["agency_worker_rate"]._replace(validity=6)
    return knowledge._replace(vocabulary=replace(knowledge.vocabulary, indicators=known))


def higher(_: Knowledge) -> Knowledge:
    """The rules as they are read where a sign of C7 asks for a higher place."""
    with tempfile.TemporaryDirectory() as folder:
        rules = shutil.copytree(RULES, Path(folder) / "rules")
        rewrite(rules / C7, "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth")
        return load(rules, VOCABULARY)[0]


EDITS: dict[str, Edit] = {
    "a shorter period": shorter, "a rule taken out": gone, "a grade raised": raised, "evidence out of date": unsettled,
    "another level": changed(TWO_OF_THREE, head=Head("mechanism", "churn-under-cuts", "elevated")),
    "another threshold": higher, "withdrawn": changed(TWO_OF_THREE, status="withdrawn"),
}


# Every day worked out whole.


def test_a_test_is_looked_at_only_where_it_may_turn(knowledge: Knowledge, cases: dict[str, Case]) -> None:
    program, turning = compile_rules(knowledge.rules), turns(knowledge.vocabulary, compile_rules(knowledge.rules))
    courses = [one for name in FEW if (one := course(cases[name], turning, knowledge.vocabulary)) is not None]
    columns = [Column(one.evidence, day) for one in courses for day in one.days]
    assert planes_of_days(program, courses, {}) == planes(program, columns)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_on_top_of_the_rules_gives_what_it_gives_by_itself(name: str, knowledge: Knowledge,
                                                                   cases: dict[str, Case]) -> None:
    """Every conclusion on every day on which anything may change, however it is looked at; rules, too."""
    old, edited = ready(knowledge), EDITS[name](knowledge)
    alone, on_top = compile_rules(edited.rules), compile_onto(old.knowledge, old.program, edited)
    assert on_top.nodes[:len(old.program.nodes)] == old.program.nodes
    turning = turns(edited.vocabulary, alone)
    courses = [one for id in FEW if (one := course(cases[id], turning, edited.vocabulary)) is not None]
    width = 2 * sum(len(one.days) for one in courses)
    first, second = (evaluate(it, planes_of_days(it, courses, {}), width) for it in (alone, on_top))
    assert {head: first[node] for head, node in alone.heads.items()} == {
        head: second[on_top.heads[head]] for head in alone.heads}
    assert {id: first[node] for id, node in alone.rules.items()} == {
        id: second[node] for id, node in on_top.rules.items()}
    atoms = planes_of_days(on_top, courses, {})
    known = evaluate(old.program, atoms[:len(old.program.atoms)], width)
    assert evaluate_further(on_top, known, atoms, width) == second


@given(st.data())
def test_a_mark_on_wider_columns_is_as_it_was_in_each(data: st.DataObject) -> None:
    widths = data.draw(st.lists(st.integers(1, 4), max_size=12))
    mark = data.draw(st.integers(0, 2 ** len(widths) - 1))
    columns = [mark >> at & 1 for at, width in enumerate(widths) for _ in range(width)]
    assert stretched(mark, [0, *accumulate(widths)]) == sum(1 << at for at, there in enumerate(columns) if there)


def test_a_finer_course_is_that_of_all_its_days(knowledge: Knowledge, cases: dict[str, Case]) -> None:
    """What two programs look at: the days of the one, made finer by the other's, are the days of both."""
    words, programs = knowledge.vocabulary, [compile_rules(edit(knowledge).rules) for edit in (gone, shorter)]
    asked = {test.indicator for atom, _ in programs[1].atoms for test in atom.tests}
    seen = 0
    for case in (cases[id] for id in FEW):
        one, both = (course(case, turns(words, *some), words) for some in (programs[:1], programs))
        assert one is not None
        assert both is not None
        assert finer(one, turns(words, *programs), asked) == both
        seen += len(both.days) - len(one.days)
    assert seen


def test_what_is_used_is_what_the_routes_use(knowledge: Knowledge, cases: dict[str, Case]) -> None:
    it = Assessor(knowledge, "bits").assess(cases["northamptonshire"], date(2018, 11, 30))
    compared = 0
    for node in it.program.heads.values():
        for reading in (0, 1):
            marks = Provenance(it.program, it.model, reading).used(Mark(node))
            origins = [(it.program.nodes[mark.node], mark.side) for mark in marks]
            found = used(it.program, list(it.model), node, 1 << reading)
            assert found.tests.keys() == {(at.origin, side) for at, side in origins if isinstance(at.origin, Atom)}
            assert found.rules.keys() == {at.origin.id for at, _ in origins if at.op is Op.UNLESS}  # type: ignore[union-attr]
            compared += bool(marks)
    assert compared > 100


def every_day(case: Case, old: Prepared, new: Prepared) -> Iterator[tuple[date, Assessment, Assessment]]:
    """Both assessments of every day from the first on which anything was known to the last on which anything came."""
    days = [o.known for o in case.observations]
    asked = [min(days) + n * DAY for n in range(-1, (max(days) - min(days)).days + 1, 13)]
    found = (Assessor(it.knowledge, "bits", it.program).assess_all([Asked(case, day) for day in asked])
             for it in (old, new))
    yield from zip(asked, *found, strict=True)


def told(moved: tuple[Move, ...], day: date, whats: tuple[str, ...],
         ) -> dict[tuple[str, str], tuple[Standing, Standing]]:
    """What is said to stand otherwise on a day."""
    return {move.head: (move.before, move.after) for move in moved
            if move.what in whats and move.first <= day and (move.last is None or day <= move.last)}


@pytest.mark.parametrize("name", EDITS)
def test_what_moves_is_what_differs_on_every_day(name: str, knowledge: Knowledge, cases: dict[str, Case]) -> None:
    """Every thirteenth day of three cases: whatever stands otherwise is told, as it stands, and nothing else is."""
    old, new, seen = ready(knowledge), ready(EDITS[name](knowledge)), 0
    for case in (cases[id] for id in FEW):
        moved = weigh(old, new.knowledge, "before", [case]).moved
        for day, one, other in every_day(case, old, new):
            stood = [standings(it) for it in (one, other)]
            every = {head: tuple(standing_of(it, *head) if head[1] else some[head] for it, some in zip(
                (one, other), stood, strict=True)) for head in stood[0].keys() | stood[1].keys() if head[0] != "result"
                or not head[1]}
            differing = {head: pair for head, pair in every.items() if pair[0] != pair[1]}
            assert told(moved, day, (RESULT, GAINED, LOST, LEVEL, KNOWN)) == differing, (case.id, day)
            seen += len(differing)
    assert seen


def test_the_same_for_another_reason_is_where_other_evidence_carries_it(knowledge: Knowledge, cases: dict[str, Case],
                                                                        ) -> None:
    """Every day again, by the proofs of each conclusion one by one."""
    old, new, seen = ready(knowledge), ready(shorter(knowledge)), 0
    for case in (cases[id] for id in FEW):
        moved = weigh(old, new.knowledge, "before", [case]).moved
        for day, one, other in every_day(case, old, new):
            others = {head for head in told(moved, day, (REASON,)) if head[1]}
            for kind, id in knowledge.conclusions():
                alike = standing_of(one, kind, id) == standing_of(other, kind, id)
                if kind != "result" and alike and one.level(kind, id):
                    otherwise = grounds(one, kind, id) != grounds(other, kind, id)
                    assert otherwise == ((kind, id) in others), (case.id, day, id)
            seen += len(others)
    assert seen


def grounds(it: Assessment, kind: str, id: str) -> tuple[set[object], set[str]]:
    node = it.program.head(kind, id, it.level(kind, id) or LADDERS[kind][0])
    assert node is not None
    found, rules = set[object](), set[str]()
    for reading in (0, 1):
        for mark in Provenance(it.program, it.model, reading).used(Mark(node)):
            at = it.program.nodes[mark.node]
            if isinstance(at.origin, Atom):
                found |= {o.sort_key for test in at.origin.tests
                          for o in it.looking.sides(test, at.origin.context, not reading)[mark.side]}
            elif at.op is Op.UNLESS:
                rules.add(at.origin.id)  # type: ignore[union-attr]
    return found, rules


# What was edited.


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules, in a folder of their own."""
    return shutil.copytree(RULES, tmp_path / "rules")


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


CHURN, C7, GRADING = "mechanisms/churn-under-cuts.yaml", "signatures/C7.yaml", "grading.yaml"
WRITTEN = [
    (CHURN, "within: 24 months", "within: 12 months",
     'rule churn-under-cuts: its condition was "evidence that ends within 24 months", is now "evidence that ends with'),
    (CHURN, "    within: 24 months\n", "",
     'rule churn-under-cuts: its condition asks no longer for "evidence that ends within 24 months"'),
    (CHURN, "        - signature: A3\n        - any:\n            - {signature: C7, grade: weak}  #",
     "        - any:\n            - {signature: C7, grade: weak}  #",
     'rule churn-under-cuts: its condition is taken out: "A3 (moderate) is present"'),
    (CHURN, "      - protective: funding-protected\n", "", "rule churn-under-cuts: its exception is taken out"),
    (CHURN, "severity: high", "severity: critical",
     'rule churn-under-cuts: what it concludes was "churn-under-cuts high", is now "churn-under-cuts critical"'),
    (CHURN, "es-cypn]\n    basis: local judgement\n    status: in force",
     "es-cypn]\n    basis: local judgement\n    status: draft",
     'rule churn-under-cuts-two-of-three: it was "in force", is now "draft"'),
    (C7, "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth",
     "signature C7: its sign was \"agency rate: a place in the worst quarter of England's authorities\", is now"),
    (C7, "strong: {at_least: 3}", "strong: {at_least: 2}", "signature C7: its strong value was"),
    (GRADING, "        - more_than_numbers: {signs: some refuted}\n", "",
     "grading, not found: its condition is taken out"),
]


@pytest.mark.parametrize(("file", "was", "now", "said"), WRITTEN, ids=[row[3] for row in WRITTEN])
def test_an_edit_is_told_once_in_words_at_its_place(file: str, was: str, now: str, said: str, rules: Path) -> None:
    rewrite(rules / file, was, now)
    done = impact("--against", str(RULES), "--rules", str(rules), "--cases", str(EXAMPLES / "ashby.yaml"))
    assert done.exit_code == 1, done.stderr
    edited = done.stdout.split("What was edited\n")[1].split("\n\n")[0]
    assert " ".join(edited.split()).lower().count(said.lower()) == 1
    assert f"rules/{file}:" in edited


def test_words_decide_nothing(rules: Path) -> None:
    rewrite(rules / CHURN, "version: 1", "version: 2")
    done = impact("--against", str(RULES), "--rules", str(rules), "--cases", str(EXAMPLES / "ashby.yaml"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Only other words: churn-under-cuts; churn-under-cuts-two-of-three." in done.stdout


@pytest.mark.parametrize("name", EDITS)
def test_what_is_kept_of_the_old_version_changes_nothing(name: str, knowledge: Knowledge, cases: dict[str, Case],
                                                        ) -> None:
    """Weighed against what was worked out once of the old version, and against nothing kept: the same in every part."""
    old, few = ready(knowledge), [cases[id] for id in FEW]
    table, _ = read_tables([(EXAMPLES / "observations.csv", "observations.csv")], knowledge, date(2021, 12, 31))
    kept = Kept(old, few, table)
    for edit in (EDITS[name], lambda same: same, EDITS[name]):  # a second edit must not find what the first one left
        new = ready(edit(knowledge))
        anew = weigh(old, new.knowledge, "before", few, table)
        assert impact_of(weigh(old, new.knowledge, "before", few, table, kept)) == impact_of(anew)
        known = {key for one in kept.of_cases.courses for looking in one.looks.values() for key in looking.decided}
        own = {(test, atom.context.shift) for atom, _ in old.program.atoms for test in atom.tests}
        assert known <= own, "nothing is left of what an edit alone asked for"


def test_another_order_is_no_edit(knowledge: Knowledge) -> None:
    rules = [rule._replace(when=rule.when._replace(parts=rule.when.parts[::-1])) if isinstance(rule.when, All) else rule
             for rule in reversed(knowledge.rules)]
    assert edits(knowledge, knowledge._replace(rules=tuple(rules))).rules == frozenset()


def test_where_evidence_is_read_otherwise_it_is_said(knowledge: Knowledge, cases: dict[str, Case]) -> None:
    found = weigh(ready(knowledge), unsettled(knowledge), "before", [cases["ashby"]])
    assert found.meant.same is True
    assert found.edits.reading == ("agency_worker_rate",)
    assert not found.nothing


# As a command.


def impact(*words: str) -> Result:
    return CliRunner().invoke(sigrisk, ["impact", "--exit-code", *words])


def test_the_answer(rules: Path, golden: Callable[[str, str], None]) -> None:
    rewrite(rules / C7, "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth")
    files = ("--cases", str(EXAMPLES / "ashby.yaml"), "--table", str(EXAMPLES / "observations.csv"))
    asked = ("--against", str(rules), *files)
    done = impact(*asked)
    assert (done.exit_code, done.stderr) == (1, "")
    golden("impact.txt", done.stdout)
    golden("impact.md", impact(*asked, "--format", "markdown").stdout)
    answer = json.loads(impact(*asked, "--format", "json").stdout)
    assert answer["result"] == "different"
    assert answer["chain"][0]["place"] == "rules/signatures/C7.yaml:7:5"


def git(folder: Path, *words: str) -> bytes:
    who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    return subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True).stdout


def test_the_old_version_is_what_git_knows_by_a_name(rules: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    asked = ("--rules", str(rules), "--cases", str(EXAMPLES / "ashby.yaml"))
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "tag", "first")
    assert impact(*asked).exit_code == 0
    rewrite(rules / CHURN, "within: 24 months", "within: 12 months")
    done = impact(*asked)
    assert done.exit_code == 1, done.stderr
    assert "the rules as they stand, against HEAD (" in done.stdout
    git(tmp_path, "commit", "-qam", "second")
    assert impact(*asked).exit_code == 0
    assert impact(*asked, "--against", "first").exit_code == 1
    assert git(tmp_path, "status", "--short") == b""
    unknown = impact(*asked, "--against", "last-year")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert unknown.stderr == "sigrisk: there is no folder 'last-year', and git knows no version of that name\n"


def test_that_something_moves_is_a_failure_only_where_that_is_asked_for(rules: Path) -> None:
    rewrite(rules / C7, "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth")
    asked = ["impact", "--against", str(rules), "--cases", str(EXAMPLES / "ashby.yaml")]
    assert [CliRunner().invoke(sigrisk, [*asked, *more]).exit_code for more in ([], ["--exit-code"])] == [0, 1]


def test_what_git_does_not_know_is_one_line(rules: Path, tmp_path: Path) -> None:
    outside = impact("--rules", str(rules))
    assert (outside.exit_code, outside.stdout) == (2, "")
    assert outside.stderr == ("sigrisk: there is no folder 'HEAD', and rules is not in a git repository; "
                              "name a folder: --against DIR\n")
    git(tmp_path, "init", "-q")
    (tmp_path / "note.txt").write_text("nothing else yet", encoding="utf-8")
    git(tmp_path, "add", "note.txt")
    git(tmp_path, "commit", "-qm", "first")
    assert impact("--rules", str(rules)).stderr == "sigrisk: at HEAD there is no folder rules\n"


def test_an_old_version_with_problems_is_told(rules: Path) -> None:
    rewrite(rules / CHURN, "signature: A3", "signature: A33")
    done = impact("--against", str(rules))
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("sigrisk: the old version, rules, has problems:\nrules/mechanisms/churn-under")


# Tables.


HEADER = "authority_code,indicator,about,known,value,marker,kind,source,region,size"
ROWS = [("E08000012", "30", "", "North"), ("E08000013", "30", "", "North"), ("E08000014", "", "c", "South"),
        ("E08000015", "1", "", "South")]


def table(tmp_path: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    file = tmp_path / "table.csv"
    lines = [f"{code},agency_worker_rate,2024-09-30,2025-02-28,{value},{marker},,census,{region},large"
             for code, value, marker, region in rows]
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return file


def over(file: Path, knowledge: Knowledge) -> Impact:
    frame, wrong = read_long(file, knowledge.vocabulary)
    groups, conflicts = read_groups(file)
    assert (wrong, conflicts) == ((), ())
    assert frame is not None
    rows = observations(frame, knowledge.vocabulary)
    rules = tuple(rule for rule in knowledge.rules if (rule.head.kind, rule.head.id) != ("signature", "C7"))
    return weigh(ready(knowledge._replace(rules=rules)), knowledge, "before", [],
                 Table(rows, date(2025, 3, 1), groups.of))


def test_authorities_are_counted_by_their_groups(tmp_path: Path, knowledge: Knowledge) -> None:
    nation = over(table(tmp_path, ROWS), knowledge).nation
    assert nation is not None
    assert {(move.case.authority_code, move.head) for move in nation.moved if move.what == GAINED} == {
        ("E08000012", ("signature", "C7")), ("E08000013", ("signature", "C7"))}
    assert [tuple(share) for share in shares(nation)["region"]] == [("North", 2, 2, 0, 0), ("South", 2, 0, 0, 0)]
    assert [tuple(share) for share in shares(nation)["size"]] == [("large", 4, 2, 0, 0)]


def test_a_number_withheld_is_no_number(tmp_path: Path, knowledge: Knowledge) -> None:
    """It neither shows a sign nor speaks against it."""
    nation = over(table(tmp_path, [("E08000012", "", "c", "North")]), knowledge).nation
    assert nation is not None
    assert nation.moved == ()


def test_an_authority_is_in_one_group(tmp_path: Path) -> None:
    file = table(tmp_path, [*ROWS, ("E08000012", "29", "", "South")])
    _, (problem,) = read_groups(file)
    assert str(problem) == ('table.csv:6:9: K019 "E08000012" is in region "South", and was in "North" further up '
                            "(give an authority one group throughout)")


def test_a_parquet_table_gives_what_the_same_rows_give_as_csv(tmp_path: Path, rules: Path) -> None:
    rewrite(rules / C7, "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth")
    rows = table(tmp_path, ROWS)
    (tmp_path / "parquet").mkdir()
    pl.read_csv(rows, infer_schema=False).write_parquet(tmp_path / "parquet" / "table.parquet")
    said = [impact("--against", str(rules), "--cases", str(EXAMPLES / "ashby.yaml"), "--table", str(file))
            for file in (rows, tmp_path / "parquet" / "table.parquet")]
    assert said[0].stdout == said[1].stdout
    assert "Equality screen: by region" in said[0].stdout
    assert [done.exit_code for done in said] == [1, 1]


def test_the_picture_shows_what_the_words_say(tmp_path: Path, knowledge: Knowledge) -> None:
    found = over(table(tmp_path, ROWS), knowledge)
    drawing = picture(found)
    for said in ("Gained", "present (weak)", "2 of 4", "North", "By region", "fewer than 10"):
        assert said in drawing.source, said
    assert "2 authorities" in drawing.description
