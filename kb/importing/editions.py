"""Figures of several files as one: each counts from the day its edition was public, and first hand before second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from kb.importing.calendar import Calendar
from kb.importing.observations import MOST
from kb.model import Place, Problem
from kb.problems import Code, shown
from kb.twice import KEEP_ONE, differing, disagreement

KEY = ("authority_code", "indicator", "about", "source")
"""What makes two figures the same one, whatever edition they stand in."""
AGAIN = "figures that an earlier edition has already"
ALSO = "figures that are there at first hand, and the same"
OTHERWISE = "figures that are there at first hand, and not the same"
_SAID = pl.coalesce(pl.col("value").cast(pl.String), "marker")


class Settled(NamedTuple):
    """The figures that stand, each with the day on which it became public; and by file and reason those that do not."""

    frame: pl.DataFrame
    left_out: dict[tuple[str, str], int]
    revised: dict[str, int]
    problems: tuple[Problem, ...]


def settle(figures: pl.DataFrame, calendar: Calendar) -> Settled:
    """The figures of all files, which carry `file`, `edition` (its newest day) and `second_hand`, as they stand.

    A figure that an edition changes stands twice: as it was first, and from the day of that edition as it is now.
    """
    ordered = figures.with_columns(said=_SAID).sort(*KEY, "edition", "file", "row")
    problems = [*_disagreeing(ordered), *_undated(ordered, calendar)]
    before = pl.col("said").shift().over(KEY)
    marked = ordered.with_columns(again=pl.col("said").eq_missing(before) & before.is_not_null(),
                                  revised=before.is_not_null() & (pl.col("said") != before))
    left = _counted(marked.filter("again"), AGAIN)
    once = _known(marked.filter(~pl.col("again")), calendar)
    kept, second = _first_hand(once)
    return Settled(kept, left | second, {file: n for (file, _), n in _counted(kept.filter("revised"), "").items()},
                   tuple(problems))


def _counted(frame: pl.DataFrame, why: str) -> dict[tuple[str, str], int]:
    return {(file, why): rows for file, rows in frame.group_by("file").len().sort("file").iter_rows()}


def _disagreeing(frame: pl.DataFrame) -> Iterator[Problem]:
    """Each figure that one edition gives in two ways, or on two bases."""
    key = (*KEY, "edition")
    for column, same in (("value", key), ("base", (*key, "value", "marker"))):
        for row in differing(frame, column, same).head(MOST).iter_rows(named=True):
            of = "" if row["file"] == row["first_file"] else f" of {row['first_file']}"
            yield Problem(Place(row["file"], row["row"], row["column"]), Code.TWICE,
                          disagreement(row, column, f"row {row['first_row']}{of}"), KEEP_ONE)


def _undated(frame: pl.DataFrame, calendar: Calendar) -> Iterator[Problem]:
    """Each release of which the calendar does not say when it became public."""
    for file, release, about in frame.select("file", "release", "about").unique().sort(pl.all()).iter_rows():
        if (release, about) not in calendar:
            yield Problem(Place(file), Code.MISSING_KEY,
                          f"the calendar does not say when the release {shown(release)} of {about} became public",
                          "write it in a file, and name that with --calendar")


def _known(frame: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """The figures with the day on which each became public: that of its own year where no earlier edition is there.

    An earlier edition that reaches as far, and has it otherwise or not at all, shows that it came with the later one.
    """
    days = pl.DataFrame([(*key, known) for key, known in calendar.items()], orient="row",
                        schema={"release": pl.String, "day": pl.Date, "known": pl.Date})
    editions = frame.select("release", "second_hand", "edition").unique()
    reaching = (frame.select("release", "second_hand", "about").unique()
                .join(editions.rename({"edition": "reaches"}), on=("release", "second_hand"))
                .filter(pl.col("reaches") >= pl.col("about"))
                .group_by("release", "second_hand", "about").agg(earliest=pl.col("reaches").min()))
    told = frame.join(reaching, on=("release", "second_hand", "about"), how="left")
    of = pl.when(pl.col("edition") > pl.col("earliest")).then("edition").otherwise("about")
    return told.with_columns(day=of).join(days, on=("release", "day"), how="left")


def _first_hand(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[tuple[str, str], int]]:
    """The figures without those at second hand that a first-hand file has too, as it has them last."""
    what = ["authority_code", "indicator", "about"]
    latest = frame.filter(~pl.col("second_hand")).sort("known").group_by(what).agg(pl.col("said").last().alias("there"))
    beside = frame.join(latest, on=what, how="left")
    repeated = beside.filter(pl.col("second_hand") & pl.col("there").is_not_null())
    same = pl.col("said") == pl.col("there")
    left = _counted(repeated.filter(same), ALSO) | _counted(repeated.filter(~same), OTHERWISE)
    return beside.filter(~pl.col("second_hand") | pl.col("there").is_null()), left
