"""Tests of rules in words: what is given at a date, and what is expected to follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from explain import words
from explain.names import Names
from kb.dates import long_date
from kb.dossier import Observation
from kb.model import NOT_RECORDED, State
from kb.ruletests import PROTECTIVE, RuleTest, Standing
from kb.sources import who_says


class Tested(NamedTuple):
    """One test of a rule: its name, the day it is asked for, and in words what is given and expected."""

    name: str
    as_at: str
    given: tuple[str, ...]
    expected: tuple[str, ...]
    where: str


def told(test: RuleTest, names: Names) -> Tested:
    """A test in words."""
    given = [_standing(one, names) for one in test.given] + [_observed(o, test, names) for o in test.observations]
    return Tested(test.name, long_date(test.as_at), tuple(given) or ("nothing is known",),
                  tuple(_expected(test, names)), f"{test.place.file}:{test.place.line}")


def _expected(test: RuleTest, names: Names) -> Iterator[str]:
    yield from (_standing(one, names) for one in test.expect)
    yield from (f"the rule {id} holds" for id in test.because)
    yield from (f"the rule {id} does not hold" for id in test.not_because)


def _standing(one: Standing, names: Names) -> str:
    if one.kind == PROTECTIVE:
        short = names.kb.vocabulary.protective[one.id].short
        return f"protective sign, {short}: {'shown' if one.state is State.PRESENT else words.STATE_WORDS[one.state]}"
    return f"{names.title(one.kind, one.id)}: {words.stood(one.kind, one.state, one.level)}"


def _observed(observation: Observation, test: RuleTest, names: Names) -> str:
    """An observation as answers tell it, without the test for its author; when it was public, where that differs."""
    if observation.body == who_says(observation.citation.source):
        observation = observation._replace(body=NOT_RECORDED)
    said = words.observed(observation, names.kb.vocabulary.indicators[observation.indicator])
    late = observation.known != test.as_at
    return f"{said}; public by {long_date(observation.known)}" if late else said
