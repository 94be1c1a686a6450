"""Exercises: what is asked of whom, what is marked, and the same words at the terminal, on a sheet and on a page."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import sigrisk
from engine.assess import Assessor
from explain.exercises import Question, Room, Sheet, sheet
from explain.marking import Unread, marked, on_words, read_answer
from explain.names import Names
from explain.puzzles import Choice, fire_as
from explain.puzzlesof import KINDS, puzzles_of
from explain.render.exercises import REAL, markdown, whole
from explain.render.text import clean
from kb.dossier import Case, Outcome
from kb.exercises import ASKS, Exercise, read_exercises
from kb.files import EXAMPLES, VOCABULARY
from kb.knowledge import Knowledge
from tests.test_rulebook import Tags
from web.exercise import page

TEN = ("one-sign", "add-one-fact", "missing-premise", "false-alarm", "another-date", "who-can-act",
       "protective-on-paper", "absent-or-unknown", "write-the-sentence", "two-imbalances")
SCRIPT = "<script>alert('x')</script>"
ORCHARDS = EXAMPLES / "orchards"


def ask(*words: str | Path, answers: str = "") -> Result:
    return CliRunner().invoke(sigrisk, ["exercise", *map(str, words)], input=answers)


@pytest.fixture(scope="module")
def exercises(knowledge: Knowledge) -> dict[str, Exercise]:
    found, problems = read_exercises(VOCABULARY, knowledge)
    assert problems == ()
    return found


@pytest.fixture(scope="module")
def room(knowledge: Knowledge, cases: dict[str, Case]) -> Room:
    def outcomes(case: Case) -> tuple[Outcome, ...]:
        return tuple(sorted(o for c in cases.values() if c.authority_code == case.authority_code for o in c.outcomes))
    return Room(Assessor(knowledge, "bits"), lambda task: cases[task.case], outcomes)


@pytest.fixture(scope="module")
def sheets(exercises: dict[str, Exercise], room: Room) -> dict[str, Sheet]:
    made = {id: sheet(one, room) for id, one in exercises.items()}
    assert [problem for _, problems in made.values() for problem in problems] == []
    return {id: one for id, (one, _) in made.items()}


# What is asked


def test_the_ten_exercises_are_there_and_one_on_the_order_of_firing(exercises: dict[str, Exercise]) -> None:
    assert tuple(exercises) == (*TEN, "what-fires-next")
    asked = {task.ask for one in exercises.values() for task in one.tasks}
    assert asked == set(ASKS), "every kind of question is shown in some exercise"


def test_only_questions_about_invented_authorities_are_marked(
        sheets: dict[str, Sheet], cases: dict[str, Case]) -> None:
    invented = {case.authority for case in cases.values() if case.invented}
    for id, made in sheets.items():
        for question in made.questions:
            own = question.heading.split(" (an invented")[0].split(",")[0] in invented
            assert question.marked is (own and bool(question.right)), (id, question.heading)
            assert question.real is bool(question.since) is not own, "what was judged of a real one is always shown"
        assert any(question.marked or question.free for question in made.questions), id


def test_every_real_authority_is_shown_with_its_recovery(exercises: dict[str, Exercise], room: Room) -> None:
    for task in (task for one in exercises.values() for task in one.tasks):
        case = room.case(task)
        later = [o for o in case.outcomes if task.as_at is None or o.published > task.as_at]
        assert case.invented or not later[-1].adverse, (task.place, "its last judgement on file is a recovery")


def test_some_answers_known_by_heart(sheets: dict[str, Sheet]) -> None:
    answers = {id: [q.answer.split(".")[0] for q in one.questions] for id, one in sheets.items()}
    assert answers["one-sign"][:5] == [*["Not enough evidence"] * 4, "Watch"]
    assert answers["add-one-fact"][:6] == [*["Not enough evidence"] * 5, "Watch"]
    assert answers["missing-premise"][0].startswith("C7 ")
    assert answers["false-alarm"] == ["It does not hold: an exception stops it",
                                      "Caseload at or below the median of England",
                                      "It does not hold: something that it needs was looked for, and is not so",
                                      "It does not hold: an exception stops it"]
    assert answers["another-date"][:3] == ["Watch", "Watch", "Not enough evidence"]
    assert answers["another-date"][3:] == ["Not enough evidence", "Priority line of enquiry"]
    assert answers["absent-or-unknown"][:3] == ["Found not to be so", "Not known", "Present (moderate)"]


def test_an_answer_is_not_given_away_by_what_one_is_shown(sheets: dict[str, Sheet]) -> None:
    for made in sheets.values():
        for question in (q for q in made.questions if q.kind in ("missing", "smallest", "next")):
            shown = " ".join(line.title for line in question.given)
            titles = {choice.id: choice.title for choice in question.choices}
            if question.kind == "missing":
                assert not any(titles[id] in shown for answer in question.right for id in answer), question.asks


# A question that cannot be asked


FILE = """exercises:
  - id: one
    title: One
    aim: To see.
    questions:
      - {ask: result, case: ashby}
