"""Ten mistakes planted in a copy of the rules: all ten in one run, each at its line, with the nearest right word."""

import shutil
from pathlib import Path

import pytest

from kb.files import RULES
from kb.load import load

PLANTED = [
    # file, what to replace, by what, the line where it is reported, code, what the message or hint must say
    ("mechanisms/blind-spot.yaml", "    - signature: A4", "\t- signature: A4", 9, "K005", "spaces"),
    ("mechanisms/churn-under-cuts.yaml", "rationale: >\n  In Derbyshire a", "rationale: In Derbyshire: a", 21, "K006",
     "quotes"),
    ("mechanisms/capacity-spiral.yaml", "    because: >\n      {authority} relies",
     "    becuase: >\n      {authority} relies", 13, "K013", 'did you mean "because"?'),
    ("mechanisms/lost-anticipation.yaml", "- signature: C6", "- signature: C66", 10, "K015", 'did you mean "C6"?'),
    ("mechanisms/unseen-children.yaml", "indicator: vacancy_rate", "indicator: vacancy_rat", 11, "K015",
     'did you mean "vacancy_rate"?'),
    ("signatures/C4.yaml", "below: 80 per cent", "below: 80 months", 6, "K017", "per cent"),
    ("pictures/financial-contagion.yaml", "rule: financial-contagion", "rule: watch", 2, "K016", "watch.yaml"),
    ("mechanisms/unreliable-assurance.yaml", "version: 1", "version: 1\nversion: 2", 26, "K011", "keep one"),
    ("mechanisms/temporary-arrangements.yaml", "    - {indicator: vacancy_rate, at_least: worst quarter}",
     "    - {indicator: vacancy_rate, at_least: worst quarter}\n    - conclusion: reactive-authority", None, "K021",
     "reactive-authority"),
    ("signatures/A3.yaml", "{indicator: planned_savings_one_year, at_least: 5 per cent, basis: local judgement}",
     "indicator: planned_savings_one_year\n      at_least: >= 5\n      basis: local judgement", 10, "K007",
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
