"""A second subject, wholly invented: its own words, rules and results run on the same program, and nothing leaks in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine import rete
from engine.assess import Assessment, Assessor
from explain.account import walk
from explain.answer import overview, why
from explain.render.as_json import render as as_json
from explain.render.picture import dot
from explain.render.text import render
from kb.casefiles import read_case
from kb.dossier import Case
from kb.knowledge import Knowledge
from kb.load import load
from kb.model import State
from kb.vocabularyfiles import read_vocabulary
from tests.subject import CASE, SIGNATURE, SPEAKS, founding_runs, named, runs

ROOT = Path(__file__).resolve().parents[1]
ORCHARDS = ROOT / "examples" / "orchards"
QUINCE, MEDLAR = "quince-hill", "medlar-green"
WITHOUT_RETE = rete.available()
ENGINES = ["bits", pytest.param("rete", marks=pytest.mark.skipif(WITHOUT_RETE is not None, reason=WITHOUT_RETE or ""))]


@pytest.fixture(scope="module")
def orchards() -> Knowledge:
    """The second knowledge base, which has no problems."""
    loaded, problems = load(ORCHARDS / "rules", ORCHARDS / "kb")
    assert problems == ()
    return loaded


@pytest.fixture(scope="module")
def visited(orchards: Knowledge) -> dict[str, Case]:
    """Its two cases by id."""
    found = {}
    for path in sorted(ORCHARDS.glob("*.yaml")):
        case, problems = read_case(path, orchards.vocabulary, f"examples/orchards/{path.name}")
        assert problems == ()
        assert case is not None
        found[case.id] = case
    assert set(found) == {QUINCE, MEDLAR}
    return found


@pytest.fixture(scope="module", params=ENGINES)
def gardener(request: pytest.FixtureRequest, orchards: Knowledge) -> Assessor:
    """Its rules made ready on one engine, then on the other."""
    return Assessor(orchards, request.param)


def now(gardener: Assessor, case: Case) -> Assessment:
    assert case.latest_known is not None
    return gardener.assess(case, case.latest_known)


def test_its_results_are_its_own(orchards: Knowledge) -> None:
    assert orchards.results() == ("walk-together", "look-again", "too-little-seen")
    assert [o.title for o in orchards.vocabulary.results] == [
        "Walk the orchard together", "Look again this season", "Too little seen to say"]


def test_the_signs_combine_at_quince_hill(gardener: Assessor, visited: dict[str, Case]) -> None:
    quince = now(gardener, visited[QUINCE])
    assert quince.result == "walk-together"
    assert quince.judged == ("T1", "T2", "T3", "H1", "H2")
    held = ("watering-falls-behind", "crowded-and-seen-late")
    assert [quince.level("mechanism", id) for id in held] == ["elevated", "high"]


@pytest.mark.parametrize(("day", "result"), [
    ("2024-09-27", "too-little-seen"),   # the adviser's letter is not out yet
    ("2025-02-09", "too-little-seen"),   # it is, but the minutes of the meeting are not
    ("2025-02-10", "walk-together"),
    ("2026-03-01", "look-again"),        # nothing new of the trees, and what was written is out of date
    ("2027-03-01", "too-little-seen"),   # nor of the people
])
def test_its_facts_count_from_the_day_they_are_public(day: str, result: str, gardener: Assessor,
                                                      visited: dict[str, Case]) -> None:
    assert gardener.assess(visited[QUINCE], date.fromisoformat(day)).result == result


def test_one_fact_stops_the_rule_at_medlar_green(gardener: Assessor, visited: dict[str, Case]) -> None:
    medlar = now(gardener, visited[MEDLAR])
    assert medlar.result == "too-little-seen"
    assert medlar.head_state("mechanism", "watering-falls-behind") is State.NOT_FOUND
    assert medlar.head_state("signature", "H2") is State.NOT_KNOWN
    text = render(why(medlar))
    assert "Would have held, but: few losses of young trees" in text
    assert "the number is not recorded" in text


def test_it_is_told_in_its_own_words(gardener: Assessor, visited: dict[str, Case]) -> None:
    text = " ".join(render(why(now(gardener, visited[QUINCE]))).split())
    assert "a place in the worst quarter of the county's community orchards (from 14.0 per cent in 2024)" in text
    assert "regular hands: 4 people" in text
    assert "dry weeks: 6 weeks" in text
    assert 'condition of the trees: judged "poor", for old trees' in text
    assert "who can act: whoever tends the trees" in text


def test_no_signature_alone_says_more_than_too_little(gardener: Assessor, visited: dict[str, Case],
                                                      orchards: Knowledge) -> None:
    quince = visited[QUINCE]
    assert quince.latest_known is not None
    for id, signs in orchards.signs.items():
        own = {sign.test.test.indicator for sign in signs.all}
        alone = gardener.assess(quince, quince.latest_known, [o for o in quince.observations if o.indicator in own])
        assert alone.head_state("signature", id) is State.PRESENT, id
        assert alone.result == "too-little-seen", id


def answers(asked: Assessment) -> Iterator[str]:
    """Everything that the program can say of a case: each chain, as text, as JSON and as a picture."""
    yield render(overview(asked))
    for target in (None, *asked.knowledge.conclusions()):
        account = why(asked, target)
        yield render(account)
        yield dot(account, asked)
        yield from _values(json.loads(as_json(account)))
        assert all(line.title for top in account.chain for line in walk(top))


def _values(told: object) -> Iterator[str]:
    """The texts of a JSON document; its keys are the program's and not the subject's."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, list | dict):
        for inner in told.values() if isinstance(told, dict) else told:
            yield from _values(inner)


