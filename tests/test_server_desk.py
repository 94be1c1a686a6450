"""Editing rules in the browser: problems by line, what an edit says and changes, and saves that lose nothing."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import sigrisk
from kb.files import RULES
from kb.saving import BEFORE, Changed, hash_of, save
from tests.served import Served, served

ROOT = Path(__file__).resolve().parents[1]
FILE, PATH = "signatures.C7", "signatures/C7.yaml"
THRESHOLD, INSTEAD = "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server in which nothing is saved."""
    with served(tmp_path_factory.mktemp("served"), edit=True) as made:
        yield made


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# Trying an edit


def test_problems_are_those_of_check_with_their_lines(server: Served, tmp_path: Path) -> None:
    text = server.text(FILE).replace("at_least", "at_lest", 1)
    told = server.post(f"/edit/{FILE}/look", text=text).text
    shutil.copytree(RULES, tmp_path / "rules")
    (tmp_path / "rules" / PATH).write_text(text, "utf-8")
    done = CliRunner().invoke(sigrisk, ["check", "--rules", str(tmp_path / "rules")])
    problems = re.findall(r"^rules/signatures/C7.yaml:(\d+):(\d+): (K\d+) (.*)$", done.stdout, re.MULTILINE)
    assert problems
    for line, column, code, message in problems:
        assert f'data-line="{line}" data-column="{column}"' in told
        assert code in told
        assert message in plain(told)


def test_an_edit_shows_its_sentence_its_picture_its_tests_and_what_it_changes(server: Served) -> None:
    edited = server.text(FILE).replace(THRESHOLD, INSTEAD)
    looked = server.post(f"/edit/{FILE}/look", text=edited).text
    assert "a place in the worst tenth" in plain(looked)
    assert '<svg class="drawing"' in looked
    tested = plain(server.post(f"/edit/{FILE}/tests", text=edited).text)
    assert re.search(r"\d+ tests ran\. \d+ come otherwise than they say", tested)
    changed = plain(server.post(f"/edit/{FILE}/impact", text=edited).text)
    assert "The versions differ; something moves in" in changed
    assert "by edit 1 (rules/signatures/C7.yaml:" in changed
    assert "Ashby: from 20 May 2025 on" in changed


def test_impact_has_the_words_and_the_picture_of_the_command_line(server: Served, tmp_path: Path) -> None:
    edited, svg = server.text(FILE).replace(THRESHOLD, INSTEAD), tmp_path / "moved.svg"
    changed = plain(server.post(f"/edit/{FILE}/impact", text=edited).text)
    shutil.copytree(RULES, tmp_path / "rules")
    (tmp_path / "rules" / PATH).write_text(edited, "utf-8")
    done = CliRunner().invoke(sigrisk, ["impact", "--rules", str(tmp_path / "rules"), "--against", str(RULES),
                                        "--picture", str(svg)])
    lines = [line.strip(" -") for line in done.stdout.split("\n\n", 2)[2].splitlines()]
    facts = [line for line in lines if line.startswith(("Of the cases:", "Over all combinations"))]
    assert len(facts) == 2
    for fact in facts:
        assert fact in changed
    drawn = re.findall("<text.*?</text>", server.post(f"/edit/{FILE}/picture", text=edited).text)
    asked = re.findall("<text.*?</text>", svg.read_text("utf-8"))
    assert len(drawn) > 50
    assert [line for line in drawn if "as they are saved" not in line] == [
        line for line in asked if "as they stand, against" not in line], "only the name of the old rules is another"


def test_the_picture_comes_with_a_name_and_words_and_only_where_something_moves(server: Served) -> None:
    edited = server.text(FILE).replace(THRESHOLD, INSTEAD)
    drawn = server.post(f"/edit/{FILE}/picture", text=edited).text
    (svg,) = re.findall("<svg [^>]*>", drawn)
    names = re.findall('aria-labelledby="([^"]*)"', svg)[0].split()
    named = [re.findall(f'<(?:title|desc) id="{name}">(.*?)<', drawn)[0] for name in names]
    assert named[0] == "What the edit of the rules would change"
    assert "C7 Unstable staffing imbalance between agency and permanent staff (signature)" in named[1]
    assert 'href="#picture"' in server.post(f"/edit/{FILE}/impact", text=edited).text
    for text in (server.text(FILE), server.text(FILE) + "# the same\n", edited.replace("at_least", "at_lest")):
        assert server.post(f"/edit/{FILE}/picture", text=text).text.strip() == ""
        assert "#picture" not in server.post(f"/edit/{FILE}/impact", text=text).text


def test_check_of_an_edit_is_the_whole_check(server: Served) -> None:
    unused = server.text("mechanisms.churn-under-cuts").replace("status: in force", "status: withdrawn")
    told = plain(server.post("/edit/mechanisms.churn-under-cuts/meaning", text=unused).text)
    assert "K0" in told or "Nothing to mend" in told
    same = plain(server.post("/edit/mechanisms.churn-under-cuts/meaning",
                             text=server.text("mechanisms.churn-under-cuts")).text)
    assert "Nothing to mend" in same


