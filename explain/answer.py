"""The answers of `assess` and `why` as accounts: heading, result, coverage, chain, what is not known, limits."""

from __future__ import annotations

from collections.abc import Iterator

from engine.assess import Assessment
from engine.evidence import as_revised, in_date
from engine.program import Atom
from explain import words
from explain.account import Account, Line, closing, heading
from explain.cautions import beside_result
from explain.evidence import SHOWN
from explain.footing import footing
from explain.nearest import Waiting, waiting
from explain.why import Teller
from kb.conditions import LADDERS, Rule, Test
from kb.dates import long_date
from kb.model import Reading, State

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
    account = _with_files(frame(assessment, tuple(chain), nearest(assessment, teller, target)), assessment, teller)
    facts = tuple(fact for fact in (rests_on(account.chain), *account.facts) if fact)
    about = [target] if target else _putting_questions(assessment)
    return account._replace(facts=facts, footing=footing(assessment, teller, about))


def _putting_questions(assessment: Assessment) -> list[tuple[str, str]]:
    """The result, and those of other readings, as far as they put a question; and what is to be passed on."""
    results = [("result", id) for id in (assessment.result, *assessment.contested_results)
               if id in assessment.knowledge.questions()]
    return results + [("channel", id) for id in assessment.channels]


def overview(assessment: Assessment) -> Account:
    """The result, then every signature and conclusion with its state, without the evidence below."""
    teller = Teller(assessment)
    conclusions = sorted(assessment.knowledge.conclusions().values(),
                         key=lambda c: (tuple(LADDERS).index(c.kind), c.order, c.id))
    lines = [_bare(assessment, teller, c.kind, c.id) for c in conclusions if c.kind in ("mechanism", "picture")]
    lines += [_bare(assessment, teller, "channel", id) for id in assessment.channels]
    lines = [_bare(assessment, teller, "signature", s.id) for s in assessment.knowledge.signatures_in_order] + lines
    account = frame(assessment, tuple(lines), nearest(assessment, teller), "Signatures and conclusions")
    return _with_files(account, assessment, teller)


def partial_chains(assessment: Assessment, teller: Teller) -> list[Line]:
    """Where no result puts a question: what mechanisms hold anyway, and what would have but for an exception."""
    if assessment.result in assessment.knowledge.questions():
        return []
    return [teller.head(kind, id) for kind, id in sorted(assessment.knowledge.conclusions())
            if kind == "mechanism" and (assessment.head_state(kind, id) in SHOWN or defeated(assessment, kind, id))]


def defeated(assessment: Assessment, kind: str, id: str) -> bool:
    """Whether some rule for it would have held but for an exception."""
    for rule in (r for r in assessment.knowledge.in_force if (r.head.kind, r.head.id) == (kind, id)):
        node = assessment.program.nodes[assessment.program.rules[rule.id]]
        body, *exceptions = (assessment.state(arg) for arg in node.args)
        if body is State.PRESENT and State.PRESENT in exceptions:
            return True
    return False


def nearest(assessment: Assessment, teller: Teller, target: tuple[str, str] | None = None) -> tuple[Line, ...]:
    """The rules (of the target, if there is one) that wait for the fewest unknown answers, with those answers."""
    found = waiting(assessment, tuple(LADDERS)) if target else waiting(assessment)
    known = assessment.knowledge.vocabulary.indicators
    wanted = [w for w in found if target in (None, (w.rule.head.kind, w.rule.head.id)) and not any(
        known[test.indicator].context for atom in w.missing for test in atom.tests)]  # context is no answer to look for
    return tuple(_waits(assessment, teller, w) for w in wanted[:NEAREST])


def _waits(assessment: Assessment, teller: Teller, found: Waiting) -> Line:
    tests = {atom.tests[0]: [a for a in found.missing if a.tests == atom.tests] for atom in found.missing}
    asks = [_ask(assessment, test, atoms) for test, atoms in tests.items()]
    return Line("waiting", teller.names.title(found.rule.head.kind, found.rule.head.id), State.NOT_KNOWN,
                text=f"{words.count_of(len(asks), 'answer')} away; it would hold if this were also so:",
                children=tuple(Line("asks", ask, State.NOT_KNOWN) for ask in asks), place=found.rule.place)


def _ask(assessment: Assessment, test: Test, atoms: list[Atom]) -> str:
    """What would have to be known: now, earlier, or only more recently than what is held."""
    indicator = assessment.knowledge.vocabulary.indicators[test.indicator]
    shifts = sorted({atom.context.shift for atom in atoms})
    periods = sorted({atom.context.within for atom in atoms if atom.context.within is not None})
    older = bool(assessment.looking.verdict(test, shifts[0]).for_by)
    recent = f"; what is held is older than {periods[0]} months" if older and periods else ""
    when = {0: "now"} | {shift: f"{shift} months earlier" for shift in shifts if shift}
    earlier = f"; {words.several([when[shift] for shift in shifts])}" if shifts != [0] else ""
    asks = words.asked(test, indicator, assessment.knowledge.vocabulary.compared_with)
    return f"{indicator.title} ({asks}{earlier}{recent})"


def _bare(assessment: Assessment, teller: Teller, kind: str, id: str) -> Line:
    state, text = assessment.head_state(kind, id), ""
    if kind == "signature":
        text = teller.signatures.partial(id) if id in assessment.knowledge.signs else "No rule speaks of it yet."
    return Line(kind, teller.names.title(kind, id), state, assessment.level(kind, id) or "", text, id=id,
                category=teller.names.category(kind, id))


