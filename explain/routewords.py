"""The phrases about routes: how a conclusion rests on its evidence, what it needs and what could be missing."""

from __future__ import annotations

from collections.abc import Sequence

from explain.words import STATE_WORDS, count_of, several
from kb.model import State

A_ROUTE = ("A route is one complete way through the rules. Many rest on the same observations, and how many there are "
           "says nothing of how sure a conclusion is.")
SIDE_BY_SIDE = "Shown by more than one observation, any one of which could be missing"
EACH_OF_THEM = "Each of them rests on"
EXCEPTIONS = "Exceptions that were looked for"
DISAGREE = "Sources disagree"
SIDES = ("says so", "says otherwise")
GREAT = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
READINGS = ("Where sources disagree, each taken against the authority",
            "Where sources disagree, each taken in its favour")


def without_these(number: int, state: State, level: str) -> str:
    """What becomes of a conclusion without what it needs; `level`: the one it has, "" where it has only one."""
    lost = ("hold in neither reading" if state is State.CONTESTED
            else f"not be present at level {level}" if level else "not stand")
    return f"Without {'this' if number == 1 else f'any one of these {number}'} it would {lost}"


def replaced(number: int) -> str:
    """Of what every route uses and other evidence would take the place of."""
    one = "it" if number == 1 else f"any one of these {number}"
    return f"In every route, yet without {one} other evidence on file takes its place"


def could_be_missing(number: int) -> str:
    """Of what routes use and do not need."""
    return f"{'This' if number == 1 else f'Any one of these {number}'} could be missing"


def many(number: int) -> str:
    """A number as it is read: exact below a million, then whole millions, billions or (up to 1,000) trillions."""
    size, name = next((great for great in GREAT if number >= great[0]), (1, ""))
    whole = min(number // size, 1000) if name else number
    told = f"{whole:,} {name}".rstrip()
    return told if whole * size == number else f"more than {told}"


def ways(routes: Sequence[int]) -> str:
    """How many routes there are, in one reading of disputed evidence or in each of two."""
    told = [f"{many(number)} route{'' if number == 1 else 's'}" if number else "it does not hold" for number in routes]
    return told[0] if len(told) == 1 else "two readings of disputed evidence"


def all_on_the_same(routes: int, observations: str) -> str:
    """That every route rests on one and the same evidence."""
    these = "these" if routes >= GREAT[-1][0] else f"{routes:,}"
    whole = f"All {these} routes rest" if routes > 2 else "Both routes rest" if routes == 2 else "The route rests"
    return f"{whole} on {'the same ' if routes > 1 else ''}{observations}"


def smallest(told: int, wanted: int, exact: bool) -> str:
    """What is said above the smallest routes; where the search was cut short, that it was."""
    if not exact:
        return f"{count_of(told, 'small route')}; the search was cut short, and there may be smaller ones"
    which = f"The {told} smallest routes" if told == wanted else "The routes"
    return f"{which}, fewest observations first; those on the same observations are told once"


def route(observations: int, rest: Sequence[str], besides: bool, most: int) -> str:
    """What one route rests on in a line, beyond what was said of all of them; many things are counted."""
    few = [*rest[:most], *([f"and {len(rest) - most} more"] if len(rest) > most else [])]
    lead = count_of(observations, "observation")
    return f"{lead}{', besides' if besides else ''}: {'; '.join(few)}" if few else f"{lead}, and nothing besides"


def looked_for(state: State, names: Sequence[str]) -> str:
    """Exceptions of rules that hold, by how they came out."""
    lead = "no evidence of" if state is State.NOT_KNOWN else f"{STATE_WORDS[state]}:"
    return f"{lead} {several(names)}"
