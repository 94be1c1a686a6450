"""The answer of `backtest` as text, Markdown, JSON, and a table of the judgements."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import polars as pl

from engine.backtest import COLUMN, KINDS, signatures_present
from explain.account import Table
from explain.backtest import Past
from explain.pastrecords import Backtest, Part, Row, Share, Told
from explain.render import markdown
from explain.render.as_json import dump
from explain.render.text import WIDTH, clean
from kb.dates import long_date, read_day
from kb.judgements import Judgements

HEADS = {"result": "Overall results", "channel": "Messages to pass on", "picture": "Pictures",
         "mechanism": "Mechanisms", "signature": "Signatures", "rule": "Rules"}
OF_A_ROW = ("", "looked at", "present", "hits", "precision", "of all", "recall", "lift", "stood")
OF_A_RUNG = ("signatures present", "judgements", "at that grade", "share of them", "95 of 100 draws")
ROW_WIDTHS, RUNG_WIDTHS = (27, 10, 8, 7, 10, 7, 7, 18, 6), (22, 14, 16, 16, 16)
EMPTY = "-"


def as_json(found: Backtest) -> str:
    """All of it as one JSON object; a nought is written, what is not there is left out."""
    return dump(_plain(found))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(told) for name, told in value._asdict().items() if told not in (None, "")}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def as_text(found: Backtest, ids: Sequence[str] = ()) -> str:
    """All of it for a terminal, with the lists of some conclusions and rules; ends in a newline."""
    blocks = [found.heading, *_first(found)]
    for part in found.parts:
        blocks += [headed(part, found), *part.facts, *([part.refused] if part.refused else [])]
        blocks += [_columns(table, widths) for table, widths in _tables(part)]
        blocks += [*_never(part), *(told for row in _chosen(part, ids) for told in _lists(row))]
    blocks += [*([LISTS] if not ids else []), *found.closing]
    return "\n\n".join(block if "\n" in block else textwrap.fill(clean(block), WIDTH) for block in blocks) + "\n"


LISTS = "--of NAME lists the judgements beside one conclusion or rule; --format markdown and json list all."


def as_markdown(found: Backtest) -> str:
    """All of it as Markdown, with every list; ends in a newline."""
    escaped = markdown.escaped
    blocks = [f"# {escaped(found.heading)}", *(f"**{escaped(text)}**" for text in _first(found)[:_loud(found)]),
              *map(escaped, _first(found)[_loud(found):])]
    for part in found.parts:
        blocks += [f"## {escaped(headed(part, found))}", "\n".join(f"- {escaped(fact)}" for fact in part.facts)]
        blocks += [f"**{escaped(part.refused)}**"] if part.refused else []
        for table, _ in _tables(part):
            blocks += [f"### {escaped(table.title)}", markdown.table(table.columns, table.rows)]
        blocks += map(escaped, _never(part))
        blocks += [f"### {escaped('Lists')}"] if part.rows else []
        blocks += [escaped(told) for row in part.rows for told in _lists(row)]
    return "\n\n".join([*blocks, "---", *map(escaped, found.closing)]) + "\n"


def _first(found: Backtest) -> list[str]:
    """What is said before anything else: the warnings, then how it was made."""
    return [*([found.leaky] if found.leaky else []), found.association, *found.facts]


def _loud(found: Backtest) -> int:
    return 2 if found.leaky else 1


def headed(part: Part, found: Backtest) -> str:
    """The title of one framework; a false picture says so again."""
    title = f"{part.framework}, {part.area}" + (f" ({part.title})" if part.title else "")
    return f"{title}: a false picture" if found.leaky else title


def _tables(part: Part) -> Iterator[tuple[Table, Sequence[int]]]:
    """The ladder, then the conclusions and rules of each kind; nothing where nothing could be looked at."""
    if not part.looked_at:
        return
    yield Table("How many signatures were present", OF_A_RUNG, tuple(
        (str(rung.signatures), str(rung.judgements), str(rung.lowest), _percent(rung.share),
         between(rung.share, 100, "%")) for rung in part.ladder)), RUNG_WIDTHS
    for kind in (*KINDS, "rule"):
        rows = tuple(_cells(row) for row in part.rows if row.kind == kind)
        if rows:
            yield Table(HEADS[kind], OF_A_ROW, rows), ROW_WIDTHS


def _cells(row: Row) -> tuple[str, ...]:
    """One row of a table."""
    shares = (row.refused, EMPTY, EMPTY, EMPTY) if row.refused else (
        _percent(row.precision), _hundredths(row.base_rate), _hundredths(row.recall),
        f"{row.lift.value:.2f} ({between(row.lift)})" if row.lift else EMPTY)
    return (name_of(row), f"{row.evaluable} ({row.lowest})", _starred(row.present, row.present_after_lowest),
            _starred(row.hits, row.hits_after_lowest), *shares, f"{row.lead.median:g}" if row.lead else EMPTY)


def _starred(many: int, marked: int) -> str:
    """A count, with how many of it are marked."""
    return f"{many} *{marked}" if marked else str(many)


def _hundredths(share: float | None) -> str:
    return EMPTY if share is None else f"{100 * share:.0f}%"


def name_of(row: Row) -> str:
    """What a row is called: its title, its id where that says more, and its level."""
    id = f"{row.id} " if row.kind == "signature" else ""
    tail = ", ".join(part for part in (row.level, row.id if row.kind == "rule" and row.id != row.title else "") if part)
    return f"{id}{row.title}{f' ({tail})' if tail else ''}"


def _percent(share: Share | None) -> str:
    return f"{100 * share.value:.0f}%" if share else EMPTY


def between(share: Share | None, times: int = 1, unit: str = "") -> str:
    """The interval of a share in a hundred, or of a ratio; why there is none."""
    if share is None:
        return EMPTY
    if share.low is None or share.high is None:
        return "no interval"
    decimals = 0 if unit else 1
    return f"{times * share.low:.{decimals}f} to {times * share.high:.{decimals}f}{unit}"


def _never(part: Part) -> Iterator[str]:
    """What was contested, and what was never present."""
    contested = [f"{name_of(row)} ({row.contested})" for row in part.rows if row.contested]
    if contested:
        yield f"Contested, and not counted as present (how often): {', '.join(contested)}."
    if part.never:
        said = ", ".join(f"{name} ({known})" for name, known in part.never)
        yield f"Known, and never present (in how many judgements it was known): {said}."
    if part.nothing_known and part.looked_at:
        yield f"Of {part.nothing_known} other conclusions, levels and rules nothing was ever known."


def _chosen(part: Part, ids: Sequence[str]) -> Iterator[Row]:
    """The rows asked for; a rule that stood just as what it concludes is not listed again."""
    asked = [row for row in part.rows if row.id in ids]
    return (row for place, row in enumerate(asked) if row[-3:] not in [other[-3:] for other in asked[:place]])


def _lists(row: Row) -> Iterator[str]:
    """Hits, misses and false alarms of one row, by name."""
    for what, some in (("hits", row.hit), ("misses", row.missed), ("false alarms", row.false_alarms)):
        yield f"{name_of(row)}, {what} ({len(some)}): {'; '.join(map(_told, some)) or 'none'}."


def _told(one: Told) -> str:
    """One judgement: whose, of when, and for how long the thing had stood."""
    day = read_day(one.published)
    stood = f", {one.months} month{'' if one.months == 1 else 's'}" if one.months is not None else ""
    return f"{one.authority}{'*' if one.after_lowest else ''} ({long_date(day) if day else ''}{stood})"


def _columns(table: Table, widths: Sequence[int]) -> str:
    """A table folded to a terminal, under its title."""
    lines = [_line(table.columns, widths), "-" * WIDTH, *(_line(row, widths) for row in table.rows)]
    return "\n".join([table.title, *lines])


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    folded = [textwrap.wrap(clean(cell), width - 1) for cell, width in zip(cells, widths, strict=True)]
    return "\n".join("".join(part.ljust(width) for part, width in zip(level, widths, strict=True)).rstrip()
                     for level in zip_longest(*folded, fillvalue=""))


def judgements(past: Past, rows: pl.DataFrame, known: Judgements, leaky: bool) -> pl.DataFrame:
    """A row for each judgement, in the order of names and days: the day as at which it is looked at, and what stood.

    `figures_after`: how many figures are dated after the judgement itself; `after_lowest`: how many after an earlier
    judgement at the lowest grade that stood, published on the day before that.
    """
    many = signatures_present(past.seen, len(past.judged))
    rules = [one for one in past.seen if one.thing.kind == "rule" and one.present]
    found = []
    for n, one in enumerate(past.judged):
        said = one.judgement
        met = "; ".join(rule.thing.id for rule in rules if rule.present >> n & 1)
        found.append((said.authority, past.names[said.authority], said.framework, said.area, said.grade,
                      said.grade == known.lowest, one.began, one.estimated, said.published, one.as_at, many[n], met,
                      past.after.get(n, 0), one.stood, past.after_lowest.get(n, 0), leaky))
    frame = pl.DataFrame(found, SCHEMA, orient="row").join(rows, COLUMN, how="left", maintain_order="left")
    order = pl.col("authority").str.to_lowercase()
    return frame.sort(order, "authority_code", "published", "framework", "judgement_area")


SCHEMA: Mapping[str, type[pl.DataType]] = {
    "authority_code": pl.String, "authority": pl.String, "framework": pl.String, "judgement_area": pl.String,
    "judgement": pl.String, "lowest": pl.Boolean, "began": pl.Date, "began_estimated": pl.Boolean, "published": pl.Date,
    "as_at": pl.Date, "signatures_present": pl.Int64, "rules": pl.String, "figures_after": pl.Int64,
    "lowest_stood": pl.Date, "after_lowest": pl.Int64, "false_picture": pl.Boolean,
}
