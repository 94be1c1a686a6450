"""Screening: the query over a whole table decides every test as one authority at one date is decided."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compiling import compile_rules
from engine.evidence import Evidence
from engine.planes import Column, Plane, planes
from engine.program import Program
from engine.roll import Roll
from engine.tableplanes import planes_of_table
from engine.tablerows import observations
from kb.conditions import Comparator, Corroborated, Head, Rule
from kb.conditions import Test as Asked
from kb.dates import Precision, Span, add_months
from kb.dossier import Observation
from kb.knowledge import Knowledge
from kb.longtables import CODED
from kb.model import Citation, Kind, Source, Vocabulary
from tests.strategies import AS_AT, Kit, rule_base, rule_bases
from tests.tabled import AUTHORITIES, TABLED, published, rows, tables
from tests.tabled import frame as frame_of

DAYS = tuple(add_months(AS_AT, months) for months in (-30, -18, -7, -3, 0, 2, 40))


def one_by_one(program: Program, table: pl.DataFrame, roll: Roll, vocabulary: Vocabulary) -> list[Plane]:
    """The planes of the same columns, each authority and date looked at by itself."""
    held = observations(table, vocabulary)
    evidence = [Evidence.of((o for o in held if o.authority == code), vocabulary) for code in roll.authorities]
    return planes(program, [Column(of_one, day) for of_one in evidence for day in roll.days])


def differing(program: Program, table: pl.DataFrame, roll: Roll, vocabulary: Vocabulary) -> list[str]:
    """The atoms on which the query and the other way differ."""
    pairs = zip(program.atoms, planes_of_table(program, table, roll, vocabulary),
                one_by_one(program, table, roll, vocabulary), strict=True)
    return [str(atom) for (atom, _), found, wanted in pairs if found != wanted]


@settings(max_examples=100, deadline=None)
@given(rules=rule_bases(), table=tables(), days=st.sets(st.sampled_from(DAYS), min_size=1))
def test_the_query_gives_the_planes_of_each_authority_by_itself(rules: Sequence[Rule], table: pl.DataFrame,
                                                                days: set[date]) -> None:
    roll, program = Roll(AUTHORITIES, tuple(sorted(days))), compile_rules(rules)
    assert differing(program, table, roll, TABLED) == []
    coded = table.cast({column: CODED[column] for column in table.columns})  # as a screen has it from a file
    assert planes_of_table(program, coded, roll, TABLED) == planes_of_table(program, table, roll, TABLED)


@pytest.mark.parametrize("seed", range(60))
def test_it_does_so_with_many_rows(seed: int) -> None:
    kit = Kit(random.Random(seed).choice)
    rules, table = rule_base(kit), frame_of([row for _ in range(4) for row in rows(kit)])
    assert differing(compile_rules(rules), table, Roll(AUTHORITIES, DAYS), TABLED) == []


@pytest.mark.parametrize(("asked", "base"), [
    (Asked("agency_rate", Comparator.AT_LEAST, 5.0), 20.0),
    (Asked("agency_rate", Comparator.ABOVE, 5.0, rise_over=12), None),
], ids=["a small base beside the year before", "a rise"])
def test_the_figure_of_a_year_before_is_of_its_own_kind(asked: Asked, base: float | None) -> None:
    """A statistic that needs a finding of a year before rests on two kinds of evidence, and on two documents."""
    after, before = add_months(AS_AT, -6), add_months(AS_AT, -18)
    first = Observation("agency_rate", Span(after, after, Precision.DAY), after, Kind.STATISTIC,
                        Citation(Source("return")), 30.0, authority="E1", base=base)
    second = first._replace(about=Span(before, before, Precision.DAY), known=before, kind=Kind.FINDING, value=10.0,
                            base=None, citation=Citation(Source("review")))
    program = compile_rules([Rule("two", Head("mechanism", "two", "watch"), Corroborated((asked,)))])
    roll, table = Roll(("E1",), (AS_AT,)), frame_of([first, second])
    assert planes_of_table(program, table, roll, TABLED) == [(0b11, 0)]
    assert differing(program, table, roll, TABLED) == []


def test_the_national_table_at_every_end_of_year(knowledge: Knowledge, shared: Path) -> None:
    table, vocabulary = published(shared, knowledge.vocabulary), knowledge.vocabulary
    roll = Roll(tuple(vocabulary.authorities), tuple(date(year, 12, 31) for year in range(2017, 2026)))
    program = compile_rules(knowledge.rules)
    assert sum(any(plane) for plane in planes_of_table(program, table, roll, vocabulary)) > 20
    assert differing(program, table, roll, vocabulary) == []