"""
SLIPS = [
    ("ask: result", "ask: resutl", '6:15: K019 "ask" cannot be "resutl" (did you mean "result"?)'),
    ("case: ashby", "case: ashbey", '6:29: K015 there is no case "ashbey" (did you mean "ashby"?)'),
    ("ask: result", "ask: state", '6:9: K014 this question has no "of" (add of: ...)'),
    ("ask: result", "ask: missing, of: A2", 'K015 there is no mechanism or picture or result "A2"'),
    ("ask: result", "ask: result, of: A2", 'K019 "result" is asked of a case as a whole (leave `of` out)'),
    ("ask: result", "ask: discuss", "K014 what is to be discussed is not said (add asks: ...)"),
    ("ask: result", "ask: result, asks: Well?", 'K019 the words of "result" are always the same'),
    ("case: ashby", "case: ashby, only: A2, without: A3", "K030 `only` already says which evidence is left"),
    ("case: ashby", "case: ashby, only: A9", 'K015 there is no signature "A9"'),
    ("case: ashby", "case: ashby, as_at: 2025-13-01", 'K018 "as_at" must be a date, or a list of dates'),
    ("case: ashby", "case: ashby, as_at: [2025-01-01, soon]", 'K018 "as_at" must be a date, or a list of dates'),
    ("case: ashby", "case: ashby, lead: Ashby is failing.", 'K027 "failing" is never said of an authority'),
    ("aim: To see.", "aim: To find who is to blame.", 'K027 "blame" is never said of an authority'),
    ("title: One", "titel: One", 'K013 unknown key "titel" in this entry of exercises (did you mean "title"?)'),
    ("case: ashby", "case: ashby, sources: [su-c]", 'K015 there is no source "su-c"'),
]


@pytest.mark.parametrize(("right", "wrong", "said"), SLIPS, ids=[wrong for _, wrong, _ in SLIPS])
def test_a_mistake_is_told_at_its_line(right: str, wrong: str, said: str, tmp_path: Path, knowledge: Knowledge) -> None:
    assert right in FILE
    (tmp_path / "exercises.yaml").write_text(FILE.replace(right, wrong, 1), encoding="utf-8")
    _, problems = read_exercises(tmp_path, knowledge)
    assert any(said in str(problem) for problem in problems), [*map(str, problems)]
    assert all(problem.place.file.endswith("/exercises.yaml") and problem.place.line > 1 for problem in problems)


def test_two_exercises_of_one_name_are_a_mistake(tmp_path: Path, knowledge: Knowledge) -> None:
    (tmp_path / "exercises.yaml").write_text(FILE + FILE.removeprefix("exercises:\n"), encoding="utf-8")
    _, problems = read_exercises(tmp_path, knowledge)
    assert [str(p.code) for p in problems] == ["K016"]


CANNOT = [
    ("{ask: defeater, case: carden, of: churn-under-cuts}", '"defeater" has no answer about churn-under-cuts'),
    ("{ask: missing, case: ashby, of: churn-under-cuts}", '"missing" has no answer about churn-under-cuts'),
    ("{ask: result, case: ashby, as_at: 1990-01-01}", "nothing on Ashby was public by then"),
    ("{ask: result, case: bradford-2022, as_at: 2026-06-30}", "what was judged later of Bradford is not on file"),
]


@pytest.mark.parametrize(("asked", "said"), CANNOT, ids=[asked for asked, _ in CANNOT])
def test_a_question_without_an_answer_is_told_at_its_line(asked: str, said: str, tmp_path: Path, room: Room,
                                                          knowledge: Knowledge) -> None:
    (tmp_path / "exercises.yaml").write_text(FILE.replace("{ask: result, case: ashby}", asked), encoding="utf-8")
    found, problems = read_exercises(tmp_path, knowledge)
    assert problems == ()
    made, wrong = sheet(found["one"], room)
    assert [p.place.line for p in wrong] == [6]
    assert said in wrong[0].message
    assert made.questions == () or "judged later" in said


# At the terminal


def test_it_asks_then_says_whether_that_is_right_and_why() -> None:
    done = ask("false-alarm", answers="1\nmanageable-caseload\n")
    assert done.exit_code == 0
    text = done.stdout
    assert "Your answer: 1\nNot so.\nIt does not hold: an exception stops it.\nWhy:\n" in text
    assert "Your answer: manageable-caseload\nRight.\nCaseload at or below the median of England.\nWhy:\n" in text
    assert text.index("Question 2 of 4") > text.index("Would have held, but: manageable caseload")
    assert done.stderr == "\nNo more answers: question 3 of 4 and what follows it were left.\n"


def test_nothing_is_counted_whatever_is_answered() -> None:
    """All right and all wrong, the two differ in what was typed and in the word that follows it, and in no more."""
    right, wrong = (ask("who-can-act", answers=given) for given in ("a\na\nc\nb\na\n.\n", "c\nc\na\na\nc\n.\n"))
    said = [line for one in (right, wrong) for line in one.stdout.splitlines() if line in ("Right.", "Not so.")]
    assert said == [*["Right."] * 5, *["Not so."] * 5]
    same = [re.sub(r"Your answer: .*\n(Right|Not so)\.\n", "", one.stdout) for one in (right, wrong)]
    assert same[0] == same[1]
    assert right.exit_code == wrong.exit_code == 0


def test_what_is_typed_wrongly_gets_one_line_with_the_nearest_word_and_is_asked_again() -> None:
    done = ask("missing-premise", answers="C77\nwrong\nC7\n")
    assert done.stderr.splitlines()[0] == 'no answer here is called "C77"; did you mean "C7"?'
    assert 'no answer here is called "wrong"' in done.stderr.splitlines()[1]
    assert done.stdout.count("Your answer: ") == 4
    assert "Your answer: C7\nRight." in done.stdout


def test_a_real_authority_is_talked_about_and_not_marked() -> None:
    done = ask("false-alarm", answers="\n\n\npresent\n")
    last = done.stdout[done.stdout.index("Question 4 of 4"):]
    assert REAL in " ".join(last.split())
    assert "Right." not in last
    assert "Not so." not in last
    assert "What was judged:\n- 16 March 2020: Overall good" in last


def test_a_sentence_is_looked_at_for_its_words_alone() -> None:
    done = ask("write-the-sentence", answers="Ashby is failing.\nLeaders changed while money was short.\n\n")
    assert "Never used of an authority: failing. Say what was seen, and no more." in done.stdout
    assert "It uses none of the words that are never used of an authority." in done.stdout


def test_answers_that_are_no_text_are_no_answers() -> None:
    done = CliRunner().invoke(sigrisk, ["exercise", "who-can-act"], input=b"\xff\xfe\x00\x1b[2J\nA\n")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[0].startswith("no answer here is called ")
    assert done.stderr.splitlines()[0].isprintable()
    assert "Your answer: A\nRight." in done.stdout
    assert "\x1b" not in done.stdout


def question(*ids: str, right: tuple[tuple[str, ...], ...] = (), several: bool = False) -> Question:
    titles = {"C2": "C2 Not listening, to the front line", "C3": "C3 Seen seldom", "A1": "A1 Focus (lacking)"}
    return Question("smallest", "", "", choices=tuple(Choice(id, titles.get(id, id)) for id in ids), marked=True,
                    right=right, several=several)


@pytest.mark.parametrize(("said", "read"), [
    ("C2", ("C2",)), ("c2", ("C2",)), ("1", ("A1",)), ("a1 focus (LACKING)", ("A1",)), ("C3, C2", ("C2", "C3")),
    ("c2 and c3", ("C2", "C3")), ("2 3", ("C2", "C3")), ("C2; C3; A1", ("A1", "C2", "C3")),
    ("C2 Not listening, to the front line", ("C2",)), ("  C2  ", ("C2",)), ("C2 C2", ("C2",)),
])
def test_an_answer_may_be_a_number_an_id_or_a_title(said: str, read: tuple[str, ...]) -> None:
    assert read_answer(said, question("A1", "C2", "C3", several=True)) == read


@pytest.mark.parametrize(("said", "told"), [
    ("C9", 'no answer here is called "C9"'), ("0", 'no answer here is called "0"'),
    ("C2, C9", 'no answer here is called "C9"'), ("zzzz", "answer with a number from 1 to 3, an id or a title"),
    ("c3 sen seldom", 'did you mean "C3'), ("\x1b[2J", "no answer here"),
])
def test_what_is_none_of_the_choices_is_said_in_one_line(said: str, told: str) -> None:
    with pytest.raises(Unread) as error:
        read_answer(said, question("A1", "C2", "C3", several="," in said))
    assert told in str(error.value)
    assert str(error.value).isprintable()


def test_one_thing_is_named_where_one_is_asked_for() -> None:
    with pytest.raises(Unread):
        read_answer("C2, C3", question("A1", "C2", "C3"))


def test_marking_says_right_not_so_or_that_fewer_are_enough() -> None:
    asked = question("A1", "C2", "C3", right=(("C2", "C3"), ("A1", "C2")), several=True)
    assert marked(("C2", "C3"), asked) == marked(("A1", "C2"), asked) == "Right."
    assert marked(("C2",), asked) == marked(("A1", "C3"), asked) == "Not so."
    assert marked(("A1", "C2", "C3"), asked) == "Not so: fewer are enough."
    assert marked(("C2",), asked._replace(marked=False)) == ""


def test_only_whole_words_are_held_against_a_sentence() -> None:
    asked = Question("sentence", "", "", never=("bad", "to blame"))
    assert on_words("A badge, a baddie and a Badlands.", asked).startswith("It uses none")
    assert on_words("Who is To Blame for this BAD year?", asked).startswith("Never used of an authority: bad, to blame")


# Sheets, pages and records


@pytest.mark.parametrize("id", ["one-sign", "false-alarm", "write-the-sentence"])
def test_a_whole_exercise_in_text(id: str, sheets: dict[str, Sheet], golden: Callable[[str, str], None]) -> None:
    golden(f"exercise-{id}.txt", whole(sheets[id]))


def test_a_sheet_to_print(sheets: dict[str, Sheet], golden: Callable[[str, str], None]) -> None:
    text = markdown(sheets["who-can-act"])
    golden("exercise-who-can-act.md", text)
    first, second = text.split('<div style="page-break-before: always"></div>')
    assert "Why:" not in first, "no answer stands on the first page"
    for question_ in sheets["who-can-act"].questions:
        assert clean(question_.asks).split(":")[0] in first.replace("\\", "")
        assert question_.answer.split(":")[0] in second.replace("\\", "")


def test_the_same_words_in_every_form(sheets: dict[str, Sheet]) -> None:
    for id, made in sheets.items():
        told = {"text": whole(made), "markdown": markdown(made), "page": Tags(page(made).decode("utf-8")).text}
        plain = {form: " ".join(re.sub(r"\\(.)", r"\1", text).replace("&#58;", ":").split()).replace("- ", "")
                 for form, text in told.items()}
        for question_ in made.questions:
            for words in filter(None, (question_.asks, question_.answer, question_.lead, question_.heading)):
                for form, text in plain.items():
                    assert " ".join(words.split()).replace("- ", "") in text, (id, form)


def test_records_hold_the_answers() -> None:
    told = json.loads(ask("one-sign", "--format", "json").stdout)
    assert [one.get("right") for one in told["questions"]][:2] == [[["not-enough-evidence"]]] * 2
    assert told["questions"][0]["marked"] is True
    assert "marked" not in told["questions"][-1]


def test_the_list_names_every_exercise(exercises: dict[str, Exercise]) -> None:
    text, marked_down, records = (ask(*words).stdout for words in ((), ("--format", "markdown"), ("--format", "json")))
    for one in exercises.values():
        assert f"{one.id}: {one.title}" in text
        assert one.title in marked_down
    assert [one["id"] for one in json.loads(records)] == [*exercises]


def test_a_file_is_of_the_kind_that_its_name_says(tmp_path: Path) -> None:
    for ending, begins in ((".md", "# Who can act\n"), (".json", "{\n"), (".html", "<!DOCTYPE html>\n")):
        done = ask("who-can-act", "-o", tmp_path / f"a{ending}")
        assert (done.exit_code, done.stdout) == (0, "")
        assert (tmp_path / f"a{ending}").read_text(encoding="utf-8").startswith(begins)


def test_a_page_asks_nothing_of_anybody_and_runs_only_what_it_was_written_with(sheets: dict[str, Sheet]) -> None:
    for made in sheets.values():
        text = page(made).decode("utf-8")
        told = Tags(text)
        (policy,) = (a["content"] for tag, a in told.tags if a.get("http-equiv") == "Content-Security-Policy")
        for tag in ("script", "style"):
            (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
            digest = b64encode(sha256(inside.encode("utf-8")).digest()).decode("ascii")
            assert f"{tag}-src 'sha256-{digest}'" in policy
        assert policy.startswith("default-src 'none'; ")
        assert not {"img", "iframe", "object", "embed", "base"} & {tag for tag, _ in told.tags}
        for tag, attributes in told.tags:
            assert not any(name.startswith("on") or name in ("style", "src", "action") for name in attributes), tag
            assert attributes.get("href", "#").startswith(("#", "data:"))
        assert len(told.ids) == len(set(told.ids))
        assert len(text) < 400_000


def test_a_page_gives_no_choice_to_mark_about_a_real_authority(sheets: dict[str, Sheet]) -> None:
    for made in sheets.values():
        text = page(made).decode("utf-8")
        assert text.count('class="marked"') == sum(question.marked for question in made.questions)
        assert text.count("<details>") == len(made.questions)


def test_no_step_tells_the_answer_to_the_one_before_it(sheets: dict[str, Sheet]) -> None:
    made = sheets["what-fires-next"]
    first, second = made.questions[:2]
    (held,), (then,) = first.given, second.given
    *same, new = (line.title for line in then.children)
    assert same == [line.title for line in held.children], "the memory grows"
    assert (first.step, second.step) == (False, True)
    assert new not in markdown(made).replace("\\", "")
    text = page(made).decode("utf-8")
    before = text[:text.index(new)]
    assert before.count("<details") == before.count("</details>") + 1, "it is shown only on asking"


def test_what_may_fire_next_is_known_by_its_title_which_is_said_once(
        sheets: dict[str, Sheet], knowledge: Knowledge) -> None:
    rules, names, others = {rule.id: rule for rule in knowledge.in_force}, Names(knowledge), 0
    for question in sheets["what-fires-next"].questions:
        given = {line.title.rpartition(" (")[0] for told in question.given for line in told.children}
        assert given <= {names.title(rule.head.kind, rule.head.id) for rule in rules.values()}
        for choice in question.choices:
            rule = rules[choice.id]
            head = names.title(rule.head.kind, rule.head.id)
            assert choice.title.startswith(f"{rule.title} (")
            assert choice.title.count(f'"{head}"') == (head != rule.title), "nobody needs an id to follow"
            assert rule.head.id not in choice.title
            others += head != rule.title
    assert others > 5
    twins = [rule._replace(id=id) for rule in list(rules.values())[:1] for id in ("one", "another")]
    assert [text.rpartition("), ")[2] for text in fire_as(twins, names).values()] == ["rule one", "rule another"]


def test_hostile_text_is_text_in_every_form(tmp_path: Path) -> None:
    """A script in every field of the exercise, its case, its rules and its vocabulary."""
    shutil.copytree(ORCHARDS, tmp_path / "all")
    fields = r"title|label|short|publisher|note|summary|passage|lead|aim|name|body|because|who_can_act|quote|collection"
    for file in (tmp_path / "all").rglob("*.yaml"):
        if file.parent.name in ("overall",) or file.stem == "language":
            continue
        text = file.read_text(encoding="utf-8")
        spoilt = rf'\1"{SCRIPT} {{{{ 7 * 7 }}}} [x](y) `"'
        text = re.sub(rf"^( *(?:- )?(?:{fields}): )[^>|\n]*[^>|\n,}}-]$", spoilt, text, flags=re.MULTILINE)
        text = re.sub(r"lead: [^}]*}", f'lead: "{SCRIPT}"}}', text)
        file.write_text(text, encoding="utf-8")
    words = ("walk-round", "--kb", tmp_path / "all/kb", "--rules", tmp_path / "all/rules", "--cases", tmp_path / "all")
    done = ask(*words, "-o", tmp_path / "page.html")
    assert done.exit_code == 0, done.output[:2000]
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    told = Tags(text)
    assert " ".join(told.text.split()).count(SCRIPT) > 20
    assert SCRIPT not in text
    assert sum(tag == "script" for tag, _ in told.tags) == 1
    assert "{{ 7 * 7 }}" in told.text
    sheet_ = ask(*words, "--format", "markdown").stdout
    assert SCRIPT not in sheet_
    assert "<script" not in sheet_.replace("\\<script", "")
    assert "\x1b" not in ask(*words, "--answers").stdout


# Puzzles of any case


def test_puzzles_of_every_shipped_case(cases: dict[str, Case], room: Room) -> None:
    for name in ("ashby", "carden", "oakshire", "bradford-2018", "northamptonshire"):
        case = cases[name]
        made = puzzles_of(case, case.latest_known, (), room)  # type: ignore[arg-type]
        assert {q.kind for q in made.questions} >= {"result", "state", "alarm", "acts"}, name
        assert all(q.marked is case.invented for q in made.questions), name
        assert [KINDS.index(q.kind) for q in made.questions] == sorted(KINDS.index(q.kind) for q in made.questions)


def test_puzzles_of_one_kind() -> None:
    done = ask("--case", EXAMPLES / "carden.yaml", "--kind", "missing", answers="C7\n")
    assert "Question 1 of" in done.stdout
    assert done.stdout.count("Which one signature, were it shown at its strongest, would give") == int(
        re.findall(r"Question 1 of (\d+)", done.stdout)[0]) or "No more answers" in done.stderr
    none = ask("--case", EXAMPLES / "carden.yaml", "--kind", "defeater")
    assert (none.exit_code, none.stdout) == (2, "")
    assert "the rules make no puzzle of the kind defeater of carden as at 2025-05-20" in none.stderr


def test_the_second_subject_has_exercises_of_its_own() -> None:
    words = ("--kb", ORCHARDS / "kb", "--rules", ORCHARDS / "rules", "--cases", ORCHARDS)
    assert "walk-round: Before you walk round" in ask(*words).stdout
    done = ask("walk-round", *words, "--answers")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Walk the orchard together" in done.stdout


def test_without_exercises_it_says_so(tmp_path: Path) -> None:
    shutil.copytree(VOCABULARY, tmp_path / "kb", ignore=shutil.ignore_patterns("exercises.yaml"))
    done = ask("--kb", tmp_path / "kb")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "sigrisk: kb has no exercises; --case makes puzzles of a case\n"