@pytest.mark.parametrize("name", [QUINCE, MEDLAR])
def test_no_answer_speaks_of_the_first_subject(name: str, gardener: Assessor, visited: dict[str, Case]) -> None:
    patterns, founding = (SPEAKS, SIGNATURE, CASE, named()), founding_runs()
    for told in answers(now(gardener, visited[name])):
        assert [hit.group() for pattern in patterns for hit in pattern.finditer(told)] == [], told[:300]
        assert sorted(runs(told) & founding) == []


def test_its_categories_are_told_apart_in_the_picture(gardener: Assessor, visited: dict[str, Case]) -> None:
    quince = now(gardener, visited[QUINCE])
    bands = re.findall(r'<TD BGCOLOR="(#\w+)" WIDTH="20"><FONT COLOR="#\w+"><B>(\w+)</B>', dot(why(quince), quince))
    colours = {category: colour for colour, category in bands}
    assert set(colours) == {"T", "H"}
    assert colours["T"] != colours["H"]


def test_its_files_share_no_id_with_the_first(orchards: Knowledge) -> None:
    first, second = read_vocabulary(ROOT / "kb" / "vocabulary")[0], orchards.vocabulary
    for sort in ("statements", "categories", "signatures", "indicators", "protective", "sources", "cautions"):
        assert set(getattr(first, sort)) & set(getattr(second, sort)) == set(), sort
    assert {r.id for r in first.results} & {r.id for r in second.results} == set()


def sigrisk(*words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, on the second knowledge base."""
    folders = ("--kb", "examples/orchards/kb", "--rules", "examples/orchards/rules")
    return subprocess.run([sys.executable, "cli.py", words[0], *folders, *words[1:]], cwd=ROOT, text=True, timeout=60,
                          capture_output=True, check=False, env={**os.environ, "SIGRISK_CACHE": "off"})


def test_every_file_of_it_is_right_and_every_rule_of_it_is_tested() -> None:
    checked = sigrisk("check", *(f"examples/orchards/{name}.yaml" for name in (QUINCE, MEDLAR)))
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr
    tested = sigrisk("test")
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_its_readme_shows_commands_that_run() -> None:
    text = (ORCHARDS / "README.md").read_text(encoding="utf-8")
    commands = [line.split()[1:] for line in text.splitlines() if line.startswith("    sigrisk ")]
    assert len(commands) >= 3
    for words in commands:
        done = subprocess.run([sys.executable, "cli.py", *words], cwd=ROOT, text=True, capture_output=True, timeout=60,
                              check=False)
        assert done.returncode == 0, done.stderr


def test_a_result_of_the_first_subject_is_refused(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(ORCHARDS / "rules", tmp_path / "rules")
    path = tmp_path / "rules" / "overall" / "results.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("concludes: {result: look-again}", "concludes: {result: watch}"), encoding="utf-8")
    _, problems = load(tmp_path / "rules", ORCHARDS / "kb")
    assert any("results are walk-together" in problem.hint for problem in problems)
