"""The questions of the command line, asked of a dossier that is served: the same functions, so the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from engine.assess import Asked, Assessment
from engine.rete import EngineError
from explain.account import Account
from explain.answer import overview, why
from explain.asking import Held, Unasked, something_known, supposed, supposition, target_of
from explain.compare import Pair, compare
from explain.enquire import enquire
from explain.fragile import fragile
from explain.grid import Grid, columns_of, of_days, of_pair
from explain.levers import levers
from explain.render import compared, missed, overtime, picture
from explain.render import supposed as supposed_picture
from explain.render.drawing import Drawing
from explain.render.prov import everything, prov
from explain.report import report
from explain.timeline import HINDSIGHT, follow, timeline
from explain.trace import trace
from explain.whatif import what_if
from explain.whynot import why_not
from web.report import travelling
from web.server.files import Dossier
from web.server.shelf import Snapshot

NOTHING_SUPPOSED = "nothing is supposed yet: say what is to be otherwise, or take something away"


class Question(NamedTuple):
    """A question as somebody puts it: every part is what was written, and nothing of it names a file."""

    as_at: date | None = None
    conclusion: str = ""
    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    every: bool = False
    ways: bool = False
    hindsight: tuple[str, ...] = ()
    other: str = ""
    other_as_at: date | None = None


class Answer(NamedTuple):
    """An answer in words; where there are such, how to draw it, its tables, its provenance for other programs, and it
    as a page that travels.
    """

    account: Account
    draw: Callable[[], Drawing] | None = None
    grids: Callable[[], Sequence[Grid]] | None = None
    prov: Callable[[], str] | None = None
    page: Callable[[], bytes] | None = None


Ask = Callable[[Snapshot, Dossier, Question], Answer]


class Kind(NamedTuple):
    """One sort of question: its name, what it is called on a page, what it tells, and how it is answered.

    `takes`: what may be said beside the date.
    """

    name: str
    title: str
    tells: str
    ask: Ask
    takes: tuple[str, ...] = ()


def answered(snapshot: Snapshot, dossier: Dossier, name: str, question: Question) -> Answer:
    """The answer to a question. Raises Unasked where it cannot be asked, KeyError where there is none of that name."""
    with _answers():
        return KINDS[name].ask(snapshot, dossier, question)


@contextmanager
def _answers() -> Iterator[None]:
    try:
        yield
    except EngineError as wrong:
        raise Unasked(f"durable-rules cannot answer: {wrong}") from wrong


def day_of(dossier: Dossier, as_at: date | None) -> date:
    """The date asked for, or the last on which something became public. Raises Unasked."""
    case = dossier.case
    when = as_at or case.latest_known
    if when is None:
        raise Unasked(f"{dossier.id} holds no observations, so a date is needed")
    something_known(case, when, case.observations)
    return when


def assessment(snapshot: Snapshot, dossier: Dossier, question: Question) -> Assessment:
    """The dossier assessed on the date asked for."""
    return snapshot.assessor.assess(dossier.case, day_of(dossier, question.as_at))


def _target(snapshot: Snapshot, word: str) -> tuple[str, str] | None:
    return target_of(word, snapshot.knowledge, "choose one of the list") if word else None


def _assess(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    found = assessment(snapshot, dossier, question)
    return Answer(overview(found), prov=lambda: prov(found, everything(found)))


def _why(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    found = assessment(snapshot, dossier, question)
    account = why(found, _target(snapshot, question.conclusion))
    return Answer(account, lambda: picture.picture(account, found),
                  prov=lambda: prov(found, [(line.role, line.id) for line in account.chain]))


def _why_not(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    target = _target(snapshot, question.conclusion)
    if target is None:
        raise Unasked("say which signature or conclusion is meant: choose one of the list")
    found = assessment(snapshot, dossier, question)
    account = why_not(found, target)
    return Answer(account, lambda: missed.picture(account, found, target))


def _what_if(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    if not question.set and not question.unset:
        raise Unasked(NOTHING_SUPPOSED)
    held = Held(dossier.case, day_of(dossier, question.as_at), list(dossier.case.observations))
    told = supposition(held, question.set, question.unset, snapshot.knowledge)
    before, after, what = supposed(held, told, snapshot.assessor)
    account = what_if(before, after, what)
    return Answer(account, lambda: supposed_picture.picture(account, before, after, what))


def _levers(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    found = assessment(snapshot, dossier, question)
    return Answer(levers(found, _target(snapshot, question.conclusion) or ("result", found.result)))


def _timeline(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    day = day_of(dossier, question.as_at)
    asked = tuple(HINDSIGHT) if "both" in question.hindsight else question.hindsight or ("all",)
    followed = follow(snapshot.assessor, dossier.case, day, asked)
    account = timeline(followed)
    return Answer(account, lambda: overtime.picture(account, followed),
                  lambda: of_days(followed, columns_of(followed)))


def _compare(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    other = snapshot.dossiers.get(question.other) if question.other else dossier
    if other is None:
        raise Unasked(f"no case is called {question.other!r} here; choose one of the list")
    if other is dossier and (question.as_at is None or question.other_as_at is None):
        raise Unasked("one case is compared at two dates: say both; or choose another case")
    later = question.other_as_at or question.as_at
    sides = [Asked(one.case, day_of(one, day)) for one, day in ((dossier, question.as_at), (other, later))]
    left, right = snapshot.assessor.assess_all(sides)
    account, pair = compare(left, right), Pair(left, right)
    return Answer(account, lambda: compared.picture(account, pair), lambda: (of_pair(pair),))


def _report(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    found = assessment(snapshot, dossier, question)
    account = report(found, snapshot.record)
    return Answer(account, page=lambda: travelling(found, account, snapshot.assessor))


def _enquire(snapshot: Snapshot, dossier: Dossier, question: Question) -> Answer:
    return Answer(enquire(assessment(snapshot, dossier, question), question.every, question.ways))


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (
    Kind("assess", "Result", "the result, what could be judged, and every signature and conclusion", _assess),
    Kind("why", "Why", "the chain of evidence behind the result, or behind one conclusion", _why, ("conclusion",)),
    Kind("why-not", "Why not", "why a conclusion does not hold, and how far it is from holding", _why_not,
         ("conclusion",)),
    Kind("what-if", "What if", "what would follow if something were so, or were not: a supposition, not evidence",
         _what_if, ("set", "unset")),
    Kind("levers", "What would turn it", "the smallest changes that would clear or raise a conclusion, and who can act",
         _levers, ("conclusion",)),
    Kind("enquire", "What to ask", "what is not known, as questions, and what each answer would mean", _enquire,
         ("every", "ways")),
    Kind("fragile", "How firm it is", "which one item, document or step over a threshold would change the result",
         lambda s, d, q: Answer(fragile(assessment(s, d, q)))),
    Kind("timeline", "Over time", "since when each conclusion stands as it does, and what tipped it", _timeline,
         ("hindsight",)),
    Kind("compare", "Compare", "where two cases, or one at two dates, first part in the same rules", _compare,
         ("other", "other_as_at")),
    Kind("trace", "Step by step", "forward chaining: each rule that fires, and the working memory",
         lambda s, d, q: Answer(trace(assessment(s, d, q)))),
    Kind("report", "For a meeting", "one page: why, what is not known, what speaks against it, and the evidence",
         _report),
)}
"""Every question that can be asked of a dossier, in the order in which they are offered."""
