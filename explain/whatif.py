"""What if: what appears, goes, changes or stays for another reason, were something supposed to be so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.support import support
from explain import changewords, words
from explain.account import Account, Line, closing, heading
from explain.changewords import APPEARS, CHANGES, GOES, OTHERWISE
from explain.evidence import SHOWN, rule_of
from explain.names import Names
from kb.conditions import LADDERS
from kb.dates import long_date
from kb.dossier import Observation
from kb.model import State
from kb.ruletests import PROTECTIVE, Standing

NOT_EVIDENCE = ("This is a supposition and not evidence: it says what the rules would make of it, and nothing of what "
                "is so.")
NOTHING = "Nothing that was supposed was public by then"
SUPPOSED, STILL = "Supposed", "still"
WHAT_APPEARS, WHAT_GOES = f"What {APPEARS}", f"What {GOES}"
WHAT_CHANGES, WHAT_STAYS = f"What {CHANGES} its level or state", f"What {OTHERWISE}"
ADDED, TAKEN_AWAY, NO_LONGER, NOW = "added", "taken away", "no longer", "now"
HELD_BY, THEN_HELD_BY = "held by", "then holds by"
THE_SAME = "the same as it is and as supposed"
NO_CHANGE = "No signature and no conclusion changes its state or level."
JUDGED_AS_SUPPOSED, JUDGED_AS_IT_IS = "Could be judged only as supposed", "Could be judged only as it is"
Head = tuple[str, str]
Stood = tuple[State, str]


class Supposed(NamedTuple):
    """What was supposed: how signatures and conclusions stand, observations that come, and those that go."""

    given: Sequence[Standing] = ()
    added: Sequence[Observation] = ()
    gone: Sequence[Observation] = ()


class Change(NamedTuple):
    """One signature or conclusion whose state or level differs, as it is and as supposed."""

    kind: str
    id: str
    before: Stood
    after: Stood

    @property
    def appears(self) -> bool:
        """Whether it is present or contested only as supposed."""
        return self.before[0] not in SHOWN and self.after[0] in SHOWN

    @property
    def goes(self) -> bool:
        """Whether it is present or contested only as it is."""
        return self.before[0] in SHOWN and self.after[0] not in SHOWN


def changes(before: Assessment, after: Assessment, among: Sequence[Head] | None = None) -> tuple[Change, ...]:
    """Every signature and conclusion (of some, where they are given) whose state or level differs; no overall result.
    """
    looked_at = heads(before) if among is None else among
    found = (Change(kind, id, _stood(before, kind, id), _stood(after, kind, id)) for kind, id in looked_at)
    return tuple(change for change in found if change.before != change.after)


def heads(assessment: Assessment) -> list[Head]:
    """Signatures and conclusions that some rule gives, in the order in which they are told; no overall result."""
    kinds = tuple(LADDERS)
    signatures = assessment.knowledge.vocabulary.signatures
    found = {("signature", id): (s.order, id) for id, s in signatures.items() if id in assessment.knowledge.signs}
    found |= {(kind, id): (c.order, id) for (kind, id), c in assessment.knowledge.conclusions().items()
              if kind not in ("signature", "result")}
    return sorted(found, key=lambda head: (kinds.index(head[0]), found[head]))


def as_it_is_and_supposed(change: Change) -> str:
    """How a conclusion stands as it is, and as supposed."""
    return changewords.then(*(words.stood(change.kind, *stood) for stood in (change.before, change.after)))


def _stood(assessment: Assessment, kind: str, id: str) -> Stood:
    return assessment.head_state(kind, id), assessment.level(kind, id) or ""


def what_if(before: Assessment, after: Assessment, supposed: Supposed) -> Account:
    """The results before and after, what was supposed, and every conclusion that it changes or holds up otherwise."""
    teller = _Differences(before, after, supposed)
    found = changes(before, after)
    groups = (
        (SUPPOSED, tuple(teller.supposed())),
        (WHAT_APPEARS, tuple(teller.change(c) for c in found if c.appears)),
        (WHAT_GOES, tuple(teller.change(c) for c in found if c.goes)),
        (WHAT_CHANGES, tuple(teller.change(c) for c in found if not c.appears and not c.goes)),
        (WHAT_STAYS, tuple(teller.stays())),
    )
    lines = tuple(Line("group", title, children=told) for title, told in groups if told) or (Line("group", NOTHING),)
    results = [results_told(one) for one in (before, after)]
    same = THE_SAME if results[0] == results[1] else ""
    answer = f"{results[0]} ({same})" if same else changewords.then(*results)
    case = before.case
    return Account(
        heading=f"{heading(case)}: what if",
        subheading=f"as at {long_date(before.as_at)}: only what was public by then, and still in date, counts",
        answer=answer, sentence=NOT_EVIDENCE, facts=tuple(_facts(before, after, found)), chain=lines, missing=(),
        notes=(), closing=closing(before.knowledge.vocabulary), section="What it would change",
        case=case.id, authority_code=case.authority_code, as_at=before.as_at.isoformat(), result=before.result)


def results_told(assessment: Assessment) -> str:
    """The overall result, with what disputed evidence would make of it."""
    conclusions = assessment.knowledge.conclusions()
    first, *others = [conclusions["result", id].title for id in (assessment.result, *assessment.contested_results)]
    return f"{first} ({changewords.in_one_reading(others)})" if others else first


def _facts(before: Assessment, after: Assessment, found: Sequence[Change]) -> Iterator[str]:
    if not found:
        yield NO_CHANGE
    judged = [words.several(sorted(set(a.judged) - set(b.judged))) for a, b in ((after, before), (before, after))]
    if judged[0]:
        yield f"{JUDGED_AS_SUPPOSED}: {judged[0]}."
    if judged[1]:
        yield f"{JUDGED_AS_IT_IS}: {judged[1]}."
    yield words.worked_out(after.engine, after.engine_note)


class _Differences:
    """Tells how one assessment differs from another."""

    def __init__(self, before: Assessment, after: Assessment, supposed: Supposed) -> None:
        self.before, self.after, self.what = before, after, supposed
        self.names = Names(before.knowledge)
        self.indicators = before.knowledge.vocabulary.indicators
        self.given = {(given.kind, given.id) for given in supposed.given}

    def supposed(self) -> Iterator[Line]:
        """What is supposed, and what gives way to it."""
        for given in self.what.given:
            title = (self.names.kb.vocabulary.protective[given.id].title if given.kind == PROTECTIVE
                     else self.names.title(given.kind, given.id))
            yield Line("supposed", f"{title}: {words.stood(given.kind, given.state, given.level)}", id=given.id)
        for lead, observations in ((ADDED, self.what.added), (TAKEN_AWAY, self.what.gone)):
            yield from (self.observation(lead, o) for o in sorted(observations, key=lambda o: o.sort_key))

    def observation(self, lead: str, o: Observation) -> Line:
        """One observation with its source and place; a supposed one has neither."""
        told = f"{lead}: {words.observed(o, self.indicators[o.indicator])}"
        quoted = (f"{o.kind}; {words.cited(o)}",) if o.place.file else ()
        return Line("supposed", told, quoted=quoted, place=o.place if o.place.file else None)

    def change(self, change: Change) -> Line:
        """One conclusion: how it stands as it is and as supposed, and the rules that then hold."""
        line = self.line(change.kind, change.id, as_it_is_and_supposed(change))
        if (change.kind, change.id) in self.given:
            return line._replace(small=("supposed, whatever the evidence says",))
        lead, at = (HELD_BY, self.before) if change.goes else (THEN_HELD_BY, self.after)
        return line._replace(small=tuple(f"{lead}: {told}" for told in _rules(at, change.kind, change.id)))

    def line(self, kind: str, id: str, text: str) -> Line:
        """A conclusion as it stands when supposed."""
        state, level = _stood(self.after, kind, id)
        return Line(kind, self.names.title(kind, id), state, level, text, id=id,
                    category=self.names.category(kind, id))

    def stays(self) -> Iterator[Line]:
        """What is present at one level before and after, and rests on other observations."""
        for kind, id in restood(self.before, self.after):
            yield self.line(kind, id, "")._replace(children=self.moved(kind, id))

    def moved(self, kind: str, id: str) -> tuple[Line, ...]:
        """The observations that it no longer rests on, and those that it rests on instead or besides."""
        old, new = (_under(one, kind, id) for one in (self.before, self.after))
        lines = [self.observation(NO_LONGER, o)._replace(quoted=()) for o in old if o not in new]
        lines += [self.observation(NOW, o)._replace(quoted=()) for o in new if o not in old]
        still = len([o for o in new if o in old])
        rest = [Line("supposed", f"{STILL}: {words.count_of(still, 'observation')}")] if still else []
        return (*lines, *rest)


def restood(before: Assessment, after: Assessment) -> tuple[Head, ...]:
    """What is present at one level before and after, and no longer rests on the same observations."""
    stays = (head for head in heads(before) if _stood(before, *head)[0] is State.PRESENT
             and _stood(before, *head) == _stood(after, *head))
    return tuple(head for head in stays if set(_under(before, *head)) != set(_under(after, *head)))


def _under(assessment: Assessment, kind: str, id: str) -> list[Observation]:
    """The observations on which a conclusion has its level."""
    node = assessment.program.head(kind, id, assessment.level(kind, id) or "")
    return [] if node is None else support(assessment.proofs, assessment.looking, node)


def _rules(assessment: Assessment, kind: str, id: str) -> list[str]:
    """The rules by which a conclusion has its level, with their places; of a signature, what its grading says."""
    nodes = [assessment.program.head(kind, id, level) for level in LADDERS[kind]]
    args = dict.fromkeys(a for node in nodes if node is not None for a in assessment.program.nodes[node].args)
    holding = [rule_of(assessment, a) for a in args if assessment.state(a) in SHOWN]
    level = assessment.level(kind, id)
    holding = [rule for rule in holding if rule.head.found and level in (None, rule.head.level)]
    if kind == "signature":
        return [told for told in dict.fromkeys(rule.because for rule in holding) if told]
    return [f"{rule.title} ({rule.place.file}:{rule.place.line})" for rule in holding]
