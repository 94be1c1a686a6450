"""Every phrase the product writes about evidence, tests and states, in one place."""

from __future__ import annotations

from collections.abc import Sequence

from engine.evidence import Gap, Verdict, times
from explain.account import Line
from kb.conditions import GRADES, HELD, LEVELS, SPREAD, Comparator, Test
from kb.dates import Precision, Span, first_day_beyond, long_date
from kb.dossier import Marker, Observation, Remark
from kb.model import NOT_RECORDED, Indicator, Reading, Source, State

SCALE = ("a strength", "a minor weakness", "a clear weakness", "a serious weakness")
STATE_WORDS = {
    State.PRESENT: "present", State.NOT_FOUND: "found not to be so",
    State.NOT_KNOWN: "not known", State.CONTESTED: "contested",
}
OF_A_TEST = {**STATE_WORDS, State.PRESENT: "met", State.NOT_FOUND: "not met"}
OF_A_CONCLUSION = {**STATE_WORDS, State.NOT_FOUND: "does not hold"}
BY_ROLE = {"test": OF_A_TEST, "way": OF_A_CONCLUSION, "mechanism": OF_A_CONCLUSION, "picture": OF_A_CONCLUSION,
           "result": OF_A_CONCLUSION, "channel": OF_A_CONCLUSION}
MARKER_WORDS = {
    Marker.SUPPRESSED: "the number was withheld because it is small",
    Marker.UNAVAILABLE: "the number is not available",
    Marker.NOT_APPLICABLE: "the test does not apply",
    Marker.UNRELIABLE: "the number is published as unreliable",
    Marker.BLANK: "the cell was left blank",
    Marker.LOW: "a low value that rounds to zero and is not zero",
    Marker.NOT_RECORDED: "the number is not recorded",
}
FOUND = {
    "mechanism": "mechanism", "picture": "picture", "result": "overall result", "channel": "message to pass on",
    "signature": "signature",
}
STATELESS = ("assumption", "fold", "waiting", "asks", "group", "facet", "exception", "side", "moved")
"""Lines whose own words already say how they stand."""
SHORT = {**STATE_WORDS, State.NOT_FOUND: "not so"}
KEY = (
    f"A level by itself ({', '.join(GRADES)}; {', '.join(LEVELS)}) means: present, at that level.",
    '"not so": looked for, and found not to be so. "not known": nothing on file settles it; that is not the same.',
)
"""How to read the words of a table."""
NOTHING = "no evidence either way"
NUMBERS_ONLY = "Numbers only: no event and no finding is among what this result rests on."
SMALL_BASE = "small base"


def says_state(line: Line) -> bool:
    """Whether a line's state is worth saying: not where its own words do, nor of a result that holds."""
    holds = line.role in ("result", "channel") and line.state is State.PRESENT
    return line.role not in STATELESS and not holds


def standing(line: Line) -> str:
    """A line's state in words, with the level at which a thing is present."""
    return stood(line.role, line.state or State.NOT_KNOWN, line.level)


def stood(kind: str, state: State, level: str) -> str:
    """The state of a thing of some kind in words, with the level at which it is present."""
    told = BY_ROLE.get(kind, STATE_WORDS)[state]
    return f"{told} ({level})" if state is State.PRESENT and level not in ("", *HELD) else told


def amount(value: float, indicator: Indicator) -> str:
    """A value in the indicator's unit, as people say it."""
    if indicator.unit.id == "scale":
        return SCALE[int(value)] if value in (0, 1, 2, 3) else f"{value:g} on the scale of 0 to 3"
    if indicator.unit.id == "yes/no":
        return "yes" if value else "no"
    if indicator.unit.id == "grade":
        return f'judged "{indicator.values[int(value)]}"'
    whole = f"{value:,.0f}" if value == int(value) else f"{value:.10g}"
    number = f"{value:.1f}" if 0 < indicator.rounding < 1 and round(value, 1) == value else whole
    unit = indicator.unit.one if value == 1 and indicator.unit.one else indicator.unit.id
    return number if unit == "ratio" else f"{number} {unit}"


def measured(test: Test, indicator: Indicator) -> str:
    """What a test looks at, in a few words."""
    of = f" ({several([word for _, word in test.of])})" if test.of else ""
    return f"rise of the {indicator.short}" if test.rise_over is not None else indicator.short + of


def summed(observations: Sequence[Observation], indicator: Indicator) -> str:
    """What several observations of one indicator come to: a count of events, or each value once."""
    if indicator.reading is Reading.OCCURRENCES and observations:
        often = times(observations)
        return {0.0: "none", 1.0: "once"}.get(often, amount(often, indicator))
    told = [amount(o.value, indicator) if o.value is not None else MARKER_WORDS[o.marker or Marker.BLANK]
            for o in observations]
    return several(list(dict.fromkeys(told))) if told else ""


