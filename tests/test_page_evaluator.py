"""The evaluator of the page, in JavaScript, says what the engine says: of random programs and of every case."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.assess import state_of
from engine.bits import Plane, evaluate
from engine.compiling import compile_rules
from engine.days import change_points, turns
from engine.evidence import Evidence
from engine.planes import Column, Looking, planes_seen
from engine.program import NOW, Program
from engine.proofs import Mark, Provenance
from engine.support import support
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from tests import strategies
from web.grounding import Filed, Ground, evidence_of, filed, ground, grounded

NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("evaluator_in_node.js")
RANDOM, AT_ONCE, WIDE = 5_000, 1_000, 30
CASES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
EVERY = 25
"""On every so many days of a case what heads rest on is compared as well."""
pytestmark = pytest.mark.skipif(NODE is None, reason="no node is here")


class Asked(NamedTuple):
    """One program with the evidence of one date; marks at random, so many columns wide; and whether proofs are told."""

    program: Program
    looking: Looking
    files: Filed
    wide: list[Plane]
    proofs: bool


def in_javascript(asked: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the page's evaluator makes of each, by one process of Node."""
    assert NODE is not None
    text = "".join(f"{json.dumps(one, separators=(',', ':'))}\n" for one in asked)
    done = subprocess.run([NODE, str(SCRIPT)], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_python(one: Asked) -> dict[str, Any]:
    """The same by the engine."""
    program, looking, files, wide, proofs = one
    model = evaluate(program, planes_seen(program, [looking]), 2)
    found: dict[str, Any] = {"model": "".join(f"{for_ + 4 * against:x}" for for_, against in model)}
    if wide:
        found["wide"] = [list(plane) for plane in evaluate(program, wide, WIDE)]
    if not proofs:
        return found
    heads = [node for head, node in program.heads.items() if head.context == NOW]
    readings = [Provenance(program, model, reading) for reading in (0, 1)]
    return found | {
        "used": [[[m.node * 2 + m.side for m in proof.used(Mark(node))] for proof in readings] for node in heads],
        "support": [[files.place[o.sort_key] for o in support(readings, looking, node)] for node in heads],
        "states": [str(state_of(model[node])) for node in heads],
    }


def sent(asked: Iterable[Asked]) -> Iterator[dict[str, Any]]:
    """What the page would be given: the program once, then the evidence of each date."""
    on: Ground | None = None
    for one in asked:
        if on is not None and one.program is on.program:
            data: dict[str, object] = {"evidence": evidence_of(one.looking, on, one.files)}
        else:
            on = ground(one.program)
            data = grounded(on, one.looking, one.files)
        yield {**data, "wide": one.wide, "proofs": one.proofs} if one.wide else {**data, "proofs": one.proofs}


def differences(asked: list[Asked]) -> list[int]:
    """Which of them come out otherwise in anything."""
    told = in_javascript(sent(asked))
    return [at for at, (one, found) in enumerate(zip(asked, told, strict=True)) if in_python(one) != found]


def at_random(seed: int) -> Asked:
    """Random rules with random evidence, and 30 columns of marks at random beside."""
    rules, observations = strategies.seeded(seed)
    program, rng = compile_rules(rules), random.Random(seed)
    wide = [(rng.getrandbits(WIDE), rng.getrandbits(WIDE)) for _ in program.atoms]
    looking = Looking(Column(Evidence.of(observations, strategies.VOCABULARY), strategies.AS_AT))
    return Asked(program, looking, filed(observations), wide, True)


@pytest.mark.parametrize("first", range(0, RANDOM, AT_ONCE))
def test_random_programs(first: int) -> None:
    assert differences([at_random(seed) for seed in range(first, first + AT_ONCE)]) == []


@pytest.mark.parametrize("id", CASES)
def test_a_case_at_every_change_point(knowledge: Knowledge, cases: dict[str, Case], id: str) -> None:
    program, case = compile_rules(knowledge.rules), cases[id]
    assert case.latest_known is not None
    evidence, files = Evidence.of(case.observations, knowledge.vocabulary), filed(case.observations)
    days = change_points(turns(knowledge.vocabulary, program), case.observations, case.latest_known)
    asked = [Asked(program, Looking(Column(evidence, day)), files, [], not at % EVERY) for at, day in enumerate(days)]
    assert differences(asked) == []


def test_a_difference_would_be_seen() -> None:
    """With what one program gives taken for what another gives, nearly all differ."""
    asked = [at_random(seed) for seed in range(200)]
    told = in_javascript(sent(asked))
    other = [in_python(one) != found for one, found in zip(asked, told[1:], strict=False)]
    assert sum(other) > 190
