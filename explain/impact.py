"""The answer of `impact`: what an edit of the rules changes, over cases and days, a table, and all combinations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from engine.meaning.same import Meant
from explain import words
from explain.account import Account, Line, Part, closing
from explain.editwords import edit_in_words, place_of
from explain.found import condition_in_words, evidence
from explain.moves import FURTHER, GAINED, KNOWN, LEVEL, LOST, NEARER, REASON, RESULT, WHOLE, Move
from explain.names import Names
from explain.nation import Nation, authorities_word, named, screen
from explain.timeline import stands
from kb.conditions import LADDERS
from kb.dates import long_date
from kb.edits import Edits
from kb.model import State

TITLES = {
    RESULT: "Overall results that differ", GAINED: "Gained: present or contested only by the new rules",
    LOST: "Lost: present or contested only by the old rules", LEVEL: "Shown by both, at another level or state",
    REASON: "The same, for another reason", NEARER: "Nearer: one condition short of holding only by the new rules",
    FURTHER: "Further: one condition short of holding only by the old rules",
    KNOWN: "Shown by neither, and known otherwise",
}
COUNTED = {RESULT: "with another overall result", GAINED: "gained", LOST: "lost", LEVEL: "at another level or state",
           REASON: "the same for another reason", NEARER: "nearer", FURTHER: "further", KNOWN: "known otherwise"}
SENTENCE = ("This is what two versions of the rules make of the same evidence; it says nothing of which is right, and "
            "the cases are examples, no sample.")
UNPROVED = "Whether the versions mean the same was not settled"
Told = Callable[[Sequence[Move]], tuple[Line, ...]]
"""How the cases are told of which one thing moves."""
MANY = 6
"""So many observations or authorities are named in one line; more are counted."""


class Impact(NamedTuple):
    """Everything that was found of two versions: `before` names the old one; `days`: how many were looked at."""

    old: Names
    new: Names
    before: str
    edits: Edits
    meant: Meant
    moved: tuple[Move, ...]
    cases: int
    days: int
    nation: Nation | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing at all comes out otherwise."""
        return self.meant.same is True and not self.edits.reading and not self.moved

    @property
    def moves(self) -> bool:
        """Whether anything comes out otherwise in a case or in the table."""
        return bool(self.moved) or (self.nation is not None and bool(self.nation.moved))


def impact(found: Impact) -> Account:
    """What was edited, what each edit moves, and the smallest combination on which the versions differ."""
    teller = Teller(found)
    which = "A" if found.meant.why else "The smallest"
    parts = [Part(f"{which} combination on which they differ", tuple(teller.combination()))]
    parts += teller.parts(found.moved, teller.by_case)
    nation = found.nation
    if nation is not None:
        lead = f"Authorities of the table, as at {long_date(nation.as_at)}"
        parts += [part._replace(title=f"{lead}. {part.title}") for part in teller.parts(nation.moved, teller.together)]
        parts += [Part(title, tuple(Line("fold", told) for told in lines)) for title, lines in screen(nation)]
    edited = tuple(teller.edited()) or (Line("edit", "Nothing that decides anything was edited"),)
    return Account(
        heading="What the edit of the rules would change",
        subheading=f"the rules as they stand, against {found.before}", answer=_answer(found), sentence=SENTENCE,
        facts=tuple(_facts(found)), chain=edited, missing=(), notes=(),
        closing=closing(found.new.kb.vocabulary), section="What was edited", parts=tuple(parts), case="impact",
        result={True: "same", False: "different", None: "not settled"}[found.meant.same])


def _answer(found: Impact) -> str:
    """Whether the versions mean the same, and in how many cases something moves."""
    told = {True: "the versions mean the same", False: "the versions differ", None: UNPROVED.lower()}[found.meant.same]
    if found.meant.same and found.edits.reading:
        told = "the rules ask the same of the evidence, which is read in another way"
    cases = len({move.case.id for move in found.moved})
    moving = f"something moves in {cases} of {words.count_of(found.cases, 'case')}" if cases else "no case moves"
    return f"{told}; {moving}" if found.cases else told


