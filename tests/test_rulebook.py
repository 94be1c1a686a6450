"""The rulebook: every link leads somewhere, nothing is asked of anybody else, and text from files stays text."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from cli import sigrisk
from engine.assess import Assessor
from engine.compiling import compile_rules
from engine.prepared import Prepared
from explain.names import Names
from kb.dossier import Case
from kb.files import RULES, VOCABULARY
from kb.history import changes
from kb.knowledge import Knowledge
from kb.ruletests import read_rule_tests
from tests.test_order import It, in_another_order
from web.folder import LISTED, NotOurs, write_site
from web.links import file_name, outside
from web.rulebook import Leaf, leaves
from web.site import map_file, site

ROOT = Path(__file__).resolve().parents[1]
ORCHARDS = ROOT / "examples" / "orchards"
PICTURE = ROOT / "docs" / "interaction-map.svg"
SCRIPT = "<script>alert('mine')</script>"
Site = dict[str, str]


@pytest.fixture(scope="module")
def made(knowledge: Knowledge) -> list[Leaf]:
    tests, problems = read_rule_tests(RULES, knowledge)
    assert problems == ()
    return list(leaves(Prepared(knowledge, compile_rules(knowledge.rules)), tests))


@pytest.fixture(scope="module")
def book(made: list[Leaf]) -> Site:
    """Every file of the shipped rulebook."""
    return {path: data.decode("utf-8") for path, data in site(made)}


class Tags(HTMLParser):
    """Every tag of a page with its attributes, the ids, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)
        self.ids = [told["id"] for _, told in self.tags if "id" in told]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.text += " " if tag in ("td", "th", "dd") else ""

    def handle_data(self, data: str) -> None:
        self.text += data


def read(files: Site) -> dict[str, Tags]:
    return {path: Tags(text) for path, text in files.items() if path.endswith(".html")}


def ask(*words: str | Path) -> Result:
    return CliRunner().invoke(sigrisk, [str(word) for word in words])


# What is in it


def test_everything_has_its_page(book: Site, knowledge: Knowledge) -> None:
    vocabulary = knowledge.vocabulary
    wanted = {f"rules/{r.id}.html" for r in knowledge.rules if r.head.kind != "signature"}
    wanted |= {f"signatures/{id}.html" for id in vocabulary.signatures}
    wanted |= {f"{kind}s/{id}.html" for kind, id in knowledge.conclusions() if kind != "signature"}
    wanted |= {f"indicators/{id}.html" for id in vocabulary.indicators.keys() - vocabulary.protective.keys()}
    wanted |= {f"protective/{id}.html" for id in vocabulary.protective}
    assert wanted <= book.keys()
    for statement in vocabulary.statements.values():
        assert f'id="{statement.id}"' in book["statements.html"]


def test_the_page_of_a_rule_says_what_it_rests_on(book: Site) -> None:
    text = " ".join(Tags(book["rules/churn-under-cuts.html"]).text.split())
    for said in ('two or more of the three") at high', "on evidence that ends within 24 months: all of these",
                 "A2 Turnover and change in senior leadership is present, moderate or stronger",
                 "protective sign stable-permanent-director", "There are signs in the authority of change",
                 "Basis: local judgement.", "S9 “Turnover and change in senior leadership”",
                 "d-cypn (title not recorded) at cypnow.co.uk, date not recorded",
                 "turnover: 17.7 per cent, on 30 September 2024", "the rule churn-under-cuts does not hold",
                 "1 March 2027", "rules/mechanisms/churn-under-cuts.yaml"):
        assert said in text, said


def test_the_page_of_an_indicator_has_its_figures_and_who_asks_for_it(book: Site) -> None:
    text = " ".join(Tags(book["indicators/agency_worker_rate.html"]).text.split())
    for said in ("24 months from the date it is about", "2024 16.2 per cent 24.5 per cent 31.6 per cent",
                 "28 February 2025", "High agency use with caseloads above the median", "Department for Education"):
        assert said in text, said
    kept = " ".join(Tags(book["protective/manageable-caseload.html"]).text.split())
    assert "Shown by a test of" in kept
    assert "(it stops the rule)" in kept


def test_the_map_says_each_pair_in_words_too(book: Site, made: list[Leaf], knowledge: Knowledge) -> None:
    (leaf,) = (leaf for leaf in made if leaf.path == "map.html")
    page, names = Tags(book["map.html"]), Names(knowledge)
    joined = [told["data-joins"] for tag, told in page.tags if tag == "path"]
    numbers = leaf.content["numbers"]
    assert isinstance(numbers, dict)
    text = " ".join(page.text.split())
    for first, second in (("A2", "A3"), ("B2", "C7"), ("C2", "C3")):
        assert f"{numbers[first]} {numbers[second]}" in joined
        assert names.title("signature", first) in text
    assert "(mechanism, high; the signatures themselves are enough)" in text


