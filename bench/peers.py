"""The same rules by other engines: each gives the planes of the marks asked for, and how long it took.

    python bench/peers.py ENGINE CHAIN.pickle CASES [RUNS]

prints one line of JSON. Each engine runs in a process of its own, is warmed once, and what it takes to build its
network, query or decision from the rules is not counted. It fails where an answer is not that of the evaluator.
"""

from __future__ import annotations

import json
import pickle
import re
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial, reduce
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.chain import Chain, ordered, shared  # noqa: E402
from engine.bits import WIDE, evaluate  # noqa: E402
from engine.clauses import TRUE, Mark, translate  # noqa: E402

Answers = dict[Mark, int]
Run = tuple[Callable[[], Any], Callable[[Any], Answers]]
Engine = Callable[[Chain], Run]
"""Of a chain what is timed, and what makes planes of what that gives (not timed)."""
AFRESH = 50
"""After so many cases CLIPS gets a new environment: it keeps facts after a reset."""


def sigrisk(chain: Chain) -> Run:
    """The evaluator of the product, on one core."""
    both = chain.both
    narrow = partial(evaluate, chain.program, both, chain.rows)
    return (narrow if chain.rows < WIDE else chain.ours), lambda _: chain.answers()


def layers(chain: Chain) -> list[list[Mark]]:
    """The marks that are to be defined, layer by layer: each rests on earlier layers only."""
    depth: dict[Mark, int] = {}
    found: dict[int, list[Mark]] = {}
    for mark in sorted_marks(chain):
        below = [chain.assumptions[mark]] if mark in chain.assumptions else [
            one for body in chain.definitions[mark] for one in body]
        depth[mark] = 1 + max((depth.get(one, 0) for one in below), default=0)
        found.setdefault(depth[mark], []).append(mark)
    return [found[at] for at in sorted(found)]


def sorted_marks(chain: Chain) -> Iterable[Mark]:
    """Definitions and assumptions, each after what it rests on."""
    return [mark for mark in ordered(chain.wanted, chain.definitions, chain.assumptions)
            if mark in chain.definitions or mark in chain.assumptions]


def name(mark: Mark) -> str:
    """A mark as a column or fact is called."""
    return f"m{mark}"


def polars(chain: Chain) -> Run:
    """Expressions of polars, a column for each mark, stage after stage; all that is asked for in one query."""
    import operator

    import polars as pl

    from engine.packing import packed, unpacked

    frame = pl.DataFrame([unpacked(plane, chain.rows).alias(name(mark)) for mark, plane in chain.given.items()])
    query = frame.lazy()
    for stage in layers(chain):
        query = query.with_columns(**{name(mark): ~pl.col(name(chain.assumptions[mark])) if mark in chain.assumptions
                                      else reduce(operator.or_, (
                                          reduce(operator.and_, (pl.col(name(one)) for one in body))
                                          for body in chain.definitions[mark])) for mark in stage})
    query = query.select(name(mark) for mark in chain.wanted)
    return query.collect, lambda found: {mark: packed(found[name(mark)]) for mark in chain.wanted}


def duckdb(chain: Chain) -> Run:
    """One SQL query, a named subquery for each stage, into a table in memory."""
    import os

    import duckdb
    import polars as pl

    from engine.packing import packed, unpacked

    base = duckdb.connect()
    base.execute(f"SET threads = {os.environ.get('THREADS', os.cpu_count())}")
    given = pl.DataFrame([unpacked(plane, chain.rows).alias(name(mark)) for mark, plane in chain.given.items()])
    base.execute("CREATE TABLE given AS SELECT * FROM given").fetchall()
    stages = []
    for place, stage in enumerate(layers(chain), 1):
        made = ", ".join(f"{sql(chain, mark)} AS {name(mark)}" for mark in stage)
        stages.append(f"s{place} AS (SELECT *, {made} FROM {f's{place - 1}' if place > 1 else 'given'})")
    chosen = ", ".join(map(name, chain.wanted))
    query = f"CREATE OR REPLACE TEMP TABLE found AS WITH {', '.join(stages)} SELECT {chosen} FROM s{len(stages)}"

    def planes(_: Any) -> Answers:
        table = pl.DataFrame(base.sql("SELECT * FROM found").to_arrow_table())
        return {mark: packed(table[name(mark)]) for mark in chain.wanted}
    assert given.height == chain.rows
    return lambda: base.execute(query), planes


def sql(chain: Chain, mark: Mark) -> str:
    """The definition of a mark."""
    if mark in chain.assumptions:
        return f"NOT {name(chain.assumptions[mark])}"
    return " OR ".join("(" + " AND ".join(map(name, body)) + ")" for body in chain.definitions[mark])


