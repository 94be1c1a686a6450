"""Schemas for editors: current, as strict as the readers and no stricter, and of use in a real language server."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from cli import sigrisk
from kb.casefiles import read_case
from kb.conditions import HELD
from kb.exercises import read_exercises
from kb.fields import Fields
from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.importing.calendar import read_calendar
from kb.importing.kinds import read_kinds
from kb.judgements import read_judgements
from kb.knowledge import Knowledge
from kb.links import KINDS
from kb.load import load
from kb.model import Problem
from kb.privacy import read_privacy
from kb.readconditions import HEADS
from kb.readtests import COMPARATORS
from kb.ruletests import read_rule_tests
from kb.schema import cases, rules, vocabulary
from kb.schema.files import Room, schemas, yaml_files
from kb.schema.known import known_in
from kb.schema.shapes import Key, Keys, Schema, word
from kb.vocabularyfiles import FILES, OPTIONAL
from kb.yamltree import Scalar, Sequence, Tree, parse_tree, read_tree

ROOM = Room(RULES, VOCABULARY, VOCABULARY.parent / "schemas", tuple(sorted(EXAMPLES.glob("*.yaml"))))
SHIPPED = dict(yaml_files(ROOM))
SCHEMAS = {name: Draft7Validator(json.loads((ROOM.schemas / name).read_text("utf-8")))
           for name in sorted({*SHIPPED.values()})}


def plain(tree: Tree | None) -> Any:
    """A tree as an editor sees it."""
    match tree:
        case None:
            return None
        case Scalar():
            return tree.value
        case Sequence():
            return [plain(item) for item in tree.items]
        case _:
            return {entry.key.text: plain(entry.value) for entry in tree.entries}


ORCHARDS = EXAMPLES / "orchards"
OTHERS = ("--rules", str(ORCHARDS / "rules"), "--kb", str(ORCHARDS / "kb"), *map(str, ORCHARDS.glob("*.yaml")))


@pytest.mark.parametrize("where", [(), OTHERS], ids=["shipped", "orchards"])
def test_the_schemas_and_the_lines_that_name_them_are_current(where: tuple[str, ...]) -> None:
    done = CliRunner().invoke(sigrisk, ["schema", *where])
    assert done.exit_code == 0, f"{done.output} run: sigrisk schema --write {' '.join(where)}"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_schema_is_one(name: str) -> None:
    Draft7Validator.check_schema(SCHEMAS[name].schema)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_is_valid(path: Path) -> None:
    tree, _, _ = read_tree(path, path.name)
    assert [e.message for e in SCHEMAS[SHIPPED[path]].iter_errors(plain(tree))] == []


# The readers are asked which keys they know, which of them they require, and which words they allow.

Questions = dict[str, tuple[bool, frozenset[str]]]
Asked = dict[str, Questions]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What readers ask of each sort of group while a test runs: key, whether it is required, and the words allowed."""
    found: Asked = defaultdict(dict)
    tree, choice = Fields.tree, Fields.choice

    def note(fields: Fields, key: str, required: bool, allowed: Collection[str]) -> None:
        was = found[fields.what].get(key, (False, frozenset[str]()))
        found[fields.what][key] = (was[0] or required, was[1] | {str(word) for word in allowed})

    def asked_tree(self: Fields, key: str, *, required: bool = False) -> Tree | None:
        note(self, key, required, ())
        return tree(self, key, required=required)

    def asked_choice(self: Fields, key: str, allowed: Collection[str], default: str = "", *,
                     required: bool = False) -> str:
        note(self, key, required, allowed)
        return choice(self, key, allowed, default, required=required)

    monkeypatch.setattr(Fields, "tree", asked_tree)
    monkeypatch.setattr(Fields, "choice", asked_choice)
    return found


