"""A YAML file becomes a tree with places, and each slip of the pen becomes one clear sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

import kb.yamltree
from kb.dates import Precision, Span
from kb.fields import Fields
from kb.model import Place, Problem
from kb.problems import CODES, Code, did_you_mean, nearest, shown, sorted_problems
from kb.yamltree import Mapping, Scalar, Sequence, Tree, parse_tree, read_tree

NAME = "rules/a.yaml"
LOADERS = [yaml.SafeLoader] + ([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test that asks for it runs with libyaml and without."""
    monkeypatch.setattr(kb.yamltree, "_LOADER", request.param)


def told(text: str) -> list[str]:
    """What a person reads about a file: `line:column code message (hint)`."""
    return [str(problem).removeprefix(NAME + ":").replace(": ", " ", 1) for problem in parse_tree(text, NAME)[1]]


def plain(tree: Tree | None) -> object:
    """The tree without its places."""
    match tree:
        case Scalar():
            return tree.value
        case Sequence():
            return [plain(item) for item in tree.items]
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in tree.entries}
        case None:
            return None


@pytest.mark.usefixtures("loader")
def test_every_key_and_value_keeps_its_place() -> None:
    tree, problems, repaired = parse_tree("rule: churn\nwhen:\n  all:\n    - {signature: A2}\n    - 'x'\n", NAME)
    assert (problems, repaired) == ((), False)
    assert plain(tree) == {"rule": "churn", "when": {"all": [{"signature": "A2"}, "x"]}}
    assert isinstance(tree, Mapping)
    when = tree.entries[1]
    assert isinstance(when.value, Mapping)
    items = when.value.entries[0].value
    assert isinstance(items, Sequence)
    assert isinstance(items.items[0], Mapping)
    assert [str(place) for place in (tree.place, tree.entries[0].value.place, when.key.place, when.value.place)] == [
        "rules/a.yaml:1:1", "rules/a.yaml:1:7", "rules/a.yaml:2:1", "rules/a.yaml:3:3"]
    assert items.items[0].entries[0].value.place == Place(NAME, 4, 19)
    assert items.items[1] == Scalar(Place(NAME, 5, 7), "x", quoted=True)


@pytest.mark.parametrize(("written", "value"), [
    ("true", True), ("false", False), ("yes", "yes"), ("no", "no"), ("on", "on"), ("True", "True"), ("y", "y"),
    ("3", 3), ("0", 0), ("-2", -2), ("4.5", 4.5), ("-0.25", -0.25), ("100000", 100000),
    ("010", "010"), ("12:30", "12:30"), ("1e3", "1e3"), ("0x1f", "0x1f"), ("1_000", "1_000"), (".5", ".5"),
    ("5.", "5."), ("+3", "+3"), ("nan", "nan"), (".nan", ".nan"), ("inf", "inf"), (".inf", ".inf"), ("٣", "٣"),
    ("9" * 40, "9" * 40), ("1,5", "1,5"), ("30 per cent", "30 per cent"), ("2018-10-17", "2018-10-17"),
    ("", None), ("null", "null"), ("~", "~"), ('"3"', "3"), ("'true'", "true"), ('""', ""), ("|-\n  3", "3"),
])
@pytest.mark.usefixtures("loader")
def test_a_value_is_what_it_looks_like(written: str, value: object) -> None:
    tree, problems, _ = parse_tree(f"a: {written}\n", NAME)
    assert problems == ()
    read = plain(tree)
    assert read == {"a": value}
    assert isinstance(read, dict)
    assert type(read["a"]) is type(value)


def test_a_key_is_always_text() -> None:
    tree, _, _ = parse_tree("2017: {true: 1}\n", NAME)
    assert plain(tree) == {"2017": {"true": 1}}


@pytest.mark.parametrize("text", [
    "\ufeffa: 1\nb: 2\n", "a: 1\r\nb: 2\r\n", "a: 1\rb: 2", "---\na: 1\nb: 2\n...\n", "a:\t1\nb: 2\n\t\n",
    "# c\na: 1\nb: 2",
])
@pytest.mark.usefixtures("loader")
def test_how_lines_end_makes_no_difference(text: str) -> None:
    tree, problems, repaired = parse_tree(text, NAME)
    assert (plain(tree), problems, repaired) == ({"a": 1, "b": 2}, (), False)
    assert isinstance(tree, Mapping)
    assert tree.entries[1].key.place.col == 1


