"""Puzzles in words: the question, what is on file for it, the choices, and the explanation as the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.assess import Asked, Assessment, Assessor
from engine.puzzles import KIND, STOPPED, Answer, Head, Puzzle, at_their_strongest, to_predict
from engine.supposing import before_and_after
from explain import words
from explain.account import Line
from explain.answer import nearest
from explain.evidence import SHOWN
from explain.names import Names
from explain.sentences import Sentence, as_concluded, sentence
from explain.trace import memory, trace
from explain.whatif import Supposed, results_told, what_if
from explain.why import Teller
from explain.whynot import MissTeller
from kb.conditions import HELD, HeadIs, ProtectiveIs, Rule, TestIs, conditions_of
from kb.dossier import Observation
from kb.model import State
from kb.ruletests import PROTECTIVE, Standing

NOTHING_NEW = "Nothing new has become public that meets a test."
SETS_SHOWN, DEEP, WAITING = 6, 3, 2
"""So many right sets are told; explanations go so deep; so many rules that wait are told under a result."""


class Choice(NamedTuple):
    """One thing that may be answered, by its id or by its words."""

    id: str
    title: str


class Told(NamedTuple):
    """A puzzle in words. `several`: more than one thing may be named; `answer` with `because` is the explanation."""

    asks: str
    given: tuple[Line, ...]
    choices: tuple[Choice, ...]
    right: tuple[Answer, ...]
    answer: str
    because: tuple[Line, ...]
    several: bool = False


class Ground(NamedTuple):
    """What a puzzle is asked of: an assessment, the evidence it rests on, and what of that is shown as new."""

    it: Assessment
    held: tuple[Observation, ...]
    new: tuple[Observation, ...] = ()


def told(puzzle: Puzzle, ground: Ground) -> Told:
    """The puzzle in words."""
    return WORDING[puzzle.kind](_Wording(puzzle, ground))


class _Wording:
    """What the words of one puzzle are made from."""

    def __init__(self, puzzle: Puzzle, ground: Ground) -> None:
        self.puzzle, (self.it, self.held, self.new) = puzzle, ground
        self.names, self.teller = Names(self.it.knowledge), Teller(self.it)
        self.vocabulary = self.it.knowledge.vocabulary
        self.title = self.names.title(*puzzle.about)
        level = puzzle.level
        self.at_level = "" if level in ("", *HELD) else f" ({level})"

    def tell(self, asks: str, answer: str, because: Sequence[Line], given: Sequence[Line] = (),
             choose: Callable[[str], str] = str, several: bool = False) -> Told:
        """The puzzle with its choices in words."""
        choices = tuple(Choice(id, choose(id)) for id in self.puzzle.choices)
        return Told(asks, tuple(given), choices, self.puzzle.right, answer, tuple(because), several)

    def on_file(self, observations: Sequence[Observation], nothing: str = "Nothing is on file.") -> list[Line]:
        """Each observation that was public, in words, with its source."""
        known = (o for o in sorted(observations, key=lambda o: (o.known, o.sort_key)) if o.known <= self.it.as_at)
        return [Line("given", words.observed(o, self.vocabulary.indicators[o.indicator]), quoted=(words.cited(o),))
                for o in known] or [Line("given", nothing)]

    def of(self, indicators: set[str]) -> list[Line]:
        """What is on file of some indicators."""
        return self.on_file([o for o in self.held if o.indicator in indicators])

    def head(self, kind: str, id: str) -> Line:
        """How a signature or conclusion stands, in one line."""
        return Line(kind, self.names.title(kind, id), self.it.head_state(kind, id), self.it.level(kind, id) or "",
                    id=id)

    def present(self, *kinds: str) -> list[Line]:
        """What is present or contested, of some kinds."""
        heads = [(KIND, s.id) for s in self.it.knowledge.signatures_in_order]
        heads += sorted((kind, id) for kind, id in self.it.knowledge.conclusions() if kind != KIND)
        return [self.head(*head) for head in heads if head[0] in kinds and self.it.head_state(*head) in SHOWN]

    def rules(self) -> list[Rule]:
        """The rules in force that give what the puzzle is about."""
        return [rule for rule in self.it.knowledge.in_force
                if (rule.head.kind, rule.head.id) == self.puzzle.about and rule.head.found]

    def asked_of(self) -> list[Line]:
        """What is on file of everything that these rules look at, and how what they rest on stands."""
        asked = [c for rule in self.rules() for c in conditions_of(rule)]
        tests = {c.test.indicator for c in asked if isinstance(c, TestIs | ProtectiveIs)}
        heads = dict.fromkeys((c.kind, c.id) for c in asked if isinstance(c, HeadIs))
        held = [o for o in self.held if o.indicator in tests and o.known <= self.it.as_at]
        return [*(self.head(*head) for head in heads if head != self.puzzle.about),
                *(self.on_file(held) if held or not heads else ())]

    def asked_by_rules(self) -> list[Line]:
        """What the rules ask for that give a mechanism or picture at this level, in words."""
        rules = [rule for rule in self.rules() if rule.head.level == self.puzzle.level and rule.head.kind != "result"]
        return [Line("group", f"Rule {rule.id} asks for", place=rule.place,
                     children=(_in_words(sentence(rule.when, self.names)),)) for rule in rules]

    def reasons(self) -> tuple[Line, ...]:
        """Why what the puzzle is about holds, or does not."""
        return reasons(self.it, self.puzzle.about)

    def supposed(self, given: Sequence[Standing]) -> tuple[Line, ...]:
        """What would appear or change, were something supposed."""
        alone = Assessor(self.it.knowledge, "bits", self.it.program)
        pair = before_and_after(alone, Asked(self.it.case, self.it.as_at, self.held), self.held, given)
        said, gone = {one.id for one in given}, what_if(*pair, Supposed(given)).chain[1:]
        told = (group._replace(children=tuple(one for one in group.children if one.id not in said)) for group in gone)
        result = Line("group", f"The overall result: {results_told(pair[1])}")
        return (*(group for group in told if group.children), result)

    def were_it_shown(self, title: str, given: Sequence[Standing]) -> Line:
        """The same under what is supposed."""
        return Line("group", f"Were it shown: {title}", children=self.supposed(given))

    def signature(self, id: str) -> str:
        """The code and words of a signature."""
        return self.names.title(KIND, id)

    def signatures(self, some: Sequence[str]) -> str:
        """Several signatures in the middle of a sentence."""
        return words.several([self.signature(id) for id in some])

    def protective(self, id: str) -> str:
        """The words of a protective sign."""
        return self.vocabulary.protective[id].title


def _in_words(told: Sentence) -> Line:
    return Line("group", told.text, children=tuple(map(_in_words, told.parts)))


def reasons(it: Assessment, head: Head) -> tuple[Line, ...]:
    """Why a signature or conclusion holds, or why it does not, as deep as an answer to a puzzle goes."""
    if head[0] == KIND or it.head_state(*head) in SHOWN:
        return (shallow(Teller(it).head(*head)),)
    return tuple(shallow(line) for line in MissTeller(it).misses(*head)[:1])


def shallow(line: Line, depth: int = DEEP) -> Line:
    """A line without what lies deeper below it."""
    return line._replace(children=tuple(shallow(inner, depth - 1) for inner in line.children) if depth else ())


def _result(w: _Wording) -> Told:
    titles = {id: c.title for (kind, id), c in w.it.knowledge.conclusions().items() if kind == "result"}
    waits = nearest(w.it, w.teller)[:WAITING]
    because = [*w.present("mechanism", "picture"),
               *([Line("group", "What waits for the fewest answers", children=waits)] if waits else ())]
    said = w.it.knowledge.conclusions()["result", w.it.result].because
    return w.tell("What is the overall result?", f"{titles[w.it.result]}. "
                  f"{said.replace('{authority}', w.it.case.authority)}", because,
                  w.on_file(w.new, NOTHING_NEW), titles.__getitem__)


def _state(w: _Wording) -> Told:
    kind, _ = w.puzzle.about
    said = words.OF_A_CONCLUSION if kind != KIND else words.STATE_WORDS
    given = w.of(_signs(w)) if kind == KIND else w.asked_of()
    line = w.head(*w.puzzle.about)
    return w.tell(f"How does it stand: {w.title}?", _begun(f"{words.standing(line)}."), w.reasons(), given,
                  lambda one: said[State(one)])


def _signs(w: _Wording) -> set[str]:
    """The indicators by which a signature shows."""
    signs = w.it.knowledge.signs.get(w.puzzle.about[1])
    return {sign.test.test.indicator for sign in signs.all} if signs else set()


def _alarm(w: _Wording) -> Told:
    said = {**{str(state): told for state, told in words.OF_A_CONCLUSION.items()},
            str(State.PRESENT): "it holds",
            str(State.NOT_FOUND): "it does not hold: something that it needs was looked for, and is not so",
            STOPPED: "it does not hold: an exception stops it"}
    ((found,),) = w.puzzle.right
    return w.tell(f"On this evidence, does it hold: {w.title}?", _begun(f"{said[found]}."), w.reasons(),
                  w.asked_of(), said.__getitem__)


def _defeater(w: _Wording) -> Told:
    return w.tell(f"Every condition of a rule for this is met, and it does not hold: {w.title}. Which sign stops it?",
                  _any_one([w.protective(id) for (id,) in w.puzzle.right]), w.reasons(), choose=w.protective)


def _protects(w: _Wording) -> Told:
    right = [(w.protective(id), Standing(PROTECTIVE, id, State.PRESENT, HELD[0])) for (id,) in w.puzzle.right]
    asks = f"It holds: {w.title}{w.at_level}. Which one of these signs, were it shown, would end that?"
    return w.tell(asks, f"{_any_one([told for told, _ in right])} The other signs here would not change it.",
                  [w.were_it_shown(told, [given]) for told, given in right], choose=w.protective)


def _missing(w: _Wording) -> Told:
    asks = f'Which one signature, were it shown at its strongest, would give "{w.title}"{w.at_level}?'
    supposed = [w.were_it_shown(w.signatures(some), at_their_strongest(some)) for some in w.puzzle.right]
    return w.tell(asks, _any_one([w.signatures(some) for some in w.puzzle.right]), [*supposed, *w.asked_by_rules()],
                  w.present(KIND), w.signature)


def _smallest(w: _Wording) -> Told:
    sets, size = w.puzzle.right, len(w.puzzle.right[0])
    told = words.first_of([w.signatures(some) for some in sets], SETS_SHOWN)
    every = "" if len(sets) == 1 else f"Any one of these {len(sets)} sets: "
    tried = "Every smaller set was tried: none does it." if size > 1 else "One alone is enough."
    asks = f'Which smallest set of signatures, were they shown at their strongest, would give "{w.title}"{w.at_level}?'
    shown = w.were_it_shown(w.signatures(sets[0]), at_their_strongest(sets[0]))
    return w.tell(asks, f"{every}{told}. {tried}", [shown, *w.asked_by_rules()], w.present(KIND), w.signature,
                  several=True)


def _any_one(told: Sequence[str]) -> str:
    """What is right, as a sentence: of several, any one will do."""
    return f"{_begun(told[0])}." if len(told) == 1 else f"Any one of these: {'; '.join(told)}."


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _acts(w: _Wording) -> Told:
    categories = w.vocabulary.categories
    own = [categories[id] for (id,) in w.puzzle.right]
    because = [Line("group", f"{c.id} {c.label}", text=f"Who can act: {c.who_can_act}.") for c in own]
    return w.tell(f"Who can act on it: {w.title}?", _begun(f"{words.several([c.who_can_act for c in own])}."), because,
                  choose=lambda one: f"{categories[one].who_can_act} ({one})")


def _next(w: _Wording) -> Told:
    rules = {rule.id: rule for rule in w.it.knowledge.in_force}
    taken = to_predict(w.it)[:w.puzzle.taken]
    ((id,),) = w.puzzle.right
    lines = [line for line in trace(w.it).chain if line.role == "step" and line.id == id]
    because = [line._replace(title=f"Rule {id} fires", small=()) for line in lines]
    held = tuple(Line("given", told) for told in memory(taken, w.names.title))
    given = Line("group", "Graded and concluded so far" if held else "Nothing is concluded so far", children=held)
    choices = fire_as([rules[id] for id in w.puzzle.choices], w.names)
    return w.tell("What fires next?", f"{rules[id].title}.", because, [given], choices.__getitem__)


def fire_as(rules: Sequence[Rule], names: Names) -> dict[str, str]:
    """By its id each rule in words: its title, what it concludes, and its id only where another would read the same."""
    told = {rule.id: f"{rule.title} ({_concludes(rule, names)})" for rule in rules}
    alike = Counter(told.values())
    return {id: text if alike[text] == 1 else f"{text}, rule {id}" for id, text in told.items()}


def _concludes(rule: Rule, names: Names) -> str:
    """What a rule concludes, beside its own title: what is concluded by that title is not named again."""
    kind, title = words.FOUND[rule.head.kind], names.title(rule.head.kind, rule.head.id)
    return as_concluded(rule.head, kind if title == rule.title else f'{kind} "{title}"')


WORDING: dict[str, Callable[[_Wording], Told]] = {
    "result": _result, "state": _state, "alarm": _alarm, "defeater": _defeater, "protects": _protects,
    "missing": _missing, "smallest": _smallest, "acts": _acts, "next": _next,
}
