"""The answers of `assess` and `why` as accounts: heading, result, coverage, chain, what is not known, limits."""

from __future__ import annotations

from engine.assess import Assessment
from engine.program import Atom
from explain import words
from explain.account import Account, Line
from explain.nearest import Waiting, waiting
from explain.why import Teller
from kb.conditions import LADDERS
from kb.dates import long_date
from kb.model import State

NEAREST = 5


def why(assessment: Assessment, target: tuple[str, str] | None = None) -> Account:
    """The chain behind the overall result, or behind one signature or conclusion, given as (kind, id)."""
    teller = Teller(assessment)
    kind, id = target or ("result", assessment.result)
    chain = [teller.head(kind, id)]
    if target is None:
        chain += [teller.head("result", other) for other in assessment.contested_results]
        chain += [teller.head("channel", channel) for channel in assessment.channels]
        chain += partial_chains(assessment, teller)
    return _account(assessment, tuple(chain), nearest(assessment, teller) if target is None else ())


def overview(assessment: Assessment) -> Account:
    """The result, then every signature and conclusion with its state, without the evidence below."""
    teller = Teller(assessment)
    conclusions = sorted(assessment.knowledge.conclusions().values(),
                         key=lambda c: (tuple(LADDERS).index(c.kind), c.order, c.id))
    lines = [_bare(assessment, teller, c.kind, c.id) for c in conclusions if c.kind not in ("signature", "result")]
    signatures = sorted(assessment.knowledge.vocabulary.signatures.values(), key=lambda s: s.order)
    lines = [_bare(assessment, teller, "signature", s.id) for s in signatures] + lines
    account = _account(assessment, tuple(lines), nearest(assessment, teller))
    return account._replace(section="Signatures and conclusions")


def partial_chains(assessment: Assessment, teller: Teller) -> list[Line]:
    """Below watch: the mechanisms that hold anyway, and the rules that would have held but for an exception."""
    if assessment.result in assessment.knowledge.results()[:2]:
        return []
    return [teller.head(kind, id) for kind, id in sorted(assessment.knowledge.conclusions())
            if kind == "mechanism" and (assessment.level(kind, id) or defeated(assessment, kind, id))]


def defeated(assessment: Assessment, kind: str, id: str) -> bool:
    """Whether some rule for it would have held but for an exception."""
    for rule in (r for r in assessment.knowledge.in_force if (r.head.kind, r.head.id) == (kind, id)):
        for node in assessment.program.nodes:
            if node.origin is rule and node.context.within is None and node.context.plus is None:
                body, *exceptions = (assessment.state(a) for a in node.args)
                if body is State.PRESENT and State.PRESENT in exceptions:
                    return True
    return False


def nearest(assessment: Assessment, teller: Teller) -> tuple[Line, ...]:
    """The rules that wait for the fewest unknown answers, each with the answers it waits for."""
    return tuple(_waits(assessment, teller, w) for w in waiting(assessment)[:NEAREST])


def _waits(assessment: Assessment, teller: Teller, found: Waiting) -> Line:
    asks = [_ask(assessment, atom) for atom in found.missing]
    return Line("waiting", teller.title(found.rule.head.kind, found.rule.head.id), State.NOT_KNOWN,
                text=f"would follow if {words.count_of(len(asks), 'answer')} turned out so",
                children=tuple(Line("asks", ask, State.NOT_KNOWN) for ask in asks), place=found.rule.place)


def _ask(assessment: Assessment, atom: Atom) -> str:
    """What would have to be known, and whether it is only newer evidence that is wanted."""
    (test,) = atom.tests
    indicator = assessment.knowledge.vocabulary.indicators[test.indicator]
    older = assessment.looking.verdict(test, atom.context.shift).for_by
    recent = f"; evidence of the last {atom.context.within} months, where there is only older" if older else ""
    earlier = f"; as it stood {atom.context.shift} months earlier" if atom.context.shift else ""
    return f"{indicator.title} ({words.asked(test, indicator)}{earlier}{recent})"


def _bare(assessment: Assessment, teller: Teller, kind: str, id: str) -> Line:
    state, text = assessment.head_state(kind, id), ""
    if kind == "signature":
        text = teller.partial(id) if id in assessment.knowledge.signs else "No rule speaks of it yet."
    return Line(kind, teller.title(kind, id), state, assessment.level(kind, id) or "", text)


def _account(assessment: Assessment, chain: tuple[Line, ...], missing: tuple[Line, ...]) -> Account:
    result = assessment.knowledge.conclusions()[("result", assessment.result)]
    case = assessment.case
    return Account(
        heading=f"{case.authority}{' (an invented authority)' if case.invented else ''}",
        subheading=f"as at {long_date(assessment.as_at)}: only what was public by then, and still in date, counts",
        answer=result.title,
        sentence=result.because.replace("{authority}", case.authority),
        facts=_facts(assessment),
        chain=chain,
        missing=missing,
        notes=_notes(assessment),
        closing=(*words.LIMITS, *assessment.knowledge.vocabulary.attributions),
    )


def _facts(assessment: Assessment) -> tuple[str, ...]:
    total = len(assessment.knowledge.vocabulary.signatures)
    judged = assessment.judged
    named = f" ({', '.join(judged)})" if judged else ""
    ran = {"rete": "durable-rules, confirmed by the bit-plane evaluator",
           "bits": "the bit-plane evaluator alone"}[assessment.engine]
    ran += f" ({assessment.engine_note.rstrip('.')})" if assessment.engine_note else ""
    contested = [f"In one reading of disputed evidence the result would be: "
                 f"{assessment.knowledge.conclusions()[('result', id)].title}."
                 for id in assessment.contested_results]
    return (f"{len(judged)} of the {total} signatures could be judged on the evidence held{named}.",
            *contested, f"Worked out by {ran}.")


def _notes(assessment: Assessment) -> tuple[Line, ...]:
    """Facts that fit no indicator, as far as they were public by then: shown, counted nowhere."""
    return tuple(
        Line("note", note.text, small=(f"{note.when}; source: {words.named(note.citation.source)}; "
                                       f"public by {long_date(note.known)}",), place=note.place)
        for note in assessment.case.notes if note.known <= assessment.as_at)