QUOTES = 'put the whole text in quotes: "..."'
COLUMN = ("the indentation of this line fits no line above it "
          "(begin it in the same column as the lines it belongs with)")
SLIPS = {
    "because: Leaders: changed": f'1:17 K006 a second colon in one line: "because: Leaders: changed" ({QUOTES})',
    "{because: x: y}": f"1:12 K006 a second colon in one value ({QUOTES}, or a comma before the next key)",
    "because: x\n  and then: cut": f"2:11 K006 this line continues the text above it, but has a colon ({QUOTES})",
    "when: all:\n  - a": '1:10 K006 a second colon in one line: "when: all:" '
                         "(begin the second key in a line of its own)",
    "at_least: >= 30": "1:11 K007 the symbol >= is not used here (write words: at_least: 30)",
    "at_least: > 30": "1:11 K007 the symbol > is not used here (write words: at_least: 30)",
    "at_least: >3": "1:11 K007 the symbol > is not used here (write words: at_least: 3)",
    "at_least: <= 30": "1:11 K007 the symbol <= is not used here (write words: at_most: 30)",
    "agency: < 12.5": "1:9 K007 the symbol < is not used here (write words: below: 12.5)",
    "agency: > worst quarter": "1:9 K004 after > the text begins in the next line "
                               "(move the text to the next line and indent it, or delete the symbol)",
    "agency: ≥ 30": "1:9 K007 the symbol ≥ is not used here (write words: at_least: 30)",
    "- {indicator: x, above: > median}": "1:25 K007 the symbol > is not used here (write words: above: median)",
    "agency >= 30": "1:1 K007 the symbol >= is not used here (write words: at_least: 30)",
    "a: 1\nagency >= 30": "2:1 K007 the symbol >= is not used here (write words: at_least: 30)",
    "agency >= 30: true": "1:1 K007 the symbol >= is not used here (write words: at_least: 30)",
    "when:\n  - agency > 30": "2:5 K007 the symbol > is not used here (write words: above: 30)",
    "a: 1\nb:\n\tc: 2": "3:1 K005 a tab is used for indentation (use spaces)",
    "b:\n\tc: 2\n\td: 3\n  \te: 4": "2:1 K005 a tab is used for indentation (also in lines 3, 4) (use spaces)",
    'a: "abc\nb: 2': "1:4 K004 the quote that opens here is never closed (close it where its text ends)",
    "a: 'it's'": f"1:8 K004 more text follows where the value had ended: \"s'\" ({QUOTES})",
    'a: "abc\nb: "x"\nc: 1': "1:4 K004 the text in quotes that begins here ends in line 2, and more follows it there "
                             "(check that each quote is closed where its text ends)",
    "a: {authority} changed": f'1:16 K004 more text follows where the value had ended: "changed" ({QUOTES})',
    "a: [1, 2\nb: 3": "1:4 K004 the bracket that opens here is never closed with ] (write ] at its end)",
    "a: {b: 1\n": "1:4 K004 the bracket that opens here is never closed with } (write } at its end)",
    "a: [1, [2]": "1:4 K004 the bracket that opens here is never closed with ] (write ] at its end)",
    "a: [b, c: {d: 1} e]": "1:18 K004 a comma or ] is due here (put a comma between two entries)",
    "a: ]": f'1:4 K004 a value is due here, not "]" (delete it, or {QUOTES})',
    "a:\n    b: 2\n  c: 3": f"3:3 K004 {COLUMN}",
    "a: 1\n  b: 2": f"2:3 K004 {COLUMN}",
    "a:\n  - b\n - c": f"3:2 K004 {COLUMN}",
    "a: 1\n- b": "2:1 K004 a list item stands where a key is due (check the indentation)",
    "- a\nb: 1": "2:1 K004 a list item is due here (begin it with - or check the indentation)",
    "a: - b": "1:4 K004 a list item cannot follow in the same line (begin it in a line of its own)",
    "a: 1\nfoo\nb: 2": '2:1 K004 a key with a colon is due here, not "foo" '
                       "(write key: value, or indent a text that goes on)",
    "a:1\nb: 2": '1:1 K004 no space after the colon: "a:1" (write key: value)',
    ": 1": "1:1 K004 a colon with no key before it (write key: value)",
    "[a]\nb: 1": "2:1 K004 this line does not belong to what is above it (check the indentation and the quotes)",
    "a: @b": f'1:4 K004 a plain text cannot begin with "@" ({QUOTES})',
    "a: * b": f'1:4 K009 a plain text cannot begin with "*" ({QUOTES})',
    "a: > b\n  c": "1:4 K004 after > the text begins in the next line "
                   "(move the text to the next line and indent it, or delete the symbol)",
    'a: "\\q"': "1:5 K004 a backslash inside double quotes, and what follows it has no meaning there "
                "(write \\\\ for a backslash, or use single quotes)",
    "a: 1\nb: 2\na: 3": '3:1 K011 the key "a" is already in line 1 (keep one of the two)',
    "? [a, b]\n: 1": "1:3 K012 a key must be a word or words (put a text that begins with { or [ in quotes)",
}


