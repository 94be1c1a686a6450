"""A script such as one might write by hand in polars, for speed and without our code: it only makes the tests.

    python bench/handwritten.py TABLE.parquet TESTS.json OUT.parquet

From Parquet to Parquet: for every authority and day, whether each test is met (`t0 for`) or not (`t0 against`). It
checks no row, knows no disputes, small bases, periods, findings or documents, takes it that rows are sorted and figures
published in order, chains no rule and explains nothing. What it makes is what `sigrisk screen` begins with.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import polars as pl

COMPARED = {"at least": pl.Expr.ge, "above": pl.Expr.gt, "at most": pl.Expr.le, "below": pl.Expr.lt}


def spans(rows: pl.DataFrame, days: list[date], validity: pl.Expr, last: pl.Expr | None) -> pl.DataFrame:
    """Each row with the columns (authority by day) in which it stands."""
    end = pl.col("about").dt.offset_by(validity)
    grid = pl.lit(pl.Series(days))
    until = end if last is None else pl.min_horizontal(end, last - pl.duration(days=1))
    placed = rows.with_columns(
        after=grid.search_sorted(pl.col("known"), side="left").cast(pl.UInt32),
        before=grid.search_sorted(until, side="right").cast(pl.UInt32))
    first = pl.col("place") * len(days)
    return placed.filter(pl.col("after") < pl.col("before")).with_columns(
        column=pl.int_ranges(first + pl.col("after"), first + pl.col("before"), dtype=pl.UInt32)).explode("column")


def spread(columns: int, frame: pl.DataFrame, name: str, kind: Any) -> pl.Series:
    return pl.repeat(None, columns, dtype=kind, eager=True).scatter(frame["column"], frame[name])


def numbers(rows: pl.DataFrame, tests: list[dict[str, Any]], days: list[date], columns: int) -> dict[str, pl.Series]:
    """The tests of the latest figure of one indicator at these days."""
    held = spans(rows, days, pl.lit(f"{tests[0]['validity']}mo"), pl.col("later"))
    if held.is_empty():
        return {}
    value = spread(columns, held, "value", pl.Float64)
    found: dict[str, pl.Series] = {}
    for test in tests:
        told, limit = value, pl.lit(test["limit"])
        if test["rise"]:
            earlier = rows.select("place", about=pl.col("about").dt.offset_by(f"{test['rise']}mo"), earlier="value")
            risen = held.join(earlier, on=("place", "about"))
            change = risen.with_columns((pl.col("value") - pl.col("earlier")).round(6))
            told = spread(columns, change, "value", pl.Float64)
        frame = pl.DataFrame({"value": told})
        if test["years"]:
            years = {int(year): number for year, (number, _) in test["years"].items()}
            public = {int(year): date.fromisoformat(day) for year, (_, day) in test["years"].items()}
            year = spread(columns, held.with_columns(year=pl.col("about").dt.year()), "year", pl.Int32)
            at = pl.Series(days).gather(pl.int_range(columns, eager=True) % len(days))
            frame = frame.with_columns(limit=year.replace_strict(years, default=None, return_dtype=pl.Float64),
                                       public=year.replace_strict(public, default=None, return_dtype=pl.Date), at=at)
            limit = pl.when(pl.col("public") <= pl.col("at")).then("limit")
        met = frame.select(COMPARED[test["comparator"]](pl.col("value"), limit)).to_series()
        found[f"{test['name']} for"] = met.fill_null(False)
        found[f"{test['name']} against"] = (~met).fill_null(False)
    return found


def counts(rows: pl.DataFrame, tests: list[dict[str, Any]], days: list[date], columns: int) -> dict[str, pl.Series]:
    """The tests of how often something happened."""
    found: dict[str, pl.Series] = {}
    for test in tests:
        held = spans(rows, days, pl.lit(f"{test['window']}mo"), None)
        often = held.group_by("column").agg(pl.col("value").sum()).filter(pl.col("value") >= test["limit"])
        found[f"{test['name']} for"] = pl.repeat(False, columns, eager=True).scatter(often["column"], True)
    return found


def main() -> None:
    """Reads, decides and writes."""
    table, spec, out = sys.argv[1:]
    with open(spec, encoding="utf-8") as file:
        asked = json.load(file)
    wanted = sorted({test["indicator"] for test in asked["tests"]})
    rows = pl.scan_parquet(table).select("authority_code", "indicator", "about", "known", "value").with_columns(
        pl.col("indicator").cast(pl.Enum(wanted), strict=False), place=pl.col("authority_code").rle_id()).with_columns(
        run=pl.struct("place", "indicator").rle_id()).with_columns(
        later=pl.when(pl.col("run") == pl.col("run").shift(-1)).then(pl.col("known").shift(-1)))
    held = rows.collect()
    codes = held["authority_code"].unique(maintain_order=True)
    by_indicator = held.drop("authority_code").partition_by("indicator", as_dict=True)
    parts = {str(key[0]): part for key, part in by_indicator.items()}
    made: dict[str, pl.Series] = {}
    for shift, days in asked["days"].items():
        at = [date.fromisoformat(day) for day in days]
        for indicator in wanted:
            some = [test for test in asked["tests"] if test["indicator"] == indicator and str(test["shift"]) == shift]
            if some and indicator in parts:
                decide = counts if some[0]["counted"] else numbers
                made |= decide(parts[indicator], some, at, len(codes) * len(at))
    days = [date.fromisoformat(day) for day in asked["days"]["0"]]
    grid = pl.DataFrame({"authority_code": codes}).join(pl.DataFrame({"as_at": days}), how="cross")
    grid.with_columns(**made).write_parquet(out)


if __name__ == "__main__":
    main()
