"""The trainers' room of the local server: asked first, the words and marks of the command, nothing kept."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from click.testing import CliRunner

from cli import sigrisk
from engine.assess import Assessor
from explain.exercises import Question, Room, Sheet, judgements, sheet
from explain.puzzlesof import KINDS
from explain.render.exercises import asked, closing, opening
from kb.dossier import Case
from kb.exercises import read_exercises
from kb.files import EXAMPLES, VOCABULARY, write_whole
from kb.knowledge import Knowledge
from tests.served import Page, Served, served
from web.server.sheets import ASKED

ROOT = Path(__file__).resolve().parents[1]
CHOICE = re.compile(r"^ {1,3}\d{1,2}  ", re.MULTILINE)
"""The number before a choice, which a page leaves to the browser."""
TO_PUZZLES = "Puzzles of this case"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), engine="bits") as made:
        yield made


@pytest.fixture(scope="module")
def sheets(knowledge: Knowledge, cases: dict[str, Case]) -> dict[str, Sheet]:
    found, _ = read_exercises(VOCABULARY, knowledge)
    room = Room(Assessor(knowledge, "bits"), lambda task: cases[task.case],
                lambda case: judgements(case, cases.values()))
    return {id: sheet(one, room)[0] for id, one in found.items()}


def get(server: Served, path: str, **asks: str | list[str]) -> str:
    found = server.client.get(f"{path}?{urlencode(asks, doseq=True)}")
    assert found.status_code == 200, found.text
    return found.text


def exercise(*given: str) -> str:
    done = CliRunner().invoke(sigrisk, ["exercise", *given])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def without_ends(told: str, made: Sheet) -> list[str]:
    """The words of all questions and answers, without the title before them and the closing words after."""
    return words(CHOICE.sub("", told.removeprefix(opening(made)).removesuffix(closing(made))))


# The words of the command


def test_every_exercise_has_the_words_of_the_command(server: Served, sheets: dict[str, Sheet],
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for id, made in sheets.items():
        pages = [get(server, f"/training/exercises/{id}", question=str(number), do="show")
                 for number in range(1, len(made.questions) + 1)]
        told = [word for page in pages for word in words(Page(page).text)]
        assert told == without_ends(exercise(id, "--answers"), made), id
        assert [made.title, made.aim] == [html.unescape(pages[0]).split(f"<{tag}>")[1].split("</")[0]
                                          for tag in ("h1", 'p class="lead"')]
        assert all(sentence in html.unescape(pages[-1]) for sentence in made.closing)


def test_before_it_is_answered_a_question_has_its_own_words_and_nothing_of_the_answer(
        server: Served, sheets: dict[str, Sheet]) -> None:
    for id, made in sheets.items():
        total = len(made.questions)
        for number, question in enumerate(made.questions, 1):
            page = get(server, f"/training/exercises/{id}", question=str(number))
            assert words(Page(page).text) == words(CHOICE.sub("", asked(question, number, total))), (id, number)
            assert 'id="answer"' not in page
            assert "Next question" not in page


def test_puzzles_of_a_case_have_the_words_of_the_command(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for case, kinds, as_at in (("carden", ["missing", "acts"], ""), ("ashby", ["next"], "2025-05-20"),
                               ("northamptonshire", ["state"], "2018-11-30")):
        asks: dict[str, str | list[str]] = {"case": case, "kind": kinds, **({"as_at": as_at} if as_at else {})}
        given = [f"--as-at={as_at}"] * bool(as_at) + [f"--kind={kind}" for kind in kinds]
        told = exercise("--case", f"examples/{case}.yaml", *given, "--answers")
        total = int(re.findall(r"Question 1 of (\d+)", told)[0])
        pages = [get(server, "/training/puzzles", question=str(n), do="show", **asks) for n in range(1, total + 1)]
        shown = [word for page in pages for word in words(Page(page).text)]
        body = words(CHOICE.sub("", told[told.index("\nQuestion 1 of"):]))
        assert body[:len(shown)] == shown
        left = [word for sentence in re.findall(r'class="closing">(.*?)</div>', pages[0], re.DOTALL)
                for word in words(html.unescape(re.sub(r"<[^>]+>", " ", sentence)))]
        assert body[len(shown):] == left


def test_every_kind_of_puzzle_can_be_chosen(server: Served) -> None:
    assert tuple(sorted(ASKED)) == tuple(sorted(KINDS))
    page = Page(get(server, "/training"))
    assert {told["value"] for tag, told in page.tags if told.get("name") == "kind"} == set(KINDS)


# Marked, and nothing kept


def said(page: str) -> str:
    found = re.findall(r'<p class="marked">(.*?)</p>', page)
    return html.unescape(found[0]) if found else ""


def answers(question: Question) -> list[tuple[str, ...]]:
    return [*question.right, *((choice.id,) for choice in question.choices)]


def test_answers_are_marked_as_at_the_terminal(server: Served, sheets: dict[str, Sheet]) -> None:
    """Somebody who answers every question in a row, four times over, each time something else."""
    tried = 0
    for id in ("false-alarm", "missing-premise", "what-fires-next"):
        questions = sheets[id].questions
        for time in range(4):
            given = [(answers(question)[time:] or [()])[0] if question.marked else () for question in questions]
            done = CliRunner().invoke(sigrisk, ["exercise", id], input="".join(f"{', '.join(a)}\n" for a in given))
            replies = [told.split("Your answer: ")[1] for told in done.stdout.split("\nQuestion ")[1:]]
            for number, (answer, reply) in enumerate(zip(given, replies, strict=True), 1):
                if not answer:
                    continue
                page = get(server, f"/training/exercises/{id}", question=str(number), do="check", answer=list(answer))
                assert said(page) == reply.splitlines()[1], (id, number)
                assert said(page) in ("Right.", "Not so.", "Not so: fewer are enough.")
                tried += 1
    assert tried > 40


def test_a_real_authority_is_never_marked_and_always_shown_with_what_was_judged_later(
        server: Served, sheets: dict[str, Sheet]) -> None:
    seen = 0
    for id, made in sheets.items():
        for number, question in enumerate(made.questions, 1):
            if not question.real:
                continue
            seen += 1
            path = f"/training/exercises/{id}"
            assert "Check my answer" not in get(server, path, question=str(number))
            for choice in question.choices:
                assert said(get(server, path, question=str(number), do="check", answer=choice.id)) == ""
            told = Page(get(server, path, question=str(number), do="show")).text
            assert "What was judged" in told
            assert "nothing is marked right or wrong" in told
            assert question.since[-1].title in " ".join(told.split())
    assert seen > 10


def test_puzzles_are_made_of_no_real_authority_without_its_later_recovery(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    for name in ("ashby", "derbyshire"):
        shutil.copy(EXAMPLES / f"{name}.yaml", cases)
    text = (cases / "derbyshire.yaml").read_text("utf-8")
    write_whole(cases / "derbyshire.yaml", re.sub(r"\noutcomes:\n(?:[ #].*\n|\n)*", "\n", text).encode())
    with served(tmp_path, cases=cases, engine="bits") as one:
        assert "/cases/derbyshire" in one.client.get("/").text, "it can be read"
        listed = Page(get(one, "/training"))
        assert [told["value"] for tag, told in listed.tags if tag == "option"] == ["ashby"]
        assert TO_PUZZLES in get(one, "/cases/ashby")
        assert TO_PUZZLES not in get(one, "/cases/derbyshire"), "there are none to lead to"
        refused = one.client.get("/training/puzzles?case=derbyshire")
        assert refused.status_code == 400
        assert "What was judged later of Derbyshire is not on file" in refused.text


def test_of_a_sentence_only_words_that_go_too_far_are_told(server: Served) -> None:
    path = "/training/exercises/write-the-sentence"
    page = get(server, path, do="check", answer="Ashby is failing. <script>alert(1)</script>")
    assert said(page) == "Never used of an authority: failing. Say what was seen, and no more."
    assert "<script>alert" not in page
    fine = said(get(server, path, do="check", answer="Two signs came together."))
    assert fine.startswith("It uses none of the words")


def test_nothing_is_kept_of_an_answer(server: Served) -> None:
    path = "/training/exercises/false-alarm"
    before = get(server, path)
    found = server.client.get(f"{path}?question=1&do=check&answer=present")
    assert "set-cookie" not in found.headers
    assert get(server, path) == before


def test_each_step_is_asked_before_it_is_shown_with_the_earlier_ones_above(
        server: Served, sheets: dict[str, Sheet]) -> None:
    path, made = "/training/exercises/what-fires-next", sheets["what-fires-next"]
    third = html.unescape(get(server, path, question="3"))
    above = third[third.index("The steps so far"):].partition("Question 3 of")[0]
    assert re.findall(r'<li value="(\d)">(.*?)</li>', above) == [
        (str(at), made.questions[at - 1].answer) for at in (1, 2)]
    assert "The steps so far" not in get(server, path)


# What cannot be asked


@pytest.mark.parametrize(("path", "status", "line"), [
    ("/training/exercises/one-sing", 404, "there is no exercise 'one-sing'; did you mean \"one-sign\"?"),
    ("/training/exercises/one-sign?question=7", 404, "there is no such question here: they are numbered from 1 to 6"),
    ("/training/exercises/one-sign?question=x", 404, "there is no such question here"),
    ("/training/exercises/one-sign?question=²", 404, "there is no such question here"),
    ("/training/exercises/false-alarm?do=check", 400, "choose an answer first, or show the answer"),
    ("/training/exercises/missing-premise?do=check&answer=C77", 400,
     'no answer here is called "C77"; did you mean "C7"?'),
    ("/training/exercises/false-alarm?do=check&answer=present&answer=stopped", 400, "no answer here is called"),
    ("/training/exercises/one-sign/exe", 404, "there is no such page"),
    ("/training/puzzles?case=nobody", 404, "no case of that name is served here"),
    ("/training/puzzles", 404, "no case of that name is served here"),
    ("/training/puzzles?case=ashby&kind=mising", 400,
     "no kind of puzzle is called 'mising'; did you mean \"missing\"?"),
    ("/training/puzzles?case=carden&kind=defeater", 400,
     "the rules make no puzzle of the kind defeater of carden as at 2025-05-20; try another kind or date"),
    ("/training/puzzles?case=ashby&as_at=1990-01-01", 400, "ask for 2023-12-14 or later"),
    ("/training/puzzles?case=ashby&as_at=soon", 400, "is not a date; write it as 2018-11-30"),
])
def test_what_cannot_be_asked_is_said_in_one_clear_line(server: Served, path: str, status: int, line: str) -> None:
    found = server.client.get(path)
    assert found.status_code == status
    assert line.casefold() in html.unescape(found.text).casefold()


def test_nobody_is_asked_without_the_token(server: Served) -> None:
    for path in ("/training", "/training/exercises/one-sign", "/training/puzzles?case=ashby"):
        assert httpx.get(server.top + path).status_code == 401


def test_exercises_with_mistakes_are_listed_with_their_lines_and_cases_still_give_puzzles(tmp_path: Path) -> None:
    words_of = tmp_path / "vocabulary"
    shutil.copytree(VOCABULARY, words_of)
    file = words_of / "exercises.yaml"
    write_whole(file, file.read_text("utf-8").replace("ask: result", "ask: resutl", 1).encode())
    with served(tmp_path, engine="bits", vocabulary=words_of) as one:
        page = html.unescape(get(one, "/training"))
        assert "They cannot be asked until these are mended" in page
        assert 'exercises.yaml:13:14: K019 "ask" cannot be "resutl" (did you mean "result"?)' in page
        assert "Question 1 of" in get(one, "/training/puzzles", case="carden", kind="missing")


# Files to take away


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_an_exercise_is_taken_away_as_the_command_writes_it(server: Served, form: str, tmp_path: Path,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for given, path, called in ((["one-sign"], "/training/exercises/one-sign/{}", "one-sign"),
                                (["--case", "examples/carden.yaml", "--kind", "missing"],
                                 "/training/puzzles/{}?case=carden&kind=missing", "carden")):
        out = tmp_path / f"{called}.{form}"
        exercise(*given, "-o", str(out))
        found = server.client.get(path.format(form))
        assert found.content == out.read_bytes()
        assert found.headers["content-disposition"] == f'attachment; filename="{called}.{form}"'


def test_the_page_that_travels_is_the_one_of_the_command(server: Served, tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for id, as_at in (("ashby", ""), ("northamptonshire", "2018-11-30")):
        out, given = tmp_path / f"{id}.html", [f"--as-at={as_at}"] * bool(as_at)
        case = [f"examples/{id}.yaml", *given, "--engine", "bits"]
        assert CliRunner().invoke(sigrisk, ["report", *case, "-o", str(out)]).exit_code == 0
        found = server.client.get(f"/files/{id}/report/html?as_at={as_at}")
        assert found.content == out.read_bytes()
        assert found.headers["content-disposition"] == f'attachment; filename="{id}-report.html"'
    assert f"/files/{id}/report/html" in get(server, f"/cases/{id}/report")
    assert "/why/html" not in get(server, f"/cases/{id}/why")
    assert server.client.get(f"/files/{id}/why/html").status_code == 404


def test_a_trainer_reaches_the_map_in_one_click(server: Served) -> None:
    for path in ("/", "/training", "/training/exercises/one-sign"):
        assert '<a href="/book/map.html">How they combine</a>' in get(server, path)
    assert '<li><a href="/">Authorities</a></li>' in get(server, "/book/map.html"), "and from there back"


def test_a_case_leads_to_its_puzzles_of_the_same_day(server: Served) -> None:
    for asks, day in ({}, "20 May 2025"), ({"as_at": "2025-03-05"}, "5 March 2025"):
        case = Page(get(server, "/cases/ashby/why", **asks))
        (there,) = [told["href"] for tag, told in case.tags if "/training/puzzles" in told.get("href", "")]
        puzzles = server.client.get(there)
        assert puzzles.status_code == 200
        assert f"Ashby (an invented authority), as at {day}" in puzzles.text
    assert TO_PUZZLES not in server.client.get("/cases/ashby?as_at=1990-01-01").text, "nothing was known by that day"


def test_every_link_of_the_room_leads_somewhere(server: Served) -> None:
    page = Page(get(server, "/training"))
    linked = {told["href"] for tag, told in page.tags if tag == "a" and told["href"].startswith("/")}
    assert len(linked) > 15
    more = Page(get(server, "/training/puzzles", case="carden", kind=["missing", "acts"], question="2", do="show"))
    linked |= {told["href"] for tag, told in more.tags if tag == "a" and told["href"].startswith("/")}
    assert {path for path in linked if server.client.get(path).status_code != 200} == set()
