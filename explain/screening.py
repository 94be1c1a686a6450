"""The answer of `screen`: a row for every authority and date, in the order of the alphabet, and how to read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple

import polars as pl

from engine.packing import numbers, unpacked
from engine.prepared import Prepared
from engine.program import Proposition
from engine.proofs import Mark
from engine.roll import Roll
from engine.screen import Screen, by_pattern, rows_of, screen
from engine.tablerows import observations
from explain.routes import Numbers, count_everywhere
from explain.words import SMALL_BASE
from kb.authorities import by_any_code
from kb.conditions import HELD
from kb.dates import long_date
from kb.dossier import Case
from kb.longparts import LongFile
from kb.longtables import LongTable
from kb.longtexts import said_of
from kb.model import Kind, Problem, Vocabulary

ORDER = ("Authorities stand in the order of the alphabet, which says nothing about them. Before a row is used, "
         "--why NAME tells what it rests on.")
NO_MORE = ("Where such signs have gone with low grades in the past, that is an association. It tells nothing of what "
           "any one authority is, or will be.")
LONG = 62
"""The binary digits of a number that a column of a frame holds; longer ones are put together row by row."""
NUMBERS, EVENTS, ALL = "numbers only", "numbers and events only", "numbers, events and findings"
"""What there is in a table."""
LACKING = {
    NUMBERS: "Numbers only: no event and no finding is in the table. What takes somebody who looked is not known here.",
    EVENTS: "Numbers and events only: no finding is in the table. What takes somebody who looked is not known here.",
}


SMALL = (f"{SMALL_BASE}: fewer stand behind a rate of this authority than its indicator asks for; it counts only where "
         "the year before agrees. Files name these rates under small_bases.")
Answer = pl.DataFrame | tuple[Problem, ...]
"""The rows of a screen, or every problem of what it rests on."""


def placed(codes: Iterable[str], vocabulary: Vocabulary) -> tuple[dict[str, str], tuple[str, ...]]:
    """The code that each has today; and the codes that the list of authorities does not have.

    Where a knowledge base has no such list, every code is taken as it is.
    """
    known = {code: one.id for code, one in by_any_code(vocabulary.authorities).items()}
    some = sorted(codes)
    if not known:
        return {code: code for code in some}, ()
    return {code: known[code] for code in some if code in known}, tuple(code for code in some if code not in known)


def standing_under(today: Mapping[str, str]) -> dict[str, list[str]]:
    """The codes under which each authority stands, by the code that it has today."""
    found: dict[str, list[str]] = {}
    for code, one in today.items():
        found.setdefault(one, []).append(code)
    return found


def names(codes: Iterable[str], vocabulary: Vocabulary) -> dict[str, str]:
    """What the authorities of some codes are called, in the order of the alphabet."""
    called = {code: one.name if (one := vocabulary.authorities.get(code)) else code for code in codes}
    return dict(sorted(called.items(), key=lambda pair: (pair[1].casefold(), pair[0])))


def holds(kinds: Iterable[Kind]) -> str:
    """What there is in a table with these kinds of evidence."""
    held = set(kinds)
    return ALL if Kind.FINDING in held else EVENTS if Kind.EVENT in held else NUMBERS


def case_of(code: str, rows: pl.DataFrame, vocabulary: Vocabulary) -> Case:
    """What a table holds of one authority, as a case."""
    name = names([code], vocabulary)[code]
    return Case(code, name, code, name, tuple(observations(rows, vocabulary)))


def rows_today(held: LongFile, codes: Collection[str], today: Mapping[str, str]) -> LongTable:
    """The rows under some codes, with those that their authorities have today, and every problem of them."""
    frame, problems = held.part(codes)
    if frame is None:
        return LongTable(None, problems)
    if all(code == one for code, one in today.items()):
        return LongTable(frame, problems)
    moved = pl.col("word").replace_strict(today, default=None, return_dtype=pl.String)
    return LongTable(frame.with_columns(said_of(frame["authority_code"], authority_code=moved)), problems)


class Lot(NamedTuple):
    """Some authorities of a table at some days. `codes`: those under which each authority stands in the table."""

    held: LongFile
    codes: Mapping[str, Sequence[str]]
    roll: Roll


def screened(ready: Prepared, lot: Lot) -> Answer:
    """The answer for some authorities of a table, or every problem of their rows.

    It rests on nothing but the lot and its file, so that some authorities may be screened here and some elsewhere.
    """
    today = {code: one for one in lot.roll.authorities for code in lot.codes[one]}
    frame, problems = rows_today(lot.held, tuple(today), today)
    if frame is None or problems:
        return problems
    return answer(screen(ready.knowledge, ready.program, frame, lot.roll), holds(lot.held.kinds))


def answer(found: Screen, evidence: str) -> pl.DataFrame:
    """The rows of a screen, each authority by its name, with how many routes there are to each conclusion present.

    `evidence`: what the table holds. An authority has no row for a day on which, by the list of authorities, it did
    not exist. Columns: authority_code, authority, then those of `engine.screen.rows_of`, routes and evidence.
    """
    rows = rows_of(found, {"routes": _routes(found), "evidence": pl.lit(evidence)})
    known = found.knowledge.vocabulary.authorities
    called = names(found.roll.authorities, found.knowledge.vocabulary)
    times = [(code, name, known[code].began if code in known else None, known[code].ended if code in known else None)
             for code, name in called.items()]
    schema = {"authority_code": pl.String, "authority": pl.String, "began": pl.Date, "ended": pl.Date}
    named = rows.join(pl.DataFrame(times, schema, orient="row"), on="authority_code", how="left", maintain_order="left")
    began, ended = (pl.col("as_at") >= pl.col("began")).fill_null(True), (pl.col("as_at") <= pl.col("ended"))
    there = named.filter(began & ended.fill_null(True))
    return there.select("authority_code", "authority", *rows.columns[1:])


def _routes(found: Screen) -> pl.Series:
    """How many routes there are to the result, where it puts a question, and to each message and conclusion present."""
    knowledge, results, rows = found.knowledge, found.results(), found.roll.columns
    questions = [(Proposition("result", id, HELD[0]), results[id]) for id in knowledge.results()
                 if id in knowledge.questions()]
    others = [(Proposition(kind, id, level), where) for kind, id in (*found.heads("channel"), *found.combined())
              for level, where in found.at_its_highest(kind, id)]
    told = [(head, where, Mark(found.program.heads[head])) for head, where in (*questions, *others) if where]
    first, second = found.readings
    marks, full = [mark for _, _, mark in told], (1 << rows) - 1
    routes = count_everywhere(found.program, first, marks, full)
    again = routes if second is first else count_everywhere(found.program, second, marks, full)
    numbers = [_fewer(routes[mark], again[mark], where, rows).alias(f"{place}")
               for place, (_, where, mark) in enumerate(told)]
    said = [pl.when(pl.col(f"{place}").cast(pl.String) != "0").then(pl.format(f"{head.id} {{}}", f"{place}"))
            for place, (head, _, _) in enumerate(told)]
    if not said:
        return pl.repeat("", rows, dtype=pl.String, eager=True)
    return by_pattern(pl.DataFrame(numbers), pl.concat_str(said, separator="; ", ignore_nulls=True))


def _fewer(one: Numbers, other: Numbers, where: int, rows: int) -> pl.Series:
    """The smaller of two numbers in some rows, 0 in all others; as text where one is too long for a column."""
    both = [tuple(digit & where for digit in digits) for digits in ((one,) if one is other else (one, other))]
    found = pl.select(pl.min_horizontal([numbers(digits[:LONG], rows).cast(pl.Int64) for digits in both])).to_series()
    longer = reduce(or_, (digit for digits in both for digit in digits[LONG:]), 0)
    if not longer:
        return found
    at = unpacked(longer, rows).arg_true()
    as_bytes = [[digit.to_bytes(rows // 8 + 1, "little") for digit in digits] for digits in both]
    return found.cast(pl.String).scatter(at, [str(min(_exact(digits, row) for digits in as_bytes)) for row in at])


def _exact(digits: Sequence[bytes], row: int) -> int:
    """The number in one row, however long it is."""
    return sum((digit[row >> 3] >> (row & 7) & 1) << place for place, digit in enumerate(digits))


def facts(evidence: str, indicators: int, signatures: int, is_small: bool) -> tuple[str, ...]:
    """What must be said beside the rows; `evidence`: what the table holds; `is_small`: some rate is on a small base."""
    lacking = [LACKING[evidence]] if evidence in LACKING else []
    counted = (f"settled: of how many of the {indicators} indicators in the table some test is met or not met. "
               f"judged: how many of the {signatures} signatures could be judged.")
    return *lacking, counted, *([SMALL] if is_small else []), ORDER, NO_MORE


def heading(days: Sequence[date], many: int) -> str:
    """What was asked."""
    told = long_date(days[0]) if len(days) == 1 else (
        f"each of {len(days)} days from {long_date(days[0])} to {long_date(days[-1])}")
    return f"{many} authorit{'y' if many == 1 else 'ies'} as at {told}"
