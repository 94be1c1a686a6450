"""A load to screen: invented authorities with numbers and events of many indicators over ten years, from a seed.

    python bench/load.py AUTHORITY_DATES FILE.parquet [SEED]

Ten dates (the ends of 2016 to 2025) for every authority, so 1,000,000 authority-dates are 100,000 authorities, with all
the shipped indicators of numbers and of counted events. A number has one row a year, one in twenty-five with a marker
in place of its value; an event happens in one year of twenty. Values lie on both sides of the thresholds of the shipped
rules. The same seed gives the same rows.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kb.conditions import ProtectiveIs, Test, TestIs, conditions_of  # noqa: E402
from kb.knowledge import Knowledge  # noqa: E402
from kb.load import load  # noqa: E402
from kb.model import Indicator, Kind, Reading  # noqa: E402

YEARS = range(2016, 2026)
AT_ONCE = 2_000
"""How many authorities are written at once."""
IN_WORDS = ("yes/no", "grade", "scale")
"""Units of which a column of numbers cannot tell."""
COLUMNS = ("authority_code", "indicator", "about", "known", "value", "marker", "kind", "source")
LEVELS = 1 << 16
MARKED, HAPPENED = LEVELS // 25, LEVELS // 20


def days() -> list[date]:
    """The dates that the load is screened at."""
    return [date(year, 12, 31) for year in YEARS]


def indicators(knowledge: Knowledge) -> list[Indicator]:
    """The indicators of numbers and of counted events."""
    return [one for _, one in sorted(knowledge.vocabulary.indicators.items())
            if one.kind is not Kind.FINDING and one.unit.id not in IN_WORDS]


def tests(knowledge: Knowledge) -> list[Test]:
    """Every test that a rule in force makes."""
    found: set[Test] = set()
    for condition in (one for rule in knowledge.in_force for one in conditions_of(rule)):
        found.update(getattr(condition, "tests", ()))
        if isinstance(condition, TestIs | ProtectiveIs):
            found.add(condition.test)
    return sorted(found, key=str)


def span(one: Indicator, knowledge: Knowledge) -> tuple[float, float]:
    """The least and the largest value: about a quarter lies beyond the highest threshold, and some below the least."""
    limits = [test.threshold for test in tests(knowledge) if test.indicator == one.id
              and isinstance(test.threshold, float) and test.rise_over is None]
    limits += [number for (id, _), year in knowledge.vocabulary.years.items() if id == one.id
               for name, number in year.figures if name in ("median", "worst quarter")]
    low, high = min(limits, default=1.0), max(limits, default=1.0)
    return 0.5 * low, min(1.3 * high if high > 1 else 2.0, 100.0 if one.unit.share else 1e9)


def drawn(rng: random.Random, many: int) -> pl.Series:
    """So many whole numbers below LEVELS."""
    return pl.Series([rng.randbytes(2 * many)], dtype=pl.Binary).bin.reinterpret(
        dtype=pl.Array(pl.UInt16, many), endianness="little").explode()


def rows(codes: Sequence[str], knowledge: Knowledge, rng: random.Random) -> Iterator[pl.DataFrame]:
    """The rows of some authorities, indicator by indicator."""
    for one in indicators(knowledge):
        spring = one.kind is Kind.EVENT or one.id < "n"
        about = [date(year, 3, 31) if spring else date(year, 9, 30) for year in YEARS]
        known = [date(year, 10, 31) if spring else date(year + 1, 2, 28) for year in YEARS]
        each = pl.DataFrame({"about": about, "known": known})
        grid = pl.DataFrame({"authority_code": codes}).join(each, how="cross", maintain_order="left_right")
        low, high = span(one, knowledge)
        chance, value = drawn(rng, grid.height), drawn(rng, grid.height)
        number = (low + (high - low) * value / LEVELS).round(1)
        frame = grid.with_columns(
            indicator=pl.lit(one.id), chance=chance, kind=pl.lit(one.kind.value),
            source=pl.lit(f"return of {one.id}"), number=number)
        if one.reading is Reading.OCCURRENCES:
            happened = frame.filter(pl.col("chance") < HAPPENED)
            yield happened.with_columns(value=pl.lit(1.0), marker=pl.lit(None, pl.String))
        else:
            marked = pl.col("chance") < MARKED
            yield frame.with_columns(value=pl.when(~marked).then("number"),
                                     marker=pl.when(marked).then(pl.lit("suppressed")))


def write(authority_dates: int, path: Path, seed: int = 1) -> int:
    """Writes the load as a long table in Parquet, sorted by authority; returns how many rows it has."""
    return write_of([f"X{place:07}" for place in range(authority_dates // len(YEARS))], path, seed)


def write_of(authorities: Sequence[str], path: Path, seed: int = 1) -> int:
    """The same of authorities that are there by their codes."""
    knowledge, rng, written = load()[0], random.Random(seed), 0
    with TemporaryDirectory(dir=path.parent) as folder:
        for start in range(0, len(authorities), AT_ONCE):
            codes = authorities[start:start + AT_ONCE]
            found = pl.concat(frame.select(COLUMNS) for frame in rows(codes, knowledge, rng))
            found.sort("authority_code", "indicator", "about").write_parquet(Path(folder) / f"{start:08}.parquet")
            written += found.height
        pl.scan_parquet(Path(folder) / "*.parquet").sink_parquet(path)
    return written


if __name__ == "__main__":
    print(write(int(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:4])), "rows")