def test_the_picture_in_the_docs_is_current(made: list[Leaf], request: pytest.FixtureRequest) -> None:
    (leaf,) = (leaf for leaf in made if leaf.path == "map.html")
    drawn = map_file(leaf)
    ElementTree.fromstring(drawn)
    if request.config.getoption("--update"):
        PICTURE.write_bytes(drawn)
    assert PICTURE.read_bytes() == drawn, "stale: run pytest tests/test_rulebook.py --update"


# How it is made


def test_every_link_leads_somewhere(book: Site) -> None:
    read_pages = read(book)
    for path, page in read_pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        for tag, told in page.tags:
            address = told.get("href" if tag in ("a", "link") else "src" if tag == "script" else "action", "")
            if not address or address.startswith(("http://", "https://", "data:")):
                continue
            to, _, part = address.partition("#")
            target = normpath(join(dirname(path), unquote(to))) if to else path
            assert target in book, (path, address)
            assert not part or part in read_pages[target].ids, (path, address)


def test_no_page_asks_anything_of_anybody(book: Site) -> None:
    for path, page in read(book).items():
        assert "default-src 'none'" in book[path]
        for tag, told in page.tags:
            assert not any(name.startswith("on") or name == "style" for name in told), (path, tag)
            assert tag not in ("img", "iframe", "object", "embed", "base", "style"), (path, tag)
            if tag in ("script", "link"):
                assert not told.get("src", told.get("href", "")).startswith(("http", "//")), path
    assert not re.search(r"@import|url\((?!#)", book["assets/style.css"])


def test_every_page_has_one_heading_a_title_and_a_language(book: Site) -> None:
    for path, page in read(book).items():
        tags = [tag for tag, _ in page.tags]
        assert (tags.count("h1"), tags.count("main"), tags.count("title") >= 1) == (1, 1, True), path
        assert dict(page.tags)["html"] == {"lang": "en"}


def test_the_words_that_are_never_said_are_not_in_our_own_words(book: Site, knowledge: Knowledge) -> None:
    never = re.compile(rf"\b(?:{'|'.join(map(re.escape, knowledge.vocabulary.never_said))})\b", re.IGNORECASE)
    for path in ("index.html", "reading.html", "glossary.html", "conclusions.html", "rules.html"):
        assert never.findall(Tags(book[path]).text) == [], path


def test_another_order_gives_the_same_bytes(book: Site, assessor: Assessor, cases: dict[str, Case]) -> None:
    """No case has a part in it; the rules, every table of the vocabulary and the signs are read in another order."""
    tests, _ = read_rule_tests(RULES, assessor.knowledge)
    turned = in_another_order(It(assessor, cases["croydon"], tests), random.Random(5)).knowledge
    again = site(leaves(Prepared(turned, compile_rules(turned.rules)), tests))
    assert {path: data.decode("utf-8") for path, data in again} == book


# Text from files


