"""Lines of enquiry: what is not known, as questions, ordered by how many open results their answers would settle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.settling import Head, Settling
from engine.unknowns import Question
from engine.ways import Ways, ways
from explain import words
from explain.account import Account, Line, closing, heading
from explain.answers import AnswerTeller, told_order
from explain.names import Names
from kb.dates import long_date
from kb.model import State

SHOWN = 10
MANY = 10**9
"""A larger number of ways is not told exactly."""
NOTHING_OPEN = "No result is open: each is present or found not to be so, and no stronger overall result can follow."
QUESTIONS = ("These are questions to put, and no finding. What is said of an answer is what the rules would make of it "
             "if nothing else changed.")
ONE_WAY_EACH = ("Every way counts once, whatever it is: this is no measure of how likely a result is. An answer is "
                "found by asking.")
FURTHER = ("by itself", "with one further answer", "with two further answers")


class Reach(NamedTuple):
    """What one question could settle: `heads` by how many answers that takes, its own among them."""

    question: Question
    heads: tuple[tuple[Head, ...], ...]
    order: tuple[object, ...]


def reaches(settling: Settling) -> list[Reach]:
    """Every question with what it could settle: most by itself first, then with one more answer, then with two more.

    Questions that could settle as much are in the seed's order, then by their ids.
    """
    best: list[dict[Head, int]] = [{} for _ in settling.questions]
    for head in told_order(settling.it, settling.heads):
        for some in sorted(settling.settled.get(head, ()), key=len):
            for place in some:
                best[settling.question_of[place]].setdefault(head, len(some))
    return sorted((_reach(settling, question, sizes) for question, sizes in zip(settling.questions, best, strict=True)),
                  key=lambda reach: reach.order)


def _reach(settling: Settling, question: Question, sizes: dict[Head, int]) -> Reach:
    upto = range(1, settling.most + 1)
    vocabulary = settling.it.knowledge.vocabulary
    signature = vocabulary.signatures.get(vocabulary.indicators[question.indicator].signature)
    order = (*(-sum(found <= size for found in sizes.values()) for size in upto),
             signature.order if signature else len(vocabulary.signatures) + 1, question.indicator, question.of)
    return Reach(question, tuple(tuple(head for head, found in sizes.items() if found == size) for size in upto), order)


def enquire(assessment: Assessment, every: bool = False, counted: bool = False) -> Account:
    """The questions, with what to ask for, from whom, and what each answer would mean: the first ten, or `every` one.

    `counted`: in how many of the ways in which the answers could turn out each open result would hold, too.
    """
    settling = Settling(assessment)
    found = reaches(settling)
    teller = _Teller(settling)
    shown, rest = teller.chosen([reach for reach in found if any(reach.heads)], every)
    idle = [reach for reach in found if not any(reach.heads)] if settling.heads else []
    chain = [teller.question(reach, likewise) for reach, likewise in shown]
    chain += [*teller.rest("could settle a result too", rest), *teller.rest("could settle none with up to three", idle)]
    chain += teller.ways() if counted else ()
    case, vocabulary = assessment.case, assessment.knowledge.vocabulary
    result = assessment.knowledge.conclusions()["result", assessment.result].title
    return Account(
        heading=f"{heading(case)}: what to ask",
        subheading=f"as at {long_date(assessment.as_at)}: only what was public by then, and still in date, counts",
        answer=f"{result}; {words.count_of(len(settling.heads), 'result')} open",
        sentence=QUESTIONS if settling.heads else NOTHING_OPEN, facts=tuple(teller.facts(found)), chain=tuple(chain),
        missing=(), notes=(), closing=closing(vocabulary), section="Questions",
        case=case.id, authority_code=case.authority_code, as_at=assessment.as_at.isoformat(), result=assessment.result)


class _Teller:
    """Tells the questions of one assessment."""

    def __init__(self, settling: Settling) -> None:
        self.what, self.it, self.vocabulary = settling, settling.it, settling.it.knowledge.vocabulary
        self.names, self.answers = Names(settling.it.knowledge), AnswerTeller(settling)

    def facts(self, found: Sequence[Reach]) -> Iterator[str]:
        """How much is open, how far was looked, and what no few answers can settle."""
        if not self.what.heads:
            return
        heads = told_order(self.it, self.what.heads)
        kinds = dict.fromkeys(kind for kind, _ in heads)
        told = [words.count_of(sum(kind == own for own, _ in heads), words.FOUND[kind]) for kind in kinds]
        contested = [head for head in heads if self.it.head_state(*head) is State.CONTESTED]
        stronger = ("Of overall results, only those stronger than the present one are asked about." if "result" in kinds
                    else "No stronger overall result can follow.")
        yield f"Open, which means not known or contested: {words.several(told)}. {stronger}"
        if contested:
            yield f"Contested: {self.answers.titles(contested, len(contested))}."
        disputed = sum(reach.question.disputed for reach in found)
        at_odds = f", {disputed} of them because sources disagree" if disputed else ""
        sets = len({some for settled in self.what.settled.values() for some in settled})
        yield (f"{words.count_of(len(found), 'question')} could be answered{at_odds}. Every set of up to three answers "
               f"was looked at: {sets:,} of them would settle an open result, with no answer more than that takes.")
        out = [head for head in heads if not self.what.settled.get(head) and head not in self.what.beyond]
        if out:
            yield f"No set of up to three answers would settle: {self.answers.titles(out, len(out))}."
        if self.what.beyond:
            yield ("Left out, because more sets of answers would settle it than could be told apart: "
                   f"{self.answers.titles(self.what.beyond, len(self.what.beyond))}.")

    def chosen(self, useful: Sequence[Reach], every: bool) -> tuple[list[tuple[Reach, list[Reach]]], list[Reach]]:
        """The questions told in full, each with those that come to the same, and the rest; disputes are always told."""
        alike: dict[object, list[Reach]] = {}
        for reach in useful:
            alone = every or reach.question.disputed
            alike.setdefault(reach.question if alone else (self.signature(reach), reach.heads), []).append(reach)
        told, rest = list[tuple[Reach, list[Reach]]](), list[Reach]()
        for first, *others in alike.values():
            if every or len(told) < SHOWN or first.question.disputed:
                told.append((first, others))
            else:
                rest += [first, *others]
        return told, rest

    def signature(self, reach: Reach) -> str:
        """The signature that a question is about; "" where there is none, and then its own id."""
        indicator = self.vocabulary.indicators[reach.question.indicator]
        return indicator.signature or indicator.id

    def question(self, reach: Reach, likewise: Sequence[Reach]) -> Line:
        """One question in its three parts, with why it is asked and what each answer would mean."""
        asking, question = self.vocabulary.asking, reach.question
        lead = "which of the sources is right? " if question.disputed else ""
        parts = [Line("group", self.why(reach), children=self.answers.example(reach.question, reach.heads)),
                 Line("asks", asking.how, text=self.answers.what_to_ask_for(question),
                      quoted=tuple(self.answers.held(question))),
                 Line("asks", asking.plans, text=f"Put it to {self.whom(reach)}."),
                 Line("group", "What each answer would mean", children=tuple(
                     self.answers.answer(place, question) for place in question.answers))]
        if likewise:
            parts.append(Line("group", "The same results wait for these too", children=tuple(
                Line("asks", self.answers.heading(other.question), text=self.answers.what_to_ask_for(other.question))
                for other in likewise)))
        return Line("question", f"{self.answers.heading(question)}: {lead}{asking.know}", id=question.indicator,
                    category=self.category(question), children=tuple(parts))

    def why(self, reach: Reach) -> str:
        """The results that wait for it, by how many answers it takes."""
        told = [f"{words.count_of(len(heads), 'result')} {further} ({self.answers.titles(heads)})"
                for further, heads in zip(FURTHER, reach.heads, strict=True) if heads]
        return f"Asked because it could settle {words.several(told)}"

    def category(self, question: Question) -> tuple[str, ...]:
        """The category of the signature that it is about, if any."""
        signature = self.vocabulary.signatures.get(self.vocabulary.indicators[question.indicator].signature)
        return (signature.category,) if signature else ()

    def whom(self, reach: Reach) -> str:
        """Who can act on it; where it is about no signature, on the results that wait for it."""
        heads = next(heads for heads in reach.heads if heads)
        categories = self.category(reach.question) or {one for head in heads for one in self.names.category(*head)}
        who = [self.vocabulary.categories[id].who_can_act for id in sorted(categories)]
        return words.several(who) or "those who answer for the whole"

    def rest(self, lead: str, reaches: Sequence[Reach]) -> Iterator[Line]:
        """Questions that are only named, with a count."""
        if reaches:
            told = "; ".join(self.answers.title(reach.question) for reach in reaches)
            yield Line("fold", f"{words.count_of(len(reaches), 'further question')} {lead}", text=f"{told}.")

    def ways(self) -> Iterator[Line]:
        """For each open result, in how many of the ways in which the answers could turn out it would hold."""
        lines = [Line(kind, self.names.title(kind, id), text=_counted(ways(self.what, (kind, id))), id=id)
                 for kind, id in told_order(self.it, self.what.heads)]
        if lines:
            yield Line("group", "Ways in which the open answers could turn out", text=ONE_WAY_EACH,
                       children=tuple(lines))


def _counted(found: Ways) -> str:
    """`Would hold in 96 of the 512 ways in which 9 open answers could turn out, and not in 416.`"""
    if not found.questions:
        return "No open answer bears on it."
    everything = f"{found.total:,}" if found.total < MANY else f"more than {MANY:,}"
    among = (f"{found.looked_at:,} ways (drawn by a fixed scheme from {everything})" if found.drawn
             else f"the {everything} ways")
    answers = words.count_of(found.questions, "open answer")
    told = [f"Would hold in {f'{found.present:,}' if found.present else 'none'} of {among} in which {answers} could "
            "turn out"]
    rest = found.looked_at - found.present - found.not_found
    told += [f"would not hold in {found.not_found:,}"] * bool(found.not_found)
    told += [f"would stay open in {rest:,}"] * bool(rest)
    return f"{'; '.join(told)}."