@pytest.mark.parametrize("text", SLIPS)
@pytest.mark.usefixtures("loader")
def test_a_slip_is_told_in_plain_words_at_its_place(text: str) -> None:
    assert told(text) == [SLIPS[text]]
    assert told("\ufeff" + text.replace("\n", "\r\n")) == [SLIPS[text]]


@pytest.mark.parametrize("text", [
    "because: the rate rose above 30 > 20 per cent\n", "note: a <b> c\n", "because: >\n  x >= 30\n", 'a: ">= 30"\n',
    "because: >-\n  Rates: 3 < 4\n", "url: https://a.uk/?a=1&b=2\n", "a: don't\n", "value: <not recorded>\n",
])
@pytest.mark.usefixtures("loader")
def test_symbols_inside_a_text_are_left_alone(text: str) -> None:
    assert told(text) == []


@pytest.mark.usefixtures("loader")
def test_one_run_reports_every_slip_and_keeps_the_rest() -> None:
    text = "rule: a\ntitle: x: y\n  more\nwhen:\n  at_least: >= 3\n  of: [b]\nowner: @c\nversion: 1\nversion: 2\n"
    tree, problems, repaired = parse_tree(text, NAME)
    assert [(p.place.line, p.place.col, p.code) for p in problems] == [
        (2, 9, Code.COLON), (5, 13, Code.SYMBOL), (7, 8, Code.SYNTAX), (9, 1, Code.DUPLICATE_KEY)]
    assert plain(tree) == {"rule": "a", "when": {"of": ["b"]}, "version": 1}
    assert repaired


def test_after_twenty_slips_the_rest_is_left_for_the_next_run() -> None:
    tree, problems, repaired = parse_tree("a: b: c\n" * 30, NAME)
    assert (tree, len(problems), repaired) == (None, 21, True)


def test_codes_are_numbered_without_gaps_and_said_shortly() -> None:
    assert list(CODES) == [f"K{number:03}" for number in range(1, len(CODES) + 1)]
    assert all(0 < len(short) <= 70 for short in CODES.values())


@pytest.mark.parametrize(("word", "meant"), [
    ("churn-under-cut", "churn-under-cuts"), ("CHURN-UNDER-CUTS", "churn-under-cuts"), ("tittle", "Title"),
    ("zzz", None), ("", None), ("x" * 10_000, None),
])
def test_the_nearest_word(word: str, meant: str | None) -> None:
    assert nearest(word, {"churn-under-cuts", "Title", "owner"}) == meant
    assert did_you_mean(word, ["owner", "Title", "churn-under-cuts"]) == (f'did you mean "{meant}"?' if meant else "")


@pytest.mark.parametrize(("text", "printed"), [
    ("Leaders", '"Leaders"'), ("a\nb\x1b[31m", '"a\\nb\\x1b[31m"'), ("\u202e\ud800", '"\\u202e\\ud800"'),
    ("x" * 60, '"' + "x" * 60 + '"'), ("x" * 61, '"' + "x" * 57 + '..."'), ("\0" * 99, '"' + "\\x00" * 14 + '\\..."'),
])
def test_words_from_a_file_are_short_and_harmless(text: str, printed: str) -> None:
    assert shown(text) == printed


def test_problems_are_sorted_and_each_is_told_once() -> None:
    one, two = Problem(Place("a", 2), "K001", "x"), Problem(Place("a", 10), "K001", "x")
    assert sorted_problems([two, one, two]) == (one, two)


FIELDS = """\
title: ' Churn '
at_least: 30
share: 2.5
version: "1"
invented: yes
known: 2019-02
about: throughout 2018 to 2019
sometime in: 2018-03 to 2018-05
within: 24 months
held_for: 6
status: inforce
source: ilac24
sources: [ilacs24, nao]
empty:
list: one
sevreity: high
"""