def both_sides(verdict: Verdict, indicator: Indicator) -> str:
    """What the deciding observations come to; where sources disagree, each side's."""
    if verdict.disputed:
        return f"{summed(verdict.for_by, indicator)} or {summed(verdict.against_by, indicator)}"
    return summed(verdict.for_by or verdict.against_by, indicator)


def dated(span: Span) -> str:
    """A span with its preposition: `on 17 October 2018`, `throughout ...`, `sometime in ...`."""
    return f"on {span}" if span.precision is Precision.DAY else str(span)


def observed(observation: Observation, indicator: Indicator) -> str:
    """What one observation says: value first, then what and when."""
    when = dated(observation.about)
    if observation.of:
        when = f"for {several([word for _, word in observation.of])}, {when}"
    if observation.marker is not None:
        return f"{indicator.short}: {MARKER_WORDS[observation.marker]}, {when}"
    value = observation.value or 0.0
    if indicator.reading is Reading.OCCURRENCES:
        if not value:
            return f"{indicator.short}: none, {when}"
        return f"{indicator.short} {when}" if value == 1 else f"{indicator.short}: {amount(value, indicator)}, {when}"
    if observation.body != NOT_RECORDED and indicator.reading is Reading.BY_BODY:
        return f"{indicator.short}: {amount(value, indicator)}, {when}, as found by {observation.body}"
    return f"{indicator.short}: {amount(value, indicator)}, {when}"


def asked(test: Test, indicator: Indicator, compared_with: str, limit: float | None = None, year: int | None = None,
          ) -> str:
    """What a test asks for, with the figure of the year where it is held against one."""
    if indicator.unit.id == "yes/no":
        return f"the test: {'yes' if test.comparator is Comparator.AT_LEAST else 'no'}"
    if isinstance(test.threshold, str):
        start = "" if test.threshold == "median" else "from "
        held = f" ({start}{amount(limit, indicator)} in {year})" if limit is not None else ""
        return f"the test: {SPREAD_WORDS[test.threshold][test.comparator]} of {compared_with}{held}"
    if indicator.reading is Reading.OCCURRENCES:
        often = "one" if test.threshold == 1 else f"{test.threshold:g}"
        return f"the test: at least {often} in {test.window or indicator.validity} months"
    if indicator.unit.id == "grade":
        return f'the test: {test.comparator} "{indicator.values[int(test.threshold)]}"'
    if test.rise_over is not None:
        return f"the test: a rise of {test.comparator} {test.threshold:g} points over {test.rise_over} months"
    if indicator.unit.id == "scale":
        return f"the test: {test.comparator} {SCALE[int(test.threshold)]}"
    return f"the test: {test.comparator} {amount(test.threshold, indicator)}"


SPREAD_WORDS = {
    name: {
        Comparator.AT_LEAST: f"a place in the {name}" if name != "median" else "the median or above",
        Comparator.ABOVE: f"more than the {'median' if name == 'median' else f'start of the {name}'}",
        Comparator.AT_MOST: f"no more than the {'median' if name == 'median' else f'start of the {name}'}",
        Comparator.BELOW: f"less than the {'median' if name == 'median' else f'start of the {name}'}",
    }
    for name in SPREAD
}


def cited(observation: Observation) -> str:
    """Source, page and publication date of an observation, saying what is not recorded."""
    page = observation.citation.page
    where = "page not recorded" if page == NOT_RECORDED else f"page {page}" if page[:1].isdigit() else page
    return f"source: {named(observation.citation.source)}, {where}; public by {long_date(observation.known)}"


def briefly(observation: Observation) -> str:
    """An observation's date and document, for the small print of a card."""
    body = f"{observation.body}, " if observation.body != NOT_RECORDED else ""
    source = observation.citation.source
    title = source.title if source.title != NOT_RECORDED else f"{source.id} (title not recorded)"
    return f"{body}{dated(observation.about)}. {title}"


def named(source: Source) -> str:
    """A document by what is recorded of it: title and publisher, else its address, else its id."""
    if source.title != NOT_RECORDED:
        by = f", {source.publisher}" if source.publisher != NOT_RECORDED else ""
        return f"{source.title}{by}"
    if source.url != NOT_RECORDED:
        return f"{source.url} (title not recorded)"
    return f"{source.id} (not recorded further)"


