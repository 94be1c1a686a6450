"""Receipts: an answer with the hashes of all it was worked out from, and what differs when it is worked out again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from engine.assess import Assessment
from engine.canonical import digest, digest_of_all
from engine.program import NOW, Program
from engine.support import support
from kb.conditions import Head, Rule
from kb.dossier import Observation
from kb.files import RULES, VOCABULARY
from kb.model import State

FORM = 1
"""The form of the file; another number is another form."""
HOLDS = (State.PRESENT, State.CONTESTED)
TEXTS = ("digest", "tool", "engine", "case", "authority", "as_at", "rules", "vocabulary", "evidence", "result")
TABLES = ("model", "derivations", "observations", "each_rule", "each_table", "files")
HASHED = {"rules": "the rules are", "vocabulary": "the vocabulary is", "evidence": "the evidence is"}
SHORT = 16
"""How much of a hash names one rule or one observation."""
NAMED = ("case", "tables", "rules", "vocabulary")
"""The files that a receipt names, so that it can be worked out again from the same folder."""


Receipt = dict[str, Any]
"""A receipt as read: the texts and tables named above, and whatever else stands in it."""


class NoReceipt(ValueError):
    """What was read is not a receipt; the message says why, in one line."""


class Files(NamedTuple):
    """The files that an answer was worked out from, as they were named; the shipped folders where none was."""

    case: Path
    tables: tuple[Path, ...] = ()
    rules: Path = RULES
    vocabulary: Path = VOCABULARY

    def told(self) -> dict[str, list[str]]:
        """Each as a receipt keeps it: relative, "" in place of an absolute path, nothing for the shipped folders."""
        named = zip(NAMED, ((self.case,), self.tables, (self.rules,), (self.vocabulary,)), strict=True)
        return {key: ["" if path.is_absolute() else path.as_posix()
                      for path in paths if path not in (RULES, VOCABULARY)] for key, paths in named}


def receipt(assessment: Assessment, files: Files | None = None) -> str:
    """Canonical JSON of one answer: sorted keys, no clock, no order of files, no absolute path."""
    told = {**_told(assessment), "files": files.told() if files else {key: [] for key in NAMED}}
    return json.dumps({"digest": digest(told), **told}, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def _told(assessment: Assessment) -> dict[str, object]:
    return {
        "receipt": FORM, "tool": tool_version(), "engine": assessment.engine, "case": assessment.case.id,
        "authority": assessment.case.authority_code, "as_at": assessment.as_at.isoformat(), **hashes(assessment),
        "result": assessment.result, "model": dict(_model(assessment)),
        "derivations": {rule.id: _derivation(assessment, rule) for rule in _held(assessment)},
        "observations": {short(o): _brief(o) for o in _observations(assessment)},
        "each_rule": {rule.id: short(rule) for rule in assessment.knowledge.rules},
    }


def hashes(assessment: Assessment) -> dict[str, object]:
    """The SHA-256 of rules, vocabulary (as a whole, and of each table) and evidence, whatever their order and place."""
    knowledge = assessment.knowledge
    tables = {field.name: digest(getattr(knowledge.vocabulary, field.name)) for field in fields(knowledge.vocabulary)}
    return {"rules": digest_of_all((*knowledge.rules, *knowledge.signs.values())), "vocabulary": digest(tables),
            "each_table": {name: hashed[:SHORT] for name, hashed in tables.items()},
            "evidence": digest_of_all(_observations(assessment))}


def _observations(assessment: Assessment) -> list[Observation]:
    """What was known by the date: what came later had no part in the answer."""
    held = assessment.looking.column.evidence.by_indicator.values()
    return [o for some in held for o in some if o.known <= assessment.as_at]


def tool_version() -> str:
    """The version of the tool as installed."""
    try:
        return version("signatures-of-risk")
    except PackageNotFoundError:  # run from a clone that is not installed
        return "not installed"


def _model(assessment: Assessment) -> Iterator[tuple[str, dict[str, str]]]:
    """Every signature and conclusion, with its state at each level."""
    program: Program = assessment.program
    for kind, id in sorted({(p.kind, p.id) for p in program.heads}):
        yield f"{kind} {id}", {p.level: str(assessment.state(node)) for p, node in program.heads.items()
                               if (p.kind, p.id, p.context) == (kind, id, NOW)}


def _held(assessment: Assessment) -> list[Rule]:
    """The rules in force that hold, in some reading, by their ids."""
    return sorted((rule for rule in assessment.knowledge.in_force
                   if assessment.state(assessment.program.rules[rule.id]) in HOLDS), key=lambda rule: rule.id)


def _derivation(assessment: Assessment, rule: Rule) -> dict[str, object]:
    node = assessment.program.rules[rule.id]
    rests_on = support(assessment.proofs, assessment.looking, node)
    return {"concludes": concludes(rule.head), "version": rule.version, "rests_on": sorted(map(short, rests_on)),
            "state": str(assessment.state(node))}


def short(record: object) -> str:
    """The name of one rule, observation or document: the start of its hash."""
    return digest(record)[:SHORT]


def concludes(head: Head) -> str:
    """What a rule concludes, by its ids."""
    return f"{head.kind} {head.id}: {head.level if head.found else str(State.NOT_FOUND)}"


def _brief(o: Observation) -> str:
    said = o.marker.value if o.marker else f"{o.value:g}" if o.value is not None else "no value"
    return f"{o.indicator}: {said}, about {o.about.start.isoformat()} to {o.about.end.isoformat()}, " \
           f"known {o.known.isoformat()}, source {o.citation.source.id}"


def read(text: str) -> Receipt:
    """A receipt as it was written. Raises NoReceipt where it is none."""
    try:
        found = json.loads(text)
        digest(found)
    except (ValueError, RecursionError):
        raise NoReceipt("it is not JSON that can be read") from None
    if not isinstance(found, dict) or found.get("receipt") != FORM:
        raise NoReceipt(f"it is not a receipt of form {FORM}")
    wrong = [*(key for key in TEXTS if not isinstance(found.get(key), str)),
             *(key for key in TABLES if not isinstance(found.get(key), dict))]
    if wrong:
        raise NoReceipt(f"it says nothing that can be read under {', '.join(sorted(wrong))}")
    if not all(_relative(found["files"].get(key)) for key in NAMED):
        raise NoReceipt("what it says under files are not paths from the folder it is read in")
    return found


def _relative(paths: object) -> bool:
    """Whether these are paths as a receipt keeps them."""
    return isinstance(paths, list) and all(
        isinstance(path, str) and path.isprintable() and not Path(path).is_absolute() for path in paths)


def differences(then: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    """What differs between two receipts, line by line; which engine, which version and which files is not among it."""
    own = digest({key: value for key, value in then.items() if key != "digest"})
    changed = [] if own == then["digest"] else ["the receipt itself was changed after it was written"]
    plainly = [_line(key.replace("_", " "), then[key], now[key]) for key in ("case", "authority", "as_at", "result")
               if then[key] != now[key]]
    hashed = [f"{name} not the same: SHA-256 {str(then[key])[:SHORT]} then, {str(now[key])[:SHORT]} now"
              for key, name in HASHED.items() if then[key] != now[key]]
    named = (*_each("rule", then["each_rule"], now["each_rule"]),
             *_each("table of the vocabulary", then["each_table"], now["each_table"]))
    return (*changed, *plainly, *hashed, *named, *_evidence(then, now), *_states(then, now))


def _line(what: str, then: object, now: object) -> str:
    return f"{what}: {then} then, {now} now"


def _each(what: str, then: object, now: object) -> Iterator[str]:
    """What is new, gone, or not as it was, by its id."""
    before, after = dict(_items(then)), dict(_items(now))
    for id in sorted(id for id in before.keys() | after.keys() if before.get(id) != after.get(id)):
        how = "is new" if id not in before else "is gone" if id not in after else "is not as it was"
        yield f"{what} {id} {how}"


def _evidence(then: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    """The observations that only one of the two has."""
    before, after = dict(_items(then["observations"])), dict(_items(now["observations"]))
    for label, some, others in (("no longer held", before, after), ("now held", after, before)):
        yield from sorted(f"{label}: {some[key]}" for key in some.keys() - others.keys())


def _states(then: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    """Every head at a level, and every rule, that stands otherwise, or rests on other observations."""
    before, after = dict(_levels(then["model"])), dict(_levels(now["model"]))
    for key in sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)):
        yield _line(key, before.get(key, "not there"), after.get(key, "not there"))
    held, holds = dict(_items(then["derivations"])), dict(_items(now["derivations"]))
    for id in sorted(id for id in held.keys() | holds.keys() if held.get(id) != holds.get(id)):
        one, other = _standing(held.get(id)), _standing(holds.get(id))
        yield _line(f"rule {id}", one, other) if one != other else f"rule {id}: rests on other observations"


def _levels(model: object) -> Iterator[tuple[str, str]]:
    for head, levels in _items(model):
        for level, state in _items(levels):
            yield f"{head} at {level}", str(state)


def _standing(derivation: object) -> str:
    """How a rule stands: its state and version, or that it does not hold."""
    said = dict(_items(derivation))
    return f"{said.get('state')} (version {said.get('version')})" if said else "does not hold"


def _items(table: object) -> Iterator[tuple[str, object]]:
    if isinstance(table, dict):
        yield from table.items()


def remarks(then: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    """What differs without making a difference: the version of the tool, and the engine that ran."""
    return tuple(_line(key, then[key], now[key]) for key in ("tool", "engine") if then[key] != now[key])