def _facts(found: Impact) -> Iterator[str]:
    yield _proved(found)
    if found.edits.reading:
        yield f"Evidence is read in another way: {words.several(found.edits.reading)}."
    if found.cases:
        counted = counts(found.moved)
        told = f"Of the cases: {counted}." if counted else "In the cases nothing moves."
        looked = f"{words.count_of(found.cases, 'case')} on {found.days:,} days"
        yield f"{told} Looked at: {looked} on which anything in them may change."
    if found.nation is not None:
        held = f"{authorities_word(len(found.nation.authorities))} in the table, as at {long_date(found.nation.as_at)}"
        yield (f"Of {held}: {counts(found.nation.moved) or 'nothing moves'}.")
    if found.edits.reworded:
        yield f"Only other words: {words.first_of(found.edits.reworded, MANY)}."


def _proved(found: Impact) -> str:
    meant = found.meant
    if meant.same is None:
        return f"{UNPROVED}: {meant.why}."
    if meant.same:
        return ("Over all combinations of what tests may say, no signature, conclusion or overall result comes out "
                "otherwise (proved).")
    assert meant.head is not None
    of = found.new.title(*meant.head) if meant.head != WHOLE else "the overall result"
    if meant.why:
        return f"They differ, in {of} by the example shown; whether a smaller one exists was not settled: {meant.why}."
    return f"Over all combinations of what tests may say, they differ; the smallest difference is of {of} (proved)."


def counts(moved: Iterable[Move]) -> str:
    """How many things move in each way, each once for a case."""
    kinds: dict[str, set[tuple[object, str]]] = {}
    for move in moved:
        kinds.setdefault(move.what, set()).add((move.head, move.case.id))
    return ", ".join(f"{len(kinds[what])} {told}" for what, told in COUNTED.items() if what in kinds)