def quoted(source: Source) -> str:
    """The same in quotation marks, for the middle of a sentence of ours: its words are not ours."""
    return f'"{named(source)}"'


def enough(document: str) -> str:
    """That a document by itself carries the result."""
    return f"{document} alone supports this result"


def needed(document: str, result: str) -> str:
    """What the result would be without a document."""
    return f"Without {document} the result would be {result}"


def gap(verdict: Verdict, indicator: Indicator, compared_with: str) -> str:
    """Why a test is not known, in words."""
    seen = verdict.looked_at[-1] if verdict.looked_at else None
    match verdict.gap:
        case Gap.EXPIRED if seen is not None:
            until = long_date(first_day_beyond(seen.about, indicator.validity))
            return f"the last evidence ({observed(seen, indicator)}) went out of date on {until}"
        case Gap.MARKER if seen is not None:
            return observed(seen, indicator)
        case Gap.NO_FIGURES if seen is not None:
            year = seen.about.end.year
            return f"{observed(seen, indicator)}; the figures of {compared_with} for {year} are not known"
        case Gap.SMALL_BASE if seen is not None:
            return f"{observed(seen, indicator)}; a small base, and no year before that agrees"
        case Gap.LOOSE if seen is not None:
            return f"dated too loosely to place in the period ({observed(seen, indicator)})"
        case Gap.NO_EARLIER if seen is not None:
            return f"{observed(seen, indicator)}; no value to compare it with"
        case Gap.SILENCE if seen is not None:
            return f"too few are recorded ({observed(seen, indicator)}), and nothing says there were no more"
        case _:
            return NOTHING


def of_conclusion(because: str, state: State, authority: str) -> str:
    """The sentence of a rule's conclusion in each state; `because` is the rule's own, for where it holds."""
    told = because.replace("{authority}", authority)
    return {
        State.PRESENT: told, State.CONTESTED: f"Contested, so only perhaps: {told}",
        State.NOT_FOUND: f"On the evidence held, this does not hold in {authority}.",
        State.NOT_KNOWN: f"The evidence held does not settle whether this holds in {authority}.",
    }[state]


def worked_out(engine: str, note: str) -> str:
    """Which engine a model comes from, and what there is to say of it."""
    ran = {"rete": "durable-rules, confirmed by the bit-plane evaluator", "bits": "the bit-plane evaluator alone"}
    beside = f" ({note.rstrip('.')})" if note else ""
    return f"Worked out by {ran[engine]}{beside}."


def of_indicator(short: str, state: State, authority: str) -> str:
    """The sentence of a test of an indicator in each state, where no observation is told beside it."""
    return {
        State.PRESENT: f"In {authority}, the evidence held meets the test of {short}.",
        State.NOT_FOUND: f"In {authority}, {short} was looked at, and the test is not met.",
        State.NOT_KNOWN: f"No evidence decides the test of {short} in {authority}.",
        State.CONTESTED: f"The evidence disagrees about {short} in {authority}.",
    }[state]


def remark(told: Remark) -> str:
    """What the authority answers, quoted, with the date it was known."""
    return f'The authority disagrees (public by {long_date(told.known)}): "{told.text}"'


def exception(name: str, state: State, would_hold: bool = True) -> str:
    """An exception of a rule, as it came out; `would_hold`: the rule's conditions are met."""
    return {
        State.PRESENT: f"Would have held, but: {name}" if would_hold else f"Would in any case be stopped by: {name}",
        State.CONTESTED: f"Contested; where it is so, it stops this: {name}",
        State.NOT_FOUND: f"Not stopped by {name}: it was looked for, and is not so",
        State.NOT_KNOWN: f"No evidence of {name}, which would have stopped this",
    }[state]


def holding(present: int, contested: int) -> str:
    """`2 hold`, `1 holds, 1 contested`, `none holds`."""
    told = f"{present or 'none'} hold{'' if present > 1 else 's'}"
    return f"{told}, {contested} contested" if contested else told


def several(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def often(number: float) -> str:
    """`once`, `twice`, `3 times`."""
    return {1.0: "once", 2.0: "twice"}.get(number, f"{number:g} times")


def in_short(state: State, level: str) -> str:
    """A state in a word or two, for a table: the level alone says that it is present."""
    return level if state is State.PRESENT and level not in ("", *HELD) else SHORT[state]


def first_of(told: Sequence[str], many: int) -> str:
    """The first few of several things, and how many more there are: `a; b; and 3 more`."""
    more = [f"and {len(told) - many} more"] if len(told) > many else []
    return "; ".join([*told[:many], *more])


def count_of(number: int, noun: str) -> str:
    """`1 route`, `3 routes`, `no routes`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
