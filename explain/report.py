"""The report: one page to take into a meeting, put together from the answers to several questions, and the evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from engine.assess import Assessment
from engine.support import support
from explain import words
from explain.account import Account, Line, Part, Table, heading, walk
from explain.answer import why
from explain.casebook import Entry
from explain.enquire import enquire
from explain.evidence import SHOWN
from explain.fragile import fragile
from explain.levers import levers
from explain.names import Names
from kb.conditions import HELD
from kb.dates import long_date
from kb.dossier import Observation
from kb.model import NOT_RECORDED, State

QUESTIONS = 5
"""So many questions are put in full; the rest by name, as `enquire` has them."""
NOTHING_AGAINST = "Nothing on file by this date speaks against it. That does not mean that nothing could."
MAY_FOLLOW = ("What may follow from this page is a question, a meeting or a closer look, and by itself never a grade "
              "or an intervention. The authority should see it, and answer.")
WAYS = ("smallest", "reading")
"""How single routes run is left to `why`."""
COLUMNS = ("what", "value", "about", "public by", "kind", "source", "page", "the result rests on it")


def report(assessment: Assessment, record: Sequence[Entry] = ()) -> Account:
    """The page for a meeting; `record`: how the same rules did on the outcomes of the shipped cases."""
    chain, firm, asks = why(assessment), fragile(assessment), enquire(assessment)
    turned = levers(assessment, ("result", assessment.result))
    return chain._replace(
        heading=f"{heading(assessment.case)}: for a meeting",
        facts=(*chain.facts, firm.sentence),
        section="Why, in short", chain=tuple(short for line in chain.chain for short in in_short(line)),
        missing=(), held=(), footing=tuple(line._replace(text="", children=tuple(
            told for told in line.children if told.role not in WAYS)) for line in chain.footing),
        parts=(
            Part("What is not known, as questions", _questions(asks)),
            Part("What speaks against it", tuple(counter_evidence(assessment, chain.chain))),
            Part("What would change it, and who can act", turned.chain or _facts(turned.facts)),
            Part("How these rules have done, and what this is not", _facts(base_rate(record, assessment))),
        ),
        table=evidence(assessment))


def in_short(line: Line) -> Iterator[Line]:
    """A conclusion with the conclusions under it, and what it rests on in one sentence each; nothing further down."""
    if line.role not in words.FOUND:
        for child in line.children:
            yield from in_short(child)
        return
    if line.state not in SHOWN or line.shown_above:
        return
    met = dict.fromkeys(f"{test.title} ({test.value})" for test in _tests(line) if test.state in SHOWN and test.value)
    told = (f"rests on: {'; '.join(met)}",) if met else ()
    below = tuple(short for child in line.children if child.role not in ("exception", "assumption")
                  for short in in_short(child))
    yield line._replace(small=(*line.small, *told), quoted=(), children=below, place=None)


def _tests(line: Line) -> Iterator[Line]:
    """The tests under a conclusion that are under no other conclusion."""
    for child in line.children:
        if child.role == "test":
            yield child
        elif child.role not in (*words.FOUND, "exception", "assumption"):
            yield from _tests(child)


def _questions(asks: Account) -> tuple[Line, ...]:
    """The first questions with what would tell; what each answer would mean is left to `enquire`."""
    whole = [line for line in asks.chain if line.children]
    named = [line.title.partition(": ")[0] for line in whole[QUESTIONS:]]
    more = (Line("fold", f"Further questions ({len(named)}), which enquire tells in full: {'; '.join(named)}"),)
    brief = (line._replace(children=tuple(c._replace(children=()) for c in line.children[1:3])) for line in whole)
    return (*(line for _, line in zip(range(QUESTIONS), brief, strict=False)), *(more if named else ()),
            *(_facts(asks.facts) if not whole else ()))


def counter_evidence(assessment: Assessment, chain: Iterable[Line]) -> Iterator[Line]:
    """What was looked for and not found, protective signs, exceptions, disputes, and what the authority answers."""
    names = Names(assessment.knowledge)
    refuted = [Line("group", names.title("signature", s.id)) for s in assessment.knowledge.signatures_in_order
               if assessment.head_state("signature", s.id) is State.NOT_FOUND]
    told = dict.fromkeys(line._replace(children=(), place=None, key="") for top in chain for line in walk(top)
                         if line.role == "exception" or (line.role == "test" and line.state is State.CONTESTED))
    answers = [Line("response", words.remark(answer)) for answer in assessment.case.disagreements
               if answer.known <= assessment.as_at]
    groups = (("Looked for, and found not to be so", refuted), ("Protective signs in date", [*_protective(assessment)]),
              ("Exceptions shown, and tests on which sources disagree", [*told]),
              ("What the authority answers", answers))
    if not any(lines for _, lines in groups):
        yield Line("group", NOTHING_AGAINST)
    yield from (Line("group", title, children=tuple(lines)) for title, lines in groups if lines)


def _protective(assessment: Assessment) -> Iterator[Line]:
    """Every protective sign that the rules name and the evidence shows, with what shows it."""
    vocabulary = assessment.knowledge.vocabulary
    tests = {test for atom, _ in assessment.program.atoms for test in atom.tests}
    for test in sorted((test for test in tests if test.indicator in vocabulary.protective), key=str):
        shown = assessment.looking.verdict(test, 0).for_by
        if shown:
            yield Line("group", vocabulary.protective[test.indicator].title, quoted=tuple(
                f"{words.dated(o.about)}; {words.cited(o)}" for o in shown))


def base_rate(record: Sequence[Entry], assessment: Assessment) -> Iterator[str]:
    """How often these rules put a question on the eve of an outcome, on the cases that are shipped."""
    questions = assessment.knowledge.questions()
    readings = [entry.reading(questions) for entry in record]
    bore_out = sum(entry.outcome.adverse for entry in record)
    if record:
        yield (f"The same rules were asked on the eve of {len(record)} judgements in the shipped cases, with what "
               f"could be known by then. Of the {bore_out} that bore out concern, a question had been put before "
               f"{readings.count('seen before')} and none before {readings.count('missed')}; of the "
               f"{len(record) - bore_out} others, a question had been put before {readings.count('false alarm')}. "
               "The cases were chosen to teach: no rate for any authority can be read from them.")
    yield MAY_FOLLOW


def evidence(assessment: Assessment) -> Table:
    """Every observation that was public by the date, with its dates and source; whether the result rests on it."""
    node = assessment.program.head("result", assessment.result, HELD[0])
    used = {o.sort_key for o in support(assessment.proofs, assessment.looking, node)} if (
        node is not None) else set()
    held = [o for some in assessment.looking.column.evidence.by_indicator.values() for o in some
            if o.known <= assessment.as_at]
    rows = sorted(held, key=lambda o: (o.sort_key not in used, o.sort_key[0], o.about, repr(o.sort_key)))
    return Table(f"The evidence: {words.count_of(len(held), 'item')} public by {long_date(assessment.as_at)}", COLUMNS,
                 tuple(_row(o, assessment, used) for o in rows))


def _row(o: Observation, assessment: Assessment, used: Collection[tuple[object, ...]]) -> tuple[str, ...]:
    indicator = assessment.knowledge.vocabulary.indicators[o.indicator]
    area = f" ({words.several([word for _, word in o.of])})" if o.of else ""
    value = words.summed([o], indicator)
    page = "not recorded" if o.citation.page == NOT_RECORDED else o.citation.page
    source = words.named(o.citation.source)
    return (indicator.short + area, value, str(o.about), long_date(o.known), str(o.kind), source, page,
            "yes" if o.sort_key in used else "no")


def _facts(facts: Iterable[str]) -> tuple[Line, ...]:
    return tuple(Line("group", fact) for fact in facts)