class Teller:
    """Tells edits and moves as lines."""

    def __init__(self, found: Impact) -> None:
        self.found, self.names = found, found.new
        self.numbers = {id: [i for i, edit in enumerate(found.edits.edits, 1) if id in edit.rules]
                        for id in found.edits.rules}
        named = sorted({(move.case.id, move.case.authority) for move in found.moved})
        authorities = [authority for _, authority in named]
        self.called = {id: f"{name} ({id})" if authorities.count(name) > 1 else name for id, name in named}

    def edited(self) -> Iterator[Line]:
        """Every edit, by its number, with its place."""
        for i, edit in enumerate(self.found.edits.edits, 1):
            told = edit_in_words(edit, self.found.old, self.names)
            place = place_of(edit, self.found.before)
            yield Line("edit", f"Edit {i}. {told[:1].upper()}{told[1:]}", place=place, id=edit.id)

    def combination(self) -> Iterator[Line]:
        """The smallest combination on which the versions differ, and how they do."""
        meant = self.found.meant
        if meant.head is None:
            return
        indicators = self.names.kb.vocabulary.indicators
        told = [*evidence(meant.shown, self.names)] or ["no evidence at all"]
        told += [f"{words.measured(test, indicators[test.indicator])}: its evidence ends more than {months} months ago"
                 for test, months in meant.older]
        name = "the overall result" if meant.head == WHOLE else self.names.title(*meant.head)
        was, now = (self._at(meant.head[0], side) for side in (meant.was, meant.now))
        yield Line("moved", f"{name[:1].upper()}{name[1:]}: {was} by the old rules; {now} by the new", id=meant.head[1],
                   children=tuple(Line("fold", text) for text in told))

    def _at(self, kind: str, marks: Sequence[str]) -> str:
        """How a conclusion stands in one reading: its highest level, or that it is found not to be so."""
        ladder = LADDERS.get(kind, ())
        if not marks or marks[0].removeprefix("-").split()[0] not in ladder:
            return self.names.title("result", marks[0]) if marks else "not known"
        present = [mark for mark in marks if not mark.startswith("-")]
        against = [mark[1:] for mark in marks if mark.startswith("-")]
        if present:
            return words.stood(kind, State.PRESENT, present[-1].split()[0])
        told = words.stood(kind, State.NOT_FOUND, "")
        return told if len(against) == len(ladder) else f"{told} at {against[0]} or above"

    def parts(self, moved: Sequence[Move], told: Told) -> list[Part]:
        """A part for each way in which something moves."""
        return [Part(title, tuple(self.line(some, told) for some in groups)) for title, groups in self.grouped(moved)]

    def grouped(self, moved: Sequence[Move]) -> Iterator[tuple[str, list[list[Move]]]]:
        """For each way of moving its title, with a count, and what moves in the same way for the same edits together.
        """
        for what, title in TITLES.items():
            some = [move for move in moved if move.what == what]
            together: dict[object, list[Move]] = {}
            for move in some:
                stood = move.reason.wanting if what in (NEARER, FURTHER) else (move.before, move.after)
                together.setdefault((move.head, stood, self._edits(move), move.reason.rule), []).append(move)
            if some:
                yield f"{title} ({len({(move.head, move.case.id) for move in some})})", list(together.values())

    def line(self, moved: Sequence[Move], told: Told) -> Line:
        """What moves in the same way for the same edits, with the cases below it."""
        first = moved[0]
        return Line("moved", self.title(first), first.after.state, first.after.level, self._text(first),
                    self._because(first), told(moved), id=first.head[1], category=self.names.category(*first.head))

    def title(self, move: Move) -> str:
        """What moves, and what it is."""
        if move.head == WHOLE:
            return "Overall result"
        return f"{self.names.title(*move.head)} ({words.FOUND[move.head[0]]})"

    def _text(self, move: Move) -> str:
        was, now = (stands(move.head, side, self.names) for side in (move.before, move.after))
        if move.what in (NEARER, FURTHER):
            rule = move.reason.rule
            lacking = "; or ".join(condition_in_words(c, self.names) for c in move.reason.wanting)
            side = "new" if move.what == NEARER else "old"
            return f"by the {side} rules, {rule} needs one thing more: {lacking}"
        return was if was == now else f"{was} by the old rules; {now} by the new"

    def _because(self, move: Move) -> tuple[str, ...]:
        """The edits by which it moves, with their places."""
        numbers, edits = self._edits(move), self.found.edits.edits
        told = (f"edit {i} ({place.file}:{place.line})" for i in numbers
                for place in [place_of(edits[i - 1], self.found.before)])
        return (f"by {words.several(list(told))}",) if numbers else ()

    def _edits(self, move: Move) -> tuple[int, ...]:
        """The numbers of the edits by which it moves."""
        return tuple(sorted({i for rule in move.rules for i in self.numbers[rule]}))

    def by_case(self, moved: Sequence[Move]) -> tuple[Line, ...]:
        """The cases, each with its periods, and what it rests on otherwise."""
        return tuple(Line("fold", f"{self.called[id]}: {'; '.join(map(period, some))}", small=self._rests(some[0]))
                     for id, group in groupby(moved, key=lambda move: move.case.id) for some in [list(group)])

    def together(self, moved: Sequence[Move]) -> tuple[Line, ...]:
        """The authorities, in the order of their names."""
        return (Line("fold", named(moved, 2 * MANY)),)

    def _rests(self, move: Move) -> tuple[str, ...]:
        """Of the same for another reason: the observations that no longer carry it, and those that now do."""
        indicators = self.names.kb.vocabulary.indicators
        sides = (("no longer", move.reason.gone), ("now", move.reason.come))
        return tuple(f"{lead}: " + words.first_of([words.observed(o, indicators[o.indicator]) for o in some], MANY)
                     for lead, some in sides if some)


def period(move: Move) -> str:
    """When it moves: from a day to another, or on."""
    if move.last is None:
        return f"from {long_date(move.first)} on"
    if move.last == move.first:
        return f"on {long_date(move.first)}"
    return f"from {long_date(move.first)} to {long_date(move.last)}"
