"""The demonstration for trainers: a case as it stands, then with one of its signs taken away at a time."""

from __future__ import annotations

from collections.abc import Iterator

from engine.assess import Assessment, Assessor
from explain import words
from explain.account import Line
from explain.answer import why
from explain.render.text import render
from explain.why import Teller
from kb.dossier import Case
from kb.model import State


def demonstration(assessor: Assessor, case: Case) -> str:
    """The whole explanation of a case, then what is left when each signature that is present is taken away."""
    as_at = case.latest_known
    if as_at is None:
        return "The case holds no observations.\n"
    whole = assessor.assess(case, as_at)
    heading = (f"Each sign by itself may mean little. Take any one away from {case.authority}, "
               "and see what is left:\n")
    return "\n".join([render(why(whole)), heading, *_without_each(assessor, whole)])


def _without_each(assessor: Assessor, whole: Assessment) -> Iterator[str]:
    """One paragraph a signature: what was taken away, which mechanisms still hold, and the result."""
    teller = Teller(whole)
    for signs in whole.knowledge.signs_in_order:
        if whole.head_state("signature", signs.signature) is State.PRESENT:
            indicators = {sign.test.test.indicator for sign in signs.all}
            kept = [o for o in whole.case.observations if o.indicator not in indicators]
            without = assessor.assess(whole.case, whole.as_at, kept)
            result = whole.knowledge.conclusions()[("result", without.result)].title
            title = teller.names.title("signature", signs.signature)
            yield f"- without {title}:\n    {_mechanisms(whole, without, teller)}\n    Result: {result}\n"


def _mechanisms(whole: Assessment, without: Assessment, teller: Teller) -> str:
    """How each mechanism that held stands now."""
    held = [id for kind, id in whole.knowledge.conclusions() if kind == "mechanism" and whole.level(kind, id)]
    lines = [Line("mechanism", teller.names.title("mechanism", id), without.head_state("mechanism", id),
                  without.level("mechanism", id) or "") for id in held]
    return "; ".join(f"{line.title}: {words.standing(line)}" for line in lines)
