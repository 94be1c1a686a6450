"""A wide evaluation works out by signs what a narrow one works out plane by plane, and gives the same marks."""

from __future__ import annotations

import random
from collections.abc import Sequence

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bits import WIDE, Plane, evaluate, evaluate_all
from engine.compiling import compile_rules
from engine.program import Program
from engine.screen import by_pattern
from engine.signs import Sheet, told_apart, worked_out
from kb.conditions import Rule
from tests.strategies import rule_bases

WIDTH = 40
SOME = st.sampled_from([0, (1 << WIDTH) - 1, 0xF0F0F0F0F0, 0x00FF00FF00])
"""Planes that are empty, full, or the same as others, as those of a table often are."""
PLANES = st.one_of(SOME, st.integers(0, (1 << WIDTH) - 1))


def drawn(data: st.DataObject, program: Program) -> list[Plane]:
    """Marks for every atom of a program."""
    return data.draw(st.lists(st.tuples(PLANES, PLANES), min_size=len(program.atoms), max_size=len(program.atoms)))


@settings(max_examples=150, deadline=None)
@given(rules=rule_bases(), data=st.data())
def test_every_node_has_the_marks_of_a_narrow_evaluation(rules: Sequence[Rule], data: st.DataObject) -> None:
    program = compile_rules(rules)
    readings = [drawn(data, program), drawn(data, program)]
    assert evaluate_all(program, readings, WIDTH) == [evaluate(program, atoms, WIDTH) for atoms in readings]


@settings(max_examples=50, deadline=None)
@given(rules=rule_bases(), data=st.data())
def test_what_is_wanted_is_the_same_alone(rules: Sequence[Rule], data: st.DataObject) -> None:
    program = compile_rules(rules)
    atoms, wanted = drawn(data, program), sorted(program.heads.values())
    every = evaluate(program, atoms, WIDTH)
    assert evaluate_all(program, [atoms], WIDTH, wanted) == [[every[node] for node in wanted]]


@settings(max_examples=25, deadline=None)
@given(rules=rule_bases(), seed=st.integers(0, 1000))
def test_a_width_from_which_it_is_worth_while_changes_nothing(rules: Sequence[Rule], seed: int) -> None:
    program, rng = compile_rules(rules), random.Random(seed)
    atoms = [(rng.getrandbits(WIDE), rng.getrandbits(WIDE)) for _ in program.atoms]
    low = (1 << 64) - 1
    wide = evaluate(program, atoms, WIDE)
    narrow = evaluate(program, [(for_ & low, against & low) for for_, against in atoms], 64)
    assert [(for_ & low, against & low) for for_, against in wide] == narrow


@settings(max_examples=50, deadline=None)
@given(rules=rule_bases(), data=st.data())
def test_readings_that_do_not_differ_are_one(rules: Sequence[Rule], data: st.DataObject) -> None:
    program = compile_rules(rules)
    atoms = drawn(data, program)
    first, second = evaluate_all(program, [atoms, list(atoms)], WIDTH)
    assert first is second


def test_what_is_made_alike_is_made_once() -> None:
    given, places = told_apart([0b1100, 0b1010, int("1100", 2), 0, 0b1111], 4)
    assert (given, places) == ([0, 0b1111, 0b1100, 0b1010], (2, 3, 2, 0, 1))
    sheet = Sheet(len(given))
    one, other = sheet.signs[2:]
    assert one & other is other & one
    assert one ^ one is sheet.none
    assert (one & sheet.none, one | sheet.every) == (sheet.none, sheet.every)
    both, either = one & other, (one & other) | (one ^ other)
    assert worked_out(given, sheet.steps([both.place, either.place]))[either.place] == 0b1110
    assert len(sheet.steps([both.place])) == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 1 << 40), st.integers(0, 1 << 40)), min_size=1))
def test_rows_that_are_alike_are_told_alike(rows: list[tuple[bool, int, int]]) -> None:
    frame = pl.DataFrame(rows, {"a": pl.Boolean, "b": pl.Int64, "c": pl.Int64}, orient="row")
    frame = frame.with_columns(d=pl.col("c").cast(pl.String))
    said = pl.format("{} {} {} {}", "a", "b", "c", "d")
    assert by_pattern(frame, said).to_list() == frame.select(said).to_series().to_list()