def described(knowledge: Knowledge) -> dict[str, Schema]:
    """The group of each sort, by the name that its reader gives it."""
    known = known_in(knowledge)

    def keys(*several: Keys) -> Schema:
        return rules.group("", {name: key for one in several for name, key in one.items()})

    held: dict[str, Any] = {}
    for schema in vocabulary.vocabulary_files(known).values():
        held |= schema["properties"]  # type: ignore[operator]
    lists = {f"entry of {name}": shape["items"] for name, shape in held.items() if "title" in shape.get("items", {})}
    concluded: Any = [rules.conclusion(known)["properties"], rules.raised(known)["properties"]]
    return {
        "rule": keys(rules.rule_keys(known)), "conclusion": {"properties": concluded[0] | concluded[1]},
        "condition": rules.condition(known, in_grading=True),
        "where": keys({name: Key("", word(words)) for name, words in known.qualifiers.items()}),
        "signature file": rules.signature_file(known), "sign": rules.sign(known),
        "strong value": keys(rules.comparison(known)), "grading": keys(rules.grading_keys(known)),
        "case": keys(cases.case_keys(known)), "authority": keys(cases.authority_keys()),
        "source": keys(cases.document_keys(), cases.cited_keys()),
        "observation": keys(cases.observation_keys(known)),
        "outcome": keys(cases.outcome_keys()), "note": keys(cases.note_keys()),
        "disagreement": keys(cases.remark_keys()), "responses": keys(cases.remark_keys()),
        "disagreements": keys(cases.remark_keys(conclusions=True)), "test": keys(cases.test_keys(known)),
        "group": held["names"], "asking": held["asking"], "whole": held["whole"],
        "question": held["exercises"]["items"]["properties"]["questions"]["items"], **lists,
    }


ANSWERED = """
case: answered
title: An authority that disagrees
invented: true
authority: {code: X, name: Somewhere}
disagreements:
  - {conclusion: some-conclusion, text: We do not think so., known: 2025-01-01, source: letter}
sources:
  - {id: letter}
"""


def read_everything(knowledge: Knowledge, folder: Path) -> None:
    """Every shipped file, and a case that holds what none of those does."""
    load()
    read_privacy()
    read_exercises(VOCABULARY, knowledge)
    read_judgements(VOCABULARY)
    read_rule_tests(RULES, knowledge)
    (folder / "answered.yaml").write_text(ANSWERED, encoding="utf-8")
    for path in (*ROOM.cases, folder / "answered.yaml"):
        read_case(path, knowledge.vocabulary)


IN_TABLES = {*HEADS, *COMPARATORS}
"""Keys that schema and reader take from one table; no shipped file need use each of them."""
NOT_ALWAYS = {
    "rule": {"concludes"}, "condition": {"all", "any", "of", "at_least"}, "source": {"id", "source"},
    "observation": {"area"}, "question": {"of"},
    "conclusion": {*KINDS, "severity", "from", "to"}, "signature file": {"signs"}, "disagreement": {"source"},
    "responses": {"source"}, "disagreements": {"source"}, "entry of protective": {"kind", "unit", "validity"},
}
"""What a reader requires only beside, or without, something else, which a schema does not say."""


@pytest.fixture
def groups(asked: Asked, knowledge: Knowledge, tmp_path: Path) -> Iterator[tuple[str, Any, Questions]]:
    """Each sort of group: its name, its schema, and what its reader asked for."""
    read_everything(knowledge, tmp_path)
    return ((what, schema, asked[what]) for what, schema in described(knowledge).items())


Groups = Iterator[tuple[str, Any, "Questions"]]


def test_a_schema_has_the_keys_that_its_reader_asks_for_and_no_others(groups: Groups) -> None:
    for what, schema, questions in groups:
        assert set(questions) <= set(schema["properties"]), what
        assert set(schema["properties"]) - set(questions) <= IN_TABLES, what


def test_a_schema_requires_what_its_reader_requires(groups: Groups) -> None:
    for what, schema, questions in groups:
        due, sometimes = {key for key, (required, _) in questions.items() if required}, NOT_ALWAYS.get(what, set())
        assert due - sometimes == set(schema.get("required", ())) - sometimes, what