def read(text: str, *, repaired: bool = False) -> tuple[Fields, list[Problem]]:
    tree, _, _ = parse_tree(text, NAME)
    assert isinstance(tree, Mapping)
    problems: list[Problem] = []
    return Fields(tree, problems, repaired=repaired, what="rule"), problems


def test_fields_are_typed_and_every_mistake_is_told() -> None:
    fields, problems = read(FIELDS)
    known = ("ilacs24", "nao16")
    assert (fields.text("title"), fields.number("at_least"), fields.integer("at_least")) == ("Churn", 30.0, 30)
    assert (fields.number("share"), fields.integer("share", 7)) == (2.5, 7)
    assert (fields.integer("version", 1), fields.boolean("invented", True)) == (1, True)
    assert (fields.day("known"), fields.latest_day("known")) == (None, date(2019, 2, 28))
    assert fields.span("about") == Span(date(2018, 1, 1), date(2019, 12, 31), Precision.THROUGHOUT)
    assert fields.span("sometime in") == Span(date(2018, 3, 1), date(2018, 5, 31), Precision.SOMETIME)
    assert (fields.months("within"), fields.months("held_for", 0)) == (24, 0)
    assert fields.choice("status", ("draft", "in force"), "draft") == "draft"
    assert fields.reference("source", known, "source") == ""
    assert fields.references("sources", known, "source") == ("ilacs24",)
    assert (fields.text("empty", "none"), fields.texts("list"), fields.sequence("list")) == ("none", ("one",), ())
    assert (fields.mapping("at_least"), fields.text("owner", required=True)) == (None, "")
    assert fields.text("severity", required=True) == ""
    fields.finish()
    plain_hint = "write it plainly, without quotes or a unit"
    assert [f"{p.place.line}:{p.place.col} {p.code} {p.message} ({p.hint})" for p in sorted_problems(problems)] == [
        '1:1 K014 this rule has no "owner" (add owner: ...)',
        '2:11 K012 "at_least" must be a group of keys, not a text (write key: value)',
        f'3:8 K020 "share" must be a whole number, not "2.5" ({plain_hint})',
        f'4:10 K020 "version" must be a whole number, not "1" ({plain_hint})',
        f'5:11 K026 "invented" must be true or false, not "yes" ({plain_hint})',
        '6:8 K018 "known" must be a date, not "2019-02" (write 2018-10-17)',
        '10:11 K017 "held_for" must be in months, not "6" (write 24 months)',
        '11:9 K019 "status" cannot be "inforce" (did you mean "in force"?)',
        '12:9 K015 there is no source "ilac24" (did you mean "ilacs24"?)',
        '13:20 K015 there is no source "nao" (did you mean "nao16"?)',
        '14:1 K014 "empty" has no value (write one, or delete the key)',
        '15:7 K012 "list" must be a list, not a text (begin each item with "- " in a line of its own)',
        '16:1 K013 unknown key "sevreity" in this rule (did you mean "severity"?)',
    ]


def test_a_repaired_file_is_not_blamed_for_what_may_have_been_lost() -> None:
    fields, problems = read("when:\nsources: [a, ]\nparts: [{a: 1}, '']\n", repaired=True)
    assert fields.tree("when", required=True) is fields.mapping("unless", required=True) is None
    assert [plain(item) for item in fields.mappings("parts")] == [{"a": 1}]
    assert fields.texts("sources") == ("a",)
    fields.finish(also=["owner"])
    assert problems == []


def test_a_text_that_is_too_long_and_an_empty_list_that_is_due() -> None:
    fields, problems = read(f"because: {'x' * 30}\nsources: []\n")
    assert (fields.text("because", limit=20), fields.texts("sources", required=True)) == ("x" * 20, ())
    assert [str(p) for p in problems] == [
        f'{NAME}:1:10: K023 "because" has 30 characters, and at most 20 are allowed (shorten it)',
        f'{NAME}:2:1: K014 "sources" has no value (write one)',
    ]
    assert ("because" in fields, "title" in fields) == (True, False)
    assert (fields.place_of("because").col, fields.place_of("title").col) == (10, 1)


def test_the_files_of_this_repository_are_read_without_a_word() -> None:
    root = Path(__file__).resolve().parents[1]
    files = [*root.glob("rules/**/*.yaml"), *root.glob("kb/vocabulary/*.yaml")]
    assert files
    assert [read_tree(file, file.name)[1:] for file in files] == [((), False)] * len(files)
