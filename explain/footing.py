"""How conclusions rest on their evidence, as lines of an account: routes, what is needed, what is not, both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.assess import Assessment
from explain import routewords, words
from explain.account import Line
from explain.restson import Ground, Rests, Ways, rests
from explain.why import Teller
from kb.conditions import HELD, Test
from kb.dossier import Observation
from kb.model import State

WANTED, TOLD = 10, 6
"""The smallest routes that are told, and how many things one of them names before the rest are counted."""
OUTCOMES = (State.NOT_KNOWN, State.NOT_FOUND, State.CONTESTED, State.PRESENT)


def footing(assessment: Assessment, teller: Teller, heads: Iterable[tuple[str, str]]) -> tuple[Line, ...]:
    """For each of some signatures and conclusions that is present or contested, how it rests on the evidence."""
    standing = {head: node for head in heads if (node := assessment.standing_at(*head)) is not None}
    telling = _Footing(assessment, teller)
    return tuple(telling.told(*head, found) for head, found in zip(
        standing, rests(assessment, list(standing.values()), WANTED), strict=True))


class _Footing:
    def __init__(self, assessment: Assessment, teller: Teller) -> None:
        self.it, self.teller = assessment, teller
        self.indicators = assessment.knowledge.vocabulary.indicators

    def told(self, kind: str, id: str, found: Rests) -> Line:
        """One conclusion: its routes, then what it needs and what it does not."""
        level = self.it.level(kind, id) or ""
        level = "" if level in HELD else level
        children = (*self.grounds(found, self.it.head_state(kind, id), level), *self.ways(found),
                    *self.exceptions(found), *(self.disputed(*pair) for pair in found.disputed))
        routes = [ways.routes for ways in found.ways]
        number = f"{routes[0]}" if len(routes) == 1 else ""
        title = self.teller.names.title(kind, id) + (f" ({level})" if level else "")
        return Line("footing", f"{title}: {routewords.ways(routes)}", value=number, id=id,
                    text=self.explained(max(routes)), children=children)

    def explained(self, routes: int) -> str:
        """What a route is: said once, where there are several."""
        new = routes > 1 and routewords.A_ROUTE not in self.teller.evidence.noted
        self.teller.evidence.noted.add(routewords.A_ROUTE)
        return routewords.A_ROUTE if new else ""

    def grounds(self, found: Rests, state: State, level: str) -> Iterator[Line]:
        """What it rests on, by whether it could be missing."""
        for role, lead, some in (
                ("necessary", routewords.without_these(len(found.necessary), state, level), found.necessary),
                ("replaced", routewords.replaced(len(found.replaced)), found.replaced),
                ("alternative", routewords.could_be_missing(len(found.alternative)), found.alternative),
                ("corroborated", routewords.SIDE_BY_SIDE, found.corroborated)):
            if some:
                yield Line(role, f"{lead}: {'; '.join(map(str, some))}")

    def ways(self, found: Rests) -> Iterator[Line]:
        """The smallest routes; where disputed evidence makes two readings, those of each."""
        if len(found.ways) == 1:
            yield from self.smallest(found.ways[0], found.grounds)
            return
        for lead, ways in zip(routewords.READINGS, found.ways, strict=True):
            yield Line("reading", f"{lead}: {routewords.ways([ways.routes])}", value=f"{ways.routes}",
                       children=tuple(self.smallest(ways, found.grounds)))

    def smallest(self, ways: Ways, grounds: Sequence[Ground]) -> Iterator[Line]:
        """What the smallest routes rest on: first what all of these share, then each by what it has besides."""
        sets = [_within(some, grounds) for some in ways.smallest]
        if not sets:
            return
        number = words.count_of(len(ways.smallest[0]), "observation")
        if len(sets) == 1 and ways.exact:
            yield Line("smallest", routewords.all_on_the_same(ways.routes, number))
            return
        shared = [one for one in grounds if all(one in some for some in sets)]
        text = f"{routewords.EACH_OF_THEM}: {'; '.join(map(str, shared))}" if shared else ""
        besides = [[str(one) for one in some if one not in shared] for some in sets]
        routes = (Line("route", routewords.route(len(held), rest, bool(shared), TOLD))
                  for held, rest in zip(ways.smallest, besides, strict=True))
        yield Line("smallest", routewords.smallest(len(sets), WANTED, ways.exact), text=text, children=tuple(routes))

    def exceptions(self, found: Rests) -> Iterator[Line]:
        """The exceptions that were looked for, folded by how each came out."""
        by_state: dict[State, dict[str, None]] = {}
        for condition, node in found.exceptions:
            by_state.setdefault(self.it.state(node), {})[self.teller.names.name_of(condition)] = None
        told = [routewords.looked_for(state, sorted(by_state[state])) for state in OUTCOMES if state in by_state]
        if told:
            number = sum(len(names) for names in by_state.values())
            yield Line("exceptions", f"{routewords.EXCEPTIONS} ({number}): {'; '.join(told)}")

    def disputed(self, test: Test, shift: int) -> Line:
        """A test on which sources disagree: who says so and who says otherwise, each with source and date."""
        indicator, verdict = self.indicators[test.indicator], self.it.looking.verdict(test, shift)
        asks = words.asked(test, indicator, self.it.knowledge.vocabulary.compared_with, verdict.limit,
                           verdict.for_by[0].about.end.year)
        sides = [self.said(lead, o) for lead, some in zip(
            routewords.SIDES, (verdict.for_by, verdict.against_by), strict=True) for o in some]
        earlier = f", {shift} months earlier" if shift else ""
        return Line("disputed", f"{routewords.DISAGREE}: {words.measured(test, indicator)}{earlier}", small=(asks,),
                    children=tuple(sides))

    def said(self, lead: str, observation: Observation) -> Line:
        """What one source says, and on which side, without the note of the case file."""
        line = self.teller.evidence.observation(observation, f"{lead}: ")
        return line._replace(quoted=tuple(text for text in line.quoted if text != observation.note))


def _within(held: Sequence[Observation], grounds: Sequence[Ground]) -> list[Ground]:
    """What a set of observations shows."""
    return [one for one in grounds if set(one.observations) <= set(held)]
