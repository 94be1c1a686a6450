"""A question as people put it: on which day, about what, supposing what; or, in one line, why it cannot be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kb.dossier import Case, Observation
from kb.knowledge import Knowledge

if TYPE_CHECKING:
    from engine.assess import Assessment, Assessor
    from explain.whatif import Supposed
    from kb.suppositions import Supposition


class Unasked(Exception):
    """A question that cannot be asked; each argument is a line that says why."""


class Held(NamedTuple):
    """A case on a day, with everything read beside it, and the observations of a case to add."""

    case: Case
    as_at: date
    held: Sequence[Observation]
    added: Sequence[Observation] = ()


def target_of(word: str, knowledge: Knowledge, otherwise: str) -> tuple[str, str]:
    """The signature or conclusion that a word names; `otherwise`: what to do where nothing is near. Raises Unasked."""
    from kb.problems import did_you_mean

    known = {id: kind for kind, id in knowledge.conclusions()}
    known |= dict.fromkeys(knowledge.vocabulary.signatures, "signature")
    if word not in known:
        raise Unasked(f"no signature or conclusion is called {word!r}; {did_you_mean(word, known) or otherwise}")
    return known[word], word


def something_known(case: Case, when: date, observations: Sequence[Observation]) -> None:
    """Raises Unasked with the first date on which something was known where the date asked for lies before it."""
    first = min((o.known for o in observations), default=when)
    if first > when:
        raise Unasked(f"nothing on {case.authority} was public by {when}: ask for {first} or later")


def supposition(asked: Held, sets: Sequence[str], unsets: Sequence[str], knowledge: Knowledge) -> Supposition:
    """What is supposed. Raises Unasked with a line for everything that is wrong with it."""
    from kb.suppositions import read_supposition

    found, problems = read_supposition(sets, unsets, knowledge, asked.as_at)
    if problems:
        raise Unasked(*(f"{p.message}{f' ({p.hint})' if p.hint else ''}" for p in problems))
    known = {o.indicator for o in (*asked.held, *asked.added) if o.known <= asked.as_at}
    nothing = [id for id in found.without if id not in known]
    if nothing:
        raise Unasked(f"nothing is known of {nothing[0]} in {asked.case.authority} as at {asked.as_at}, so there is "
                      "nothing to take away")
    return found


def supposed(asked: Held, supposition: Supposition, assessor: Assessor) -> tuple[Assessment, Assessment, Supposed]:
    """The case as it is and as supposed, and what was supposed, as far as it was public by the date."""
    from engine.assess import Asked
    from engine.supposing import before_and_after
    from explain.whatif import Supposed
    from kb.suppositions import suppose

    with_added = list(dict.fromkeys((*asked.held, *asked.added)))
    after, gone = suppose(with_added, supposition, assessor.knowledge.vocabulary)
    held = set(asked.held)
    told = Supposed(supposition.given, [o for o in after if o not in held],
                    [o for o in gone if o in held and o.known <= asked.as_at])
    before, then = before_and_after(assessor, Asked(asked.case, asked.as_at, asked.held), after, supposition.given)
    return before, then, told