def test_a_schema_allows_the_words_that_its_reader_allows(groups: Groups) -> None:
    for what, schema, questions in groups:
        for key, (_, words) in questions.items():
            assert not words or set(schema["properties"][key]["enum"]) - set(HELD) == words, (what, key)


def test_a_vocabulary_file_has_the_keys_that_its_reader_allows(knowledge: Knowledge) -> None:
    for name, keys in (FILES | OPTIONAL).items():
        schema: Any = schemas(knowledge)[f"vocabulary-{name}.json"]
        assert set(schema["properties"]) == set(keys)


# A slip of the pen: where the schema objects, the reader does.



SLIPS: tuple[Callable[[str], str], ...] = (
    lambda word: word[:-1], lambda word: word + "x", lambda word: word[1:] + word[0], lambda _: "xyzzy",
    lambda _: "7", lambda _: "2026-13-40", lambda _: "{a: b}", lambda word: f'"{word}"', lambda _: "", lambda _: "[]",
)


@st.composite
def slipped(draw: st.DrawFn) -> tuple[Path, str]:
    """A shipped file in which one word is written wrongly."""
    path = draw(st.sampled_from(list(SHIPPED)))
    text = path.read_text("utf-8")
    words = [found for found in re.finditer(r"[\w-]+", text) if "#" not in text[text.rfind("\n", 0, found.start()) + 1:
                                                                                found.start()]]
    found = draw(st.sampled_from(words))
    slip = draw(st.sampled_from(SLIPS))
    return path, text[:found.start()] + slip(found[0]) + text[found.end():]


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped rules and vocabulary, in which one file at a time is changed."""
    folder = tmp_path_factory.mktemp("copied")
    shutil.copytree(RULES, folder / "rules")
    shutil.copytree(VOCABULARY, folder / "vocabulary")
    return folder


def problems_of(path: Path, text: str, folder: Path, knowledge: Knowledge) -> Collection[Problem]:
    """What the reader of a shipped file says of it when it holds this text."""
    home = next((home for home in (RULES, VOCABULARY) if path.is_relative_to(home)), None)
    copy = folder / home.name / path.relative_to(home) if home else folder / path.name
    copy.write_text(text, encoding="utf-8")
    try:
        if home is None:
            return read_case(copy, knowledge.vocabulary)[1]
        if SHIPPED[path] == "tests.json":
            return read_rule_tests(folder / "rules", knowledge)[1]
        own = folder / "vocabulary"
        return (*load(folder / "rules", own)[1], *read_privacy(own)[1], *read_kinds(own, knowledge.vocabulary)[1],
                *read_calendar(own)[1], *read_exercises(own, knowledge)[1], *read_judgements(own)[1])
    finally:
        copy.write_bytes(path.read_bytes())


@settings(max_examples=150)
@given(slipped())
def test_what_a_schema_objects_to_the_reader_objects_to(copied: Path, knowledge: Knowledge,
                                                        file: tuple[Path, str]) -> None:
    path, text = file
    tree, _, repaired = parse_tree(text, path.name)
    if tree is None or repaired or not [*SCHEMAS[SHIPPED[path]].iter_errors(plain(tree))]:
        return
    assert problems_of(path, text, copied, knowledge), text


def test_slips_in_keys_and_ids_of_a_rule_are_seen_while_one_types() -> None:
    text = (RULES / "overall" / "1-priority.yaml").read_text("utf-8")
    for right, wrong in (("conclusion:", "conclusions:"), ("basis: local judgement", "basis: local"),
                         ("corporate-climate\n", "corporate-climat\n"), ("18 months", "18"),
                         ("version: 1", "version: a"), ("[S6,", "[S600,"),
                         ("rationale:", "reason:"), ("status: in force", "status: on")):
        spoilt = text.replace(right, wrong, 1)
        assert spoilt != text, right
        assert [*SCHEMAS["rule.json"].iter_errors(plain(parse_tree(spoilt, "rule.yaml")[0]))], right
