"""How conclusions rest on their evidence, as lines of an account: routes, what is needed, what is not, both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.assess import Assessment
from engine.program import Proposition
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
    """How each of some signatures and conclusions rests on the evidence, as far as it is present or contested.

    Where it is present, and contested at a level above, both levels are told.
    """
    nodes = [node for head in heads for node in assessment.standing_at(*head)]
    telling = _Footing(assessment, teller)
    return tuple(telling.told(node, found) for node, found in zip(nodes, rests(assessment, nodes, WANTED), strict=True))


class _Footing:
    def __init__(self, assessment: Assessment, teller: Teller) -> None:
        self.it, self.teller = assessment, teller
        self.indicators = assessment.knowledge.vocabulary.indicators

    def told(self, node: int, found: Rests) -> Line:
        """One conclusion: its routes, then what it needs and what it does not."""
        head, state = self.it.program.nodes[node].origin, self.it.state(node)
        assert isinstance(head, Proposition)
        level = "" if head.level in HELD else head.level
        children = (*self.grounds(found, state, level), *self.ways(found),
                    *self.exceptions(found), *(self.disputed(*pair) for pair in found.disputed))
        routes = [ways.routes for ways in found.ways]
        number = f"{routes[0]}" if len(routes) == 1 else ""
        title = self.teller.names.title(head.kind, head.id) + (f" ({level})" if level else "")
        return Line("footing", f"{title}: {routewords.ways(routes)}", value=number, id=head.id,
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
        earlier = f", {shift} months earlier" if shift else ""
        line = Line("disputed", f"{routewords.DISAGREE}: {words.measured(test, indicator)}{earlier}",
                    key=f"disputed {test} {shift}")
        if line.key in self.teller.told:
            return line._replace(shown_above=True)
        self.teller.told.add(line.key)
        asks = words.asked(test, indicator, self.it.knowledge.vocabulary.compared_with, verdict.limit,
                           verdict.for_by[0].about.end.year)
        sides = [self.said(lead, o) for lead, some in zip(
            routewords.SIDES, (verdict.for_by, verdict.against_by), strict=True) for o in some]
        return line._replace(small=(asks,), children=tuple(sides))

    def said(self, lead: str, observation: Observation) -> Line:
        """What one source says, and on which side, without the note of the case file."""
        line = self.teller.evidence.observation(observation, f"{lead}: ")
        return line._replace(quoted=tuple(text for text in line.quoted if text != observation.note))


def _within(held: Sequence[Observation], grounds: Sequence[Ground]) -> list[Ground]:
    """What a set of observations shows."""
    return [one for one in grounds if set(one.observations) <= set(held)]