@pytest.fixture
def hostile(tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the second knowledge base with a script in its texts, and an address that runs one."""
    shutil.copytree(ORCHARDS / "rules", tmp_path / "rules")
    shutil.copytree(ORCHARDS / "kb", tmp_path / "kb")
    for file in (f for f in sorted(tmp_path.rglob("*.yaml")) if f.parent.name != "overall" and f.stem != "language"):
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"^( *(?:- )?(?:title|label|short|owner|publisher|note|collection|passage|test)): .*$",
                      rf"""\1: "{SCRIPT} {{{{ 7 * 7 }}}} ' \\\\ ]]>" """, text, flags=re.MULTILINE)
        file.write_text(re.sub(r"^(    published: .*)$", r"\1\n    url: javascript:alert(1)", text, flags=re.MULTILINE),
                        encoding="utf-8")
    return tmp_path / "rules", tmp_path / "kb"


def test_hostile_text_is_text(hostile: tuple[Path, Path], tmp_path: Path) -> None:
    rules, vocabulary = hostile
    done = ask("rulebook", "-o", tmp_path / "book", "--rules", rules, "--kb", vocabulary)
    assert done.exit_code == 0, done.output[:2000]
    found = {p.relative_to(tmp_path / "book").as_posix(): p.read_text(encoding="utf-8")
             for p in (tmp_path / "book").rglob("*") if p.suffix == ".html"}
    assert sum(SCRIPT in " ".join(Tags(text).text.split()) for text in found.values()) > 20
    for path, page in read(found).items():
        scripts = [told for tag, told in page.tags if tag == "script"]
        assert all(told.get("src", "").endswith(("assets/search.js", "assets/map.js")) for told in scripts), path
        assert not any(told.get("href", "").startswith("javascript") for _, told in page.tags), path
        assert "{{ 7 * 7 }}" in page.text or "49" not in page.text, path
    assert "address: javascript:alert(1)" in "".join(found.values())


@pytest.mark.parametrize(("address", "followed"), [
    ("https://a.uk/b?c=d#e", True), ("http://a.uk", True), ("javascript:alert(1)", False), ("data:text/html,x", False),
    ("//a.uk", False), ("https:", False), ("https://a.uk/b c", False), ("java\nscript:x", False), ("http://[", False),
    ("not recorded", False), ("file:///etc/passwd", False), ("https:\\\\a.uk", False),
])
def test_only_addresses_of_the_web_are_links(address: str, followed: bool) -> None:
    assert outside(address) == (address if followed else "")


def test_a_file_is_named_by_plain_letters_only() -> None:
    assert file_name("a_B-1") == "a_B-1"
    assert file_name("../x y") == ".2e.2e.2fx.20y"
    assert len({file_name(id) for id in ("a/b", "a.b", "a b", "a:b")}) == 4


# The folder


def test_an_earlier_rulebook_is_replaced_and_nobody_elses_file_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    assert write_site(folder, [("a.html", b"1"), ("rules/b.html", b"2")]) == 2
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    (folder / LISTED).write_text("a.html\nrules/b.html\n../outside.html\nmine/../mine.txt\n/etc/passwd\n", "utf-8")
    (tmp_path / "outside.html").write_text("keep", encoding="utf-8")
    write_site(folder, [("a.html", b"3")])
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"book/a.html", "book/mine.txt", f"book/{LISTED}", "outside.html"}
    assert (folder / "a.html").read_bytes() == b"3"


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(NotOurs):
        write_site(tmp_path, [("a.html", b"1")])
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


# History


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@t", *words], cwd=folder, check=True,
                   capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_history_is_what_git_recorded_and_stays_text(tmp_path: Path) -> None:
    shutil.copytree(ORCHARDS / "rules", tmp_path / "repository" / "rules")
    rules = tmp_path / "repository" / "rules"
    git(tmp_path / "repository", "init", "-q")
    git(tmp_path / "repository", "add", ".")
    git(tmp_path / "repository", "commit", "-q", "--date=2024-05-06T12:00:00Z", "-m", "The first rules")
    file = rules / "mechanisms" / "watering-falls-behind.yaml"
    git(file.parent, "mv", file.name, "watering.yaml")
    git(file.parent, "commit", "-q", "--date=2025-01-02T12:00:00Z", "-m", f"Renamed {SCRIPT}")
    told = changes(file.with_name("watering.yaml"))
    assert [(c.day, c.said) for c in told] == [("2025-01-02", f"Renamed {SCRIPT}"), ("2024-05-06", "The first rules")]
    words = ("rulebook", "--rules", rules, "--kb", ORCHARDS / "kb", "-o")
    assert ask(*words, tmp_path / "with", "--history").exit_code == 0
    assert ask(*words, tmp_path / "without").exit_code == 0
    text = (tmp_path / "with" / "rules" / "watering-falls-behind.html").read_text(encoding="utf-8")
    assert f"2 January 2025: Renamed {SCRIPT}" in Tags(text).text
    assert SCRIPT not in text
    assert "Changes of its file" not in (tmp_path / "without/rules/watering-falls-behind.html").read_text("utf-8")


def test_without_git_there_is_no_history(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("", encoding="utf-8")
    assert changes(tmp_path / "a.yaml") == ()
    assert changes(tmp_path / "nowhere" / "a.yaml") == ()


def test_shipped_rules_and_vocabulary_are_the_default(tmp_path: Path) -> None:
    done = ask("rulebook", "-o", tmp_path / "book")
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / "book" / "index.html").is_file()
    same = ask("rulebook", "-o", tmp_path / "same", "--rules", RULES, "--kb", VOCABULARY)
    assert same.exit_code == 0
    for path in (tmp_path / "book").rglob("*.html"):
        assert path.read_bytes() == (tmp_path / "same" / path.relative_to(tmp_path / "book")).read_bytes()