def held_uncounted(assessment: Assessment, teller: Teller) -> tuple[Line, ...]:
    """What is on file and known by the date, and yet decides nothing; each with the reason."""
    found: dict[str, Line] = {}
    for signs in assessment.knowledge.signs_in_order:
        for sign in signs.all:
            indicator = assessment.knowledge.vocabulary.indicators[sign.test.test.indicator]
            verdict = assessment.looking.verdict(sign.test.test, 0)
            if verdict.looked_at and verdict.gap is not None:
                found.setdefault(indicator.id, Line("uncounted", words.measured(sign.test.test, indicator),
                                                    text=teller.evidence.gap(verdict, indicator)))
    return (*found.values(), *_context(assessment))


def _context(assessment: Assessment) -> Iterator[Line]:
    """What is held and in date of indicators that are context and that no rule in force asks about."""
    asked = {test.indicator for atom, _ in assessment.program.atoms for test in atom.tests}
    for id, indicator in sorted(assessment.knowledge.vocabulary.indicators.items()):
        current = [o for o in assessment.looking.column.evidence.by_indicator.get(id, ())
                   if o.known <= assessment.as_at and in_date(o, indicator, assessment.as_at)]
        current = list(as_revised(current)) if indicator.reading is Reading.LATEST else current
        if indicator.context and id not in asked and current:
            yield Line("uncounted", indicator.short, text=f"context, and not a sign: {indicator.context}",
                       quoted=tuple(f"{words.observed(o, indicator)}; {words.cited(o)}" for o in current))


def _supporting(line: Line) -> Iterator[Line]:
    """The lines that make a conclusion hold: not its exceptions, and nothing below what is not so."""
    if line.role not in ("exception", "assumption"):
        yield line
        for child in line.children:
            yield from _supporting(child)


def rests_on(chain: tuple[Line, ...]) -> str:
    """The evidence under the first conclusion told, in one sentence: each test that is met, with its value."""
    if chain[0].state is not State.PRESENT:
        return ""
    tests = {line.about: line for line in _supporting(chain[0])
             if line.role == "test" and line.state in SHOWN and line.value}
    told = list(dict.fromkeys(f"{line.title} ({line.value})" for line in tests.values()))
    return f"It rests on: {'; '.join(told)}." if told else ""


def frame(assessment: Assessment, chain: tuple[Line, ...], missing: tuple[Line, ...], section: str = "Why") -> Account:
    """An account of one case at one date: its heading, result, facts, the authority's answer and limits of use."""
    result, case = _rule_of(assessment, assessment.result), assessment.case
    return Account(
        heading=heading(case),
        subheading=f"as at {long_date(assessment.as_at)}: only what was public by then, and still in date, counts",
        answer=result.title,
        sentence=result.because.replace("{authority}", case.authority),
        facts=_facts(assessment), chain=chain, missing=missing, notes=(), section=section,
        responses=_responses(assessment), closing=closing(assessment.knowledge.vocabulary),
        case=case.id, authority_code=case.authority_code, as_at=assessment.as_at.isoformat(), result=assessment.result,
    )


def _with_files(account: Account, assessment: Assessment, teller: Teller) -> Account:
    """The same, with what is on file and decides nothing."""
    return account._replace(notes=_notes(assessment), held=held_uncounted(assessment, teller))


def _rule_of(assessment: Assessment, result: str) -> Rule:
    """The rule that gives the result; the first of those that hold."""
    rules = [r for r in assessment.knowledge.in_force if (r.head.kind, r.head.id) == ("result", result)]
    holding = (rule for rule in rules if assessment.state(assessment.program.rules[rule.id]) is State.PRESENT)
    return next(holding, rules[0])


def _facts(assessment: Assessment) -> tuple[str, ...]:
    total = len(assessment.knowledge.vocabulary.signatures)
    judged = assessment.judged
    states = {s: assessment.head_state("signature", s) for s in judged}
    groups = [(words.STATE_WORDS[state], [s for s in judged if states[s] is state]) for state in State]
    named = "; ".join(f"{told}: {', '.join(ids)}" for told, ids in groups if ids)
    contested = [f"In one reading of disputed evidence the result would be: "
                 f"{assessment.knowledge.conclusions()[('result', id)].title}."
                 for id in assessment.contested_results]
    coverage = f"{len(judged)} of the {total} signatures could be judged on the evidence held"
    judged_told = f"{coverage} ({named})." if named else f"{coverage}."
    return (*beside_result(assessment), judged_told, *contested,
            words.worked_out(assessment.engine, assessment.engine_note))


def _responses(assessment: Assessment) -> tuple[Line, ...]:
    """What the authority itself answers to the case as a whole, as far as it was known by then."""
    return tuple(
        Line("response", answer.text, quoted=(
            (f"source: {words.named(answer.citation.source)}; " if answer.citation else "")
            + f"public by {long_date(answer.known)}",), place=answer.place)
        for answer in assessment.case.responses if answer.known <= assessment.as_at)


def _notes(assessment: Assessment) -> tuple[Line, ...]:
    """Facts that fit no indicator, as far as they were public by then: shown, counted nowhere."""
    return tuple(
        Line("note", note.text, quoted=(f"{note.when}; source: {words.named(note.citation.source)}; "
                                       f"public by {long_date(note.known)}",), place=note.place)
        for note in assessment.case.notes if note.known <= assessment.as_at)
