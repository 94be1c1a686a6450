"""Ten mistakes planted in a copy of the rules: all ten in one run, each at its line, with the nearest right word."""

import shutil
from pathlib import Path

import pytest

from kb.files import RULES
from kb.load import load

PLANTED = [
    # file, what to replace, by what, the line where it is reported, code, what the message or hint must say
    ("mechanisms/blind-spot.yaml", "    - signature: A4", "\t- signature: A4", 11, "K005", "spaces"),
    ("mechanisms/churn-under-cuts.yaml", "rationale: >\n      In Derbyshire a", "rationale: In Derbyshire: a", 24,
     "K006", "quotes"),
    ("mechanisms/capacity-spiral.yaml", "    because: >\n      The agency",
     "    becuase: >\n      The agency", 15, "K013", 'did you mean "because"?'),
    ("mechanisms/lost-anticipation.yaml", "{signature: C6, within", "{signature: C66, within", 13, "K015",
     'did you mean "C6"?'),
    ("mechanisms/unseen-children.yaml", "indicator: vacancy_rate", "indicator: vacancy_rat", 13, "K015",
     'did you mean "vacancy_rate"?'),
    ("signatures/C4.yaml", "below: 80 per cent", "below: 80 months", 8, "K017", "per cent"),
    ("pictures/financial-contagion.yaml", "rule: financial-contagion", "rule: watch", 4, "K016", "watch.yaml"),
    ("mechanisms/unreliable-assurance.yaml", "version: 1", "version: 1\nversion: 2", 27, "K011", "keep one"),
    ("mechanisms/temporary-arrangements.yaml", "    - {indicator: vacancy_rate, at_least: worst quarter}",
     "    - {indicator: vacancy_rate, at_least: worst quarter}\n    - conclusion: reactive-authority", None, "K021",
     "reactive-authority"),
    ("signatures/A3.yaml", "{indicator: planned_savings_one_year, at_least: 5 per cent, basis: local judgement}",
     "indicator: planned_savings_one_year\n      at_least: >= 5\n      basis: local judgement", 12, "K007",
     "at_least"),
]


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    for file, right, wrong, *_ in PLANTED:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert right in text, f"{right!r} is no longer in {file}"
        path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return folder


def test_ten_mistakes_are_all_found_in_one_run(planted: Path) -> None:
    _, problems = load(planted)
    for file, _, wrong, line, code, says in PLANTED:
        matching = [p for p in problems if p.code == code and p.place.file == f"rules/{file}"]
        if code == "K016":
            matching = [p for p in problems if p.code == code]
        if code == "K021":
            matching = [p for p in problems if p.code == code and says in p.message]
        assert matching, f"{wrong!r} in {file} was not found; found: {[str(p) for p in problems]}"
        assert any(says in p.message + p.hint for p in matching), [str(p) for p in matching]
        if line is not None and code != "K016":
            assert line in {p.place.line for p in matching}, [str(p) for p in matching]


def test_nothing_else_is_reported(planted: Path) -> None:
    _, problems = load(planted)
    assert len(problems) == len(PLANTED), "\n".join(str(p) for p in problems)


def test_the_shipped_rules_are_clean() -> None:
    assert load()[1] == ()


SLIPS = [
    # a premise as somebody might write it, and what the message or its hint must say
    ("{indicator: agency_worker_rate, rises_by: 10 points}", "rises_by: and over: go together"),
    ("{indicator: vacancy_rate, is: 10 per cent}", "`is:` goes with yes or no"),
    ("{indicator: vacancy_rate, at_least: 10 per cent, in: 36 months}", "in cannot be asked of anything but a count"),
    ("{indicator: director_changes, at_most: 2 times}", "write at_least: with a number of times"),
    ("{indicator: vacancy_rate, at_least: 200 per cent}", "not between 0 and 100"),
    ("{indicator: vacancy_rate, at_least: '7,5 per cent'}", "write a point"),
    ("{and: [{signature: A2}, {signature: A3}]}", 'did you mean "all"?'),
    ("{all: [{signature: A2}, {signature: A2}]}", "A2 stands twice in one list"),
    ("{signs: shown}", "only in the grading"),
    ("{conclusion: watch}", "a mechanism cannot rest on watch"),
]


@pytest.mark.parametrize(("written", "says"), SLIPS)
def test_a_premise_that_would_not_mean_what_it_seems_to(written: str, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    path = folder / "mechanisms" / "blind-spot.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    - signature: A4\n", f"    - {written}\n", 1), encoding="utf-8")
    _, problems = load(folder)
    assert [p for p in problems if says in p.message + p.hint], [str(p) for p in problems]


WORDINGS = [
    ("mechanisms/blind-spot.yaml", "{authority} appears", "{authorty} appears", "is not filled in"),
    ("mechanisms/blind-spot.yaml", "{authority} appears", "{authority} is failing and appears", "never said"),
    ("overall/2-watch.yaml", "title: Watch", "title: Alarm", 'its title is "Watch"'),
    ("overall/2-watch.yaml", "result: watch", "result: red", "results are"),
]


@pytest.mark.parametrize(("file", "right", "wrong", "says"), WORDINGS)
def test_words_that_may_not_be_said(file: str, right: str, wrong: str, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    assert [p for p in load(folder)[1] if says in p.message + p.hint]


@pytest.mark.parametrize("gone", ["overall", "grading.yaml"])
def test_rules_without_results_or_grading_are_refused(gone: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    shutil.rmtree(folder / gone) if (folder / gone).is_dir() else (folder / gone).unlink()
    assert load(folder)[1]


@pytest.mark.parametrize(("file", "right", "wrong"), [
    ("mechanisms/blind-spot.yaml", "- signature: A4", "- conclusion: blind-spot"),
    ("mechanisms/capacity-spiral.yaml", "when: {sign: average_caseload}",
     "when: {conclusion: capacity-spiral, level: high}"),
    ("mechanisms/lost-anticipation.yaml", "conclusion: temporary-arrangements",
     "{conclusion: temporary-arrangements, level: high}"),
    ("grading.yaml", "when: {signs: shown}", "when: {signature: A1, grade: weak}"),
])
def test_one_mistake_between_files_is_one_line(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    assert len(load(folder)[1]) == 1


@pytest.mark.parametrize(("file", "key"), [("grading.yaml", "grading"), ("mechanisms/churn-under-cuts.yaml", "rules")])
def test_a_key_beside_a_list_of_rules_is_not_passed_over(tmp_path: Path, file: str, key: str) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    path = folder / file
    path.write_text(f"statuss: draft\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    _, problems = load(folder)
    assert [str(problem) for problem in problems] == [
        f'rules/{file}:1:1: K013 unknown key "statuss" in this file of {key} (use one of: {key})']
