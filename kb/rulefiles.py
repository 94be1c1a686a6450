"""Rule files: signatures with their signs, the grading, mechanisms, pictures and overall results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kb.conditions import LADDERS, All, Head, HeadIs, Rule, Test, Within
from kb.fields import Fields
from kb.keeping import Keep, made_anew
from kb.knowledge import Signs
from kb.links import KINDS, Links, keys_of, links_of
from kb.model import Place, Problem, Vocabulary
from kb.problems import Code
from kb.readconditions import read_condition
from kb.rulechecks import duplicates, indispensable, levels_given, one_kind_each, order, wording
from kb.scope import BASES, Scope
from kb.signfiles import RuleFile, by_indicator, entries, grade, grading_trees, read_signs, unread
from kb.sources import citations
from kb.yamltree import Mapping, Scalar, read_tree

STATUSES = ("draft", "in force", "withdrawn")
TESTS_FOLDER = "tests"


class Ruleset(NamedTuple):
    """Every rule that could be read, and the signs of each signature."""

    rules: tuple[Rule, ...]
    signs: dict[str, Signs]
    links: Links
    known: frozenset[str]


class Opened(NamedTuple):
    """A folder of rules before they are read: its files, the tree of each rule (and whether it was repaired), the
    signs, and what rules may refer to."""

    files: tuple[RuleFile, ...]
    trees: tuple[tuple[Mapping, bool], ...]
    signs: dict[str, Signs]
    scope: Scope


def read_rules(folder: Path, vocabulary: Vocabulary, protective: dict[str, Test], keep: Keep = made_anew,
               ) -> tuple[Ruleset, tuple[Problem, ...]]:
    """The rules of a folder and every problem in it: two passes, so that files may refer to one another.

    `keep`: where the trees of files may be kept.
    """
    problems: list[Problem] = []
    files, trees, signs, scope = opened(folder, vocabulary, protective, problems, keep)
    rules = [rule for tree, repaired in trees if (rule := read_rule(tree, scope._replace(repaired=repaired)))]
    grading = [(f, s) for f in files for s in grading_trees(f)]
    for signature in signs.values():
        rules += [rule for f, tree in grading if (rule := grade(tree, signature, scope._replace(repaired=f.repaired)))]
    duplicates(rules, problems)
    one_kind_each(rules, vocabulary, problems)
    if not problems:
        levels_given(rules, problems)
    indispensable(folder, rules, signs, vocabulary, problems)
    links = links_of([*(tree for tree, _ in trees), *(f.tree for f in files)])
    in_order = tuple(sorted(rules, key=lambda r: r.id))
    return Ruleset(in_order, signs, links, frozenset(vocabulary.signatures)), tuple(problems)


def opened(folder: Path, vocabulary: Vocabulary, protective: dict[str, Test], problems: list[Problem],
           keep: Keep = made_anew) -> Opened:
    """The first pass: the files of a folder as trees, the signs, and what its rules may refer to."""
    files = tuple(_files(folder, problems, keep))
    trees = tuple((tree, file.repaired) for file in files for tree in _rule_trees(file, problems))
    scope = Scope(vocabulary, _conclusions(trees), protective, problems)
    signs = read_signs(files, scope)
    return Opened(files, trees, signs, scope._replace(signs_of=by_indicator(signs), unread=unread(files, signs)))


def _files(folder: Path, problems: list[Problem], keep: Keep) -> Iterator[RuleFile]:
    if not folder.is_dir():
        problems.append(Problem(Place(folder.name), Code.CANNOT_READ, "the rules folder is not there",
                                "name a folder with --rules"))
        return
    for path in sorted(folder.rglob("*.yaml")) + sorted(folder.rglob("*.yml")):
        inside = path.relative_to(folder)
        if inside.parts[0] == TESTS_FOLDER:
            continue
        name = f"{folder.name}/{inside.as_posix()}"
        rests_on = (part() for part in (b"tree".strip, name.encode, path.read_bytes))
        tree, found, repaired = keep(rests_on, partial(read_tree, path, name))
        problems.extend(found)
        if tree is not None:
            yield RuleFile(tree, repaired)


def _rule_trees(file: RuleFile, problems: list[Problem]) -> Iterator[Mapping]:
    keys = keys_of(file.tree)
    alone = next((key for key in ("grading", "rules") if key in keys), "")
    if alone and "signature" not in keys and isinstance(file.tree, Mapping):
        fields = Fields(file.tree, problems, repaired=file.repaired, what=f"file of {alone}")
        fields.tree(alone)
        fields.finish()
    if keys & {"signature", "grading"}:
        return
    for tree in entries(file.tree, "rules") if "rules" in keys else [file.tree]:
        if isinstance(tree, Mapping):
            yield tree
        else:
            problems.append(Problem(tree.place, Code.WRONG_SHAPE, "a rule is due here: keys such as rule and when",
                                    "begin with `rule:` and its name"))


def _conclusions(trees: Iterable[tuple[Mapping, bool]]) -> dict[str, str]:
    """What rules may refer to: the id and kind of every conclusion that some rule gives."""
    found: dict[str, str] = {}
    for tree, _ in trees:
        for entry in tree.entries:
            if entry.key.text in ("concludes", "raises") and isinstance(entry.value, Mapping):
                for inner in entry.value.entries:
                    if inner.key.text in KINDS and isinstance(inner.value, Scalar):
                        found[inner.value.text] = inner.key.text
    return found


def read_rule(tree: Mapping, scope: Scope) -> Rule | None:
    """The rule that a tree states, or None where it has problems (which go to the scope)."""
    fields = Fields(tree, scope.problems, repaired=scope.repaired, what="rule")
    before = len(scope.problems)
    id = fields.text("rule", required=True)
    head = _head(fields, scope)
    basis = fields.choice("basis", BASES, required=True)
    inner = scope._replace(basis=basis)
    when_tree = fields.tree("when", required=True)
    when = None if when_tree is None else read_condition(when_tree, inner)
    if when is not None and head is not None and head.raised_from is not None:
        when = All((HeadIs(head.kind, head.id, head.raised_from, tree.place), when), tree.place)
    months = fields.months("within")
    unless = [read_condition(item, inner) for item in fields.sequence("unless")]
    told = _told(fields, scope)
    fields.finish()
    if head is not None:
        wording(told, head, fields, scope)
        order(head, [c for c in (when, *unless) if c is not None], scope)
    if len(scope.problems) > before or when is None or head is None or not id:
        return None
    when = when if months is None else Within(when, months, tree.place)
    return told._replace(id=id, head=head, when=when, unless=tuple(u for u in unless if u is not None),
                   basis=basis, place=fields.place_of("rule"))


def _told(fields: Fields, scope: Scope) -> Rule:
    """What people are told of a rule: words, sources, and who answers for it."""
    return Rule(
        id="", head=Head("result", "", "held"), when=All(()),
        title=fields.text("title", required=True),
        category=fields.references("category", scope.vocabulary.categories, "category"),
        because=fields.text("because", required=True),
        rationale=fields.text("rationale", required=True),
        citations=citations(fields, scope.vocabulary.sources),
        statements=fields.references("statements", scope.vocabulary.statements, "statement"),
        status=fields.choice("status", STATUSES) or "in force",
        version=fields.integer("version", required=True) or 1,
        owner=fields.text("owner", required=True),
        review_by=_day_text(fields, "review_by"),
        who_can_act=fields.text("who_can_act"),
        order=fields.integer("order") or 0,
    )


def _day_text(fields: Fields, key: str) -> str:
    day = fields.day(key, required=True)
    return "" if day is None else day.isoformat()


def _head(fields: Fields, scope: Scope) -> Head | None:
    if "raises" in fields:
        return _raised(fields, scope)
    tree = fields.mapping("concludes", required=True)
    if tree is None:
        return None
    inner = Fields(tree, scope.problems, repaired=scope.repaired, what="conclusion")
    kind = _kind(inner, scope)
    found = not inner.boolean("not_found")
    graded = kind in ("mechanism", "picture")
    level = inner.choice("severity", LADDERS[kind], required=found) if graded else ""
    id = inner.text(kind, required=True) if kind else ""
    inner.finish()
    return Head(kind, id, level or LADDERS[kind][0], found) if id else None


def _raised(fields: Fields, scope: Scope) -> Head | None:
    tree = fields.mapping("raises")
    if tree is None:
        return None
    inner = Fields(tree, scope.problems, repaired=scope.repaired, what="conclusion")
    kind = _kind(inner, scope)
    ladder = LADDERS.get(kind, ())
    low, high = inner.choice("from", ladder, required=True), inner.choice("to", ladder, required=True)
    id = inner.text(kind, required=True) if kind else ""
    inner.finish()
    if low and high and ladder.index(low) >= ladder.index(high):
        scope.say(inner.place_of("to"), Code.NOT_ALLOWED, f"{high} is not above {low}", "raise to a higher level")
        return None
    return Head(kind, id, high, True, low) if id and low and high else None


def _kind(inner: Fields, scope: Scope) -> str:
    kind = next((k for k in KINDS if k in inner), "")
    if not kind:
        scope.say(inner.place, Code.MISSING_KEY, "this does not say what is concluded",
                  f"write one of {', '.join(KINDS)} and its id")
    return kind