def test_a_file_of_each_folder_can_be_opened_and_shows_itself_unchanged(server: Served) -> None:
    files = server.house.shelf.now().files
    one_of_each = {file.path.parent: id for id, file in files.items()}
    assert len(one_of_each) > 4
    for id in one_of_each.values():
        file = files[id]
        page = server.client.get(f"/edit/{id}").text
        (shown,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
        assert html.unescape(shown) == file.text, id
        assert "No problem" in page


def test_without_javascript_one_button_shows_everything(server: Served) -> None:
    edited = server.text(FILE).replace(THRESHOLD, INSTEAD)
    told = plain(server.post(f"/edit/{FILE}", text=edited, opened=server.hash(FILE), do="look").text)
    assert "worst tenth" in told
    assert "The versions differ" in told
    assert "What check finds" in told
    assert "What it would change, as a picture" in told
    assert THRESHOLD in server.text(FILE), "nothing is saved"


# Saving


def test_a_save_takes_effect_keeps_the_version_before_and_is_put_on_record(tmp_path: Path) -> None:
    with in_git(tmp_path) as one:
        hook = one.rules.parent / ".git" / "hooks" / "pre-commit"
        hook.write_text("#!/bin/sh\ntouch hooked\nexit 1\n")
        hook.chmod(0o755)
        (one.rules / "README.md").write_text("something else that was edited meanwhile")
        before, opened = one.text(FILE), one.hash(FILE)
        done = one.post(f"/edit/{FILE}", text=before.replace(THRESHOLD, INSTEAD).replace("\n", "\r\n"), opened=opened,
                        do="save", message="--amend the threshold")
        assert done.status_code == 200
        assert "Saved." in done.text
        assert one.text(FILE) == before.replace(THRESHOLD, INSTEAD)
        assert "Not enough evidence" in one.client.get("/cases/ashby").text, "every page goes by it at once"
        kept = one.rules / BEFORE / f"signatures.C7.yaml.{opened[:12]}.txt"
        assert kept.read_text("utf-8") == before
        log = git(one.rules, "log", "-1", "--format=%s", "--name-only").split()
        assert log == ["--amend", "the", "threshold", "rules/signatures/C7.yaml"]
        assert git(one.rules, "log", "-1", "--format=%h").strip() in done.text
        assert "README" in git(one.rules, "status", "--short"), "nothing else is committed"
        assert BEFORE not in git(one.rules, "status", "--short")
        assert not list(tmp_path.rglob("hooked")), "nothing that the repository names is run"


def test_a_file_that_was_broken_on_disk_is_mended_in_the_browser(tmp_path: Path) -> None:
    with served(tmp_path, edit=True) as one:
        good = one.text(FILE)
        (one.rules / PATH).write_text(good.replace("at_least", "at_lest", 1), "utf-8")
        page = one.client.get(f"/edit/{FILE}").text
        assert "at_lest" in page, "the file as it is now"
        assert "The files on disk cannot be used as they are" in page
        assert 'data-line="7"' in page
        done = one.post(f"/edit/{FILE}", text=good, opened=one.hash(FILE), do="save")
        assert "Saved." in done.text
        assert "cannot be used" not in done.text


def test_outside_of_git_a_save_is_a_save(tmp_path: Path) -> None:
    with served(tmp_path, edit=True) as one:
        done = one.post(f"/edit/{FILE}", text=one.text(FILE) + "# more\n", opened=one.hash(FILE), do="save")
        assert "Saved." in done.text
        assert "Git" not in done.text.partition("Saved.")[2].partition("</div>")[0]


def test_what_has_problems_is_not_saved(server: Served) -> None:
    before = server.text(FILE)
    done = server.post(f"/edit/{FILE}", text=before.replace("at_least", "at_lest"), opened=server.hash(FILE), do="save")
    assert done.status_code == 400
    assert "It has problems: mend them first, then save." in plain(done.text)
    assert "at_lest" in done.text, "what was written is still there"
    assert server.text(FILE) == before


def test_a_file_that_somebody_else_changed_is_not_written_over(tmp_path: Path) -> None:
    with served(tmp_path, edit=True) as one:
        opened, mine = one.hash(FILE), one.text(FILE).replace(THRESHOLD, INSTEAD)
        (one.rules / PATH).write_text(one.text(FILE) + "# theirs\n", "utf-8")
        done = one.post(f"/edit/{FILE}", text=mine, opened=opened, do="save")
        assert done.status_code == 409
        told = html.unescape(done.text)
        assert "-# theirs" in told
        assert f"+  - {{indicator: {INSTEAD}".split(":")[1] in told
        assert one.text(FILE).endswith("# theirs\n")
        (again,) = re.findall(r'name="opened" value="(\w+)"', done.text)
        assert one.post(f"/edit/{FILE}", text=mine, opened=again, do="save").status_code == 200, "knowingly it may be"
        assert one.text(FILE) == mine


def test_nothing_is_written_where_it_is_read_only(tmp_path: Path) -> None:
    with served(tmp_path, edit=True, read_only=True) as one:
        page = one.client.get(f"/edit/{FILE}").text
        assert 'value="save"' not in page
        before = one.text(FILE)
        done = one.post(f"/edit/{FILE}", text=before + "# more\n", opened=one.hash(FILE), do="save")
        assert done.status_code == 400
        assert "nothing is written here" in done.text.casefold()
        assert one.text(FILE) == before
        assert not (one.rules / BEFORE).exists()


def test_editing_is_off_unless_asked_for(tmp_path: Path) -> None:
    with served(tmp_path) as one:
        assert one.client.get(f"/edit/{FILE}").status_code == 404
        assert one.post(f"/edit/{FILE}", text="", do="save").status_code == 404
        assert "/edit/" not in one.client.get("/rules").text


def test_a_link_that_leads_out_of_the_folder_is_nobodys_to_edit(tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    outside = tmp_path / "outside.yaml"
    (tmp_path / "rules" / PATH).rename(outside)
    (tmp_path / "rules" / PATH).symlink_to(outside)
    with served(tmp_path, edit=True) as one:
        assert one.client.get(f"/edit/{FILE}").status_code == 404
        assert one.client.get("/edit/signatures.C6").status_code == 200


# Saves that lose nothing


def test_of_saves_at_the_same_time_one_is_done_and_the_others_are_told(tmp_path: Path) -> None:
    with served(tmp_path, edit=True) as one:
        opened, text = one.hash(FILE), one.text(FILE)

        def try_to(number: int) -> int:
            return one.client.put(f"/api/rules/{FILE}", json={"text": f"{text}# {number}\n", "opened": opened},
                                  headers={"authorization": f"Bearer {one.house.keys.token}"}).status_code
        with ThreadPoolExecutor(8) as several:
            codes = list(several.map(try_to, range(8)))
        assert sorted(codes) == [200] + [409] * 7
        assert one.text(FILE) == f"{text}# {codes.index(200)}\n"


def test_two_programs_never_write_over_each_other(tmp_path: Path) -> None:
    """A counter that only saves increase: had one save been lost, the number would be smaller."""
    file = tmp_path / "count.yaml"
    file.write_bytes(b"0")

    program = ("import sys; from pathlib import Path; from tests.test_server_desk import increase_in; "
               "increase_in(Path(sys.argv[1]))")
    others = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT) for _ in range(2)]
    mine = threading.Thread(target=increase_in, args=(tmp_path,))
    mine.start()
    assert [other.wait(120) for other in others] == [0, 0]
    mine.join()
    assert file.read_bytes() == b"60"


