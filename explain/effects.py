"""What would be otherwise were one item left out or saying something else, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from engine.assess import Assessment
from engine.doubts import Doubt, outcomes
from explain import words
from explain.account import Line
from explain.names import Names
from explain.whatif import Change, changes, heads, results_told
from kb.dossier import Observation
from kb.model import Reading, State


class Effect(NamedTuple):
    """What one doubt changes: the result, as told then, or ""; the messages to pass on; everything else."""

    doubt: Doubt
    result: str
    channels: tuple[Change, ...]
    others: tuple[Change, ...]

    @property
    def matters(self) -> bool:
        """Whether the result or a message beside it would be another."""
        return bool(self.result or self.channels)


class EffectTeller:
    """Tells what single items of one assessment would change."""

    def __init__(self, assessment: Assessment) -> None:
        self.it = assessment
        self.names = Names(assessment.knowledge)
        self.indicators = assessment.knowledge.vocabulary.indicators

    @cached_property
    def effects(self) -> dict[Observation, list[Effect]]:
        """What each item would change, left out and at each other value; nothing where it changes nothing."""
        now, order, found = results_told(self.it), heads(self.it), dict[Observation, list[Effect]]()
        for doubt, then, moved in outcomes(self.it):
            changed = changes(self.it, then, [head for head in order if head in moved])
            result = results_told(then) if any(kind == "result" for kind, _ in moved) else now
            channels = tuple(change for change in changed if change.kind == "channel")
            others = tuple(change for change in changed if change.kind != "channel")
            if changed or result != now:
                effect = Effect(doubt, result if result != now else "", channels, others)
                found.setdefault(doubt.observation, []).append(effect)
        return found

    def item(self, item: Observation, effects: Sequence[Effect], text: str = "") -> Line:
        """One item with its source and place, and what would then be otherwise."""
        told = words.observed(item, self.indicators[item.indicator])
        return Line("item", told, text=text or self.sentences(item, effects), place=item.place, id=item.indicator,
                    quoted=(f"{item.kind}; {words.cited(item)}",))

    def sentences(self, item: Observation, effects: Iterable[Effect]) -> str:
        """What it would make of the result and the messages beside it, one sentence for each way it could come out."""
        ways: dict[str, list[Doubt]] = {}
        for effect in effects:
            ways.setdefault(self.outcome(effect), []).append(effect.doubt)
        return " ".join(f"{self.ways(item, doubts)}, {outcome}." for outcome, doubts in ways.items())

    def outcome(self, effect: Effect) -> str:
        """How the result and the messages beside it would then stand."""
        result = [f"the result would be {effect.result}"] if effect.result else []
        return words.several([*result, *(self.stood(change) for change in effect.channels)])

    def stood(self, change: Change) -> str:
        """How one conclusion would then stand."""
        return f'"{self.names.title(change.kind, change.id)}" would {be(change)}'

    def ways(self, item: Observation, doubts: Sequence[Doubt]) -> str:
        """`Without it, or had it been 22.9 per cent`: the nearest value on each side."""
        indicator, now = self.indicators[item.indicator], item.value or 0.0
        instead = [doubt.instead for doubt in doubts if doubt.instead]
        below = [o for o in instead if (o.value or 0.0) < now][-1:]
        above = [o for o in instead if (o.value or 0.0) > now][:1]
        without = ["without it"] if len(instead) < len(doubts) else []
        if not now and indicator.reading is Reading.OCCURRENCES and above:
            had = [f"had it happened once after all, {words.dated(above[0].about)}"]
        else:
            values = [words.amount(o.value or 0.0, indicator) for o in (*below, *above)]
            had = [f"had it been {' or '.join(values)}"] if values else []
        told = ", or ".join([*without, *had])
        return told[0].upper() + told[1:]

    def brief(self, item: Observation) -> str:
        """An item in a few words."""
        indicator = self.indicators[item.indicator]
        if item.value is None or indicator.reading is Reading.OCCURRENCES:
            return words.observed(item, indicator)
        return f"{indicator.short} ({words.amount(item.value, indicator)}, {item.about.end.year})"


def be(change: Change) -> str:
    """How a conclusion would stand: a signature is found not to be so, another conclusion does not hold."""
    if change.after[0] is State.NOT_FOUND and change.kind != "signature":
        return "not hold"
    return f"be {words.stood(change.kind, *change.after)}"