def case_by_case(chain: Chain, one: Callable[[list[Mark]], set[Mark]]) -> Run:
    """An engine that takes one case in one reading at a time."""
    rows = [chain.row(row) for row in range(chain.rows)]

    def planes(found: list[set[Mark]]) -> Answers:
        return {mark: sum(1 << row for row, held in enumerate(found) if mark in held) for mark in chain.wanted}
    return lambda: [one(row) for row in rows], planes


def durable_rules(chain: Chain) -> Run:
    """durable-rules, its extension called directly, as the product does."""
    from engine.rete import Rete

    network = Rete(chain.program, chain.possible)
    return case_by_case(chain, lambda row: network.chain(row) | set(row))


def facts(form: str, marks: Iterable[Mark]) -> str:
    """Each mark in the form of CLIPS."""
    return " ".join(form.format(mark) for mark in marks)


def clips(chain: Chain) -> Run:
    """CLIPS by clipspy: a rule for each body; assumptions made stratum by stratum, as for durable-rules."""
    from clips import Environment

    made = translate(chain.program, chain.possible)
    rules = [f"(defrule r{place} {facts('(m {})', clause.body)} => {facts('(assert (m {}))', clause.heads)})"
             for place, clause in enumerate(made.clauses)]
    state: dict[str, Any] = {"left": 0}

    def afresh() -> Environment:
        state["left"] = AFRESH
        found = Environment()
        for rule in rules:
            found.build(rule)
        return found

    def one(row: list[Mark]) -> set[Mark]:
        if not state["left"]:
            start = time.perf_counter()
            state["environment"] = afresh()
            state["built"] = state.get("built", 0.0) + time.perf_counter() - start
        state["left"] -= 1
        base = state["environment"]
        base.reset()
        for mark in row:
            base.assert_string(f"(m {mark})")
        base.run()
        for pairs in made.assumptions:
            held = {fact[0] for fact in base.facts() if len(fact)}
            for exception, fact in pairs:
                if exception not in held:
                    base.assert_string(f"(m {fact})")
            base.run()
        return {fact[0] for fact in base.facts() if len(fact)}
    return case_by_case(chain, one)


def zen(chain: Chain) -> Run:
    """zen-engine: one decision, an expression for each mark in order."""
    import zen as engine

    def said(mark: Mark) -> str:
        return f"$.{name(mark)}" if mark in made else name(mark)
    made: set[Mark] = set()
    expressions = []
    for mark in sorted_marks(chain):
        value = f"not {said(chain.assumptions[mark])}" if mark in chain.assumptions else " or ".join(
            "(" + " and ".join(map(said, body)) + ")" for body in chain.definitions[mark])
        expressions.append({"id": name(mark), "key": name(mark), "value": value})
        made.add(mark)
    nodes = [{"id": "in", "type": "inputNode", "name": "in"}, {"id": "out", "type": "outputNode", "name": "out"},
             {"id": "rules", "type": "expressionNode", "name": "rules", "content": {"expressions": expressions}}]
    edges = [{"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
             {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"}]
    decision = engine.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def one(row: list[Mark]) -> set[Mark]:
        told = dict.fromkeys(map(name, chain.given), False) | dict.fromkeys(map(name, row), True)
        found = decision.evaluate(told)["result"]
        return {mark for mark in chain.wanted if found.get(name(mark), mark in row)}
    return case_by_case(chain, one)


ENGINES: dict[str, Engine] = {"sigrisk": sigrisk, "polars": polars, "duckdb": duckdb, "durable-rules": durable_rules,
                              "clips": clips, "zen": zen}


def main() -> None:
    """Measures one engine and prints the seconds of each run, and the most memory in megabytes."""
    engine, file, cases, *more = sys.argv[1:]
    with open(file, "rb") as stored:
        whole: Chain = pickle.load(stored)
    chain = whole if int(cases) == whole.cases else whole.only(int(cases))
    chain = chain._replace(readings=shared(chain.readings, chain.cases))
    work, planes = ENGINES[engine](chain)
    found, seconds = work(), list[float]()
    for _ in range(int(*more) if more else 5):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    wanted, full = chain.answers(), (1 << chain.rows) - 1
    wrong = [mark for mark, plane in planes(found).items() if plane != (full if mark == TRUE else wanted[mark])]
    if wrong:
        raise SystemExit(f"{engine} does not give what the evaluator gives: {len(wrong)} of {len(wanted)} marks differ")
    most = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    peak = int(most[1]) / 1000 if most else 0.0
    print(json.dumps({"engine": engine, "cases": chain.cases, "seconds": seconds, "megabytes": peak}))


if __name__ == "__main__":
    main()