def increase_in(folder: Path) -> None:
    """What another program does in the test above."""
    file = folder / "count.yaml"
    for _ in range(20):
        while True:
            data = file.read_bytes()
            try:
                save(file, str(int(data) + 1).encode(), hash_of(data), folder)
                break
            except Changed:
                continue


CUT = """
import os, sys
from pathlib import Path
from kb.saving import hash_of, save
left = int(sys.argv[2])

def seen(event, _):
    global left
    if event in ("open", "os.rename", "os.chmod", "os.remove", "os.listdir", "os.mkdir", "tempfile.mkstemp"):
        left -= 1
        if left < 0:
            os._exit(9)

folder = Path(sys.argv[1])
before, after = b"old " * 100_000, b"new " * 100_000
import fcntl, tempfile
sys.addaudithook(seen)
save(folder / "rule.yaml", after, hash_of(before), folder)
left = 1_000_000
"""


def test_power_cut_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    before, after = b"old " * 100_000, b"new " * 100_000
    found = []
    for step in range(60):
        folder = tmp_path / str(step)
        folder.mkdir()
        (folder / "rule.yaml").write_bytes(before)
        done = subprocess.run([sys.executable, "-c", CUT, str(folder), str(step)], cwd=ROOT, check=False,
                              env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert done.returncode in (0, 9)
        held = (folder / "rule.yaml").read_bytes()
        assert held in (before, after), f"half a file after step {step}"
        kept = list((folder / BEFORE).glob("rule.yaml.*.txt"))
        if held == after:
            assert [path.read_bytes() for path in kept] == [before]
        found.append((done.returncode, held == after))
        if done.returncode == 0:
            break
    assert found[0] == (9, False), "it was cut before anything was done"
    assert found[-1] == (0, True), "and in the end it was done"
    assert len(found) > 6


def in_git(folder: Path) -> AbstractContextManager[Served]:
    """A server on rules that are in a git repository."""
    shutil.copytree(RULES, folder / "rules")
    for words in (("init", "-q"), ("config", "user.name", "A Person"), ("config", "user.email", "a@example.org"),
                  ("add", "-A"), ("commit", "-q", "-m", "The first rules")):
        git(folder, *words)
    return served(folder, edit=True)


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout
