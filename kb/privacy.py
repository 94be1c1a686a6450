"""What in a case may tell of one person: names, ages, records, small counts. Noticed by words, never proved."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kb.authorities import by_any_code
from kb.dossier import Case
from kb.entries import listed
from kb.fields import Fields
from kb.files import VOCABULARY
from kb.model import Place, Problem, Vocabulary
from kb.problems import shown
from kb.yamltree import Mapping, Scalar, Sequence, Tree, read_tree

FILE = "privacy.yaml"
WHEN = ("always", "before a capital", "before a letter", "before an age", "after an age", "after a small number")
READ = ("title", "summary", "note", "text", "words", "when", "passage")
"""The keys whose texts people write. Capitals in a row are looked for here alone: titles of documents have them."""
ALSO = ("page", "body", "publisher")
BETWEEN = 2
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*[^\W_]*|[^\W_]+(?:['’][^\W\d_]+)*")


class Finding(NamedTuple):
    """Something that a person should look at: where, of which sort, what it is, and what to do."""

    place: Place
    mark: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.mark}: {self.message} ({self.hint})"


class Mark(NamedTuple):
    """Words that tell of one person, alone or beside something else."""

    mark: str
    when: str
    says: str
    hint: str
    words: tuple[tuple[str, ...], ...]


class Words(NamedTuple):
    """The vocabulary of privacy: its marks, the capitalised words that are no names, and how numbers are told."""

    marks: tuple[Mark, ...]
    hint: str
    numbers: dict[str, int]
    limits: dict[str, int]
    lists: dict[str, frozenset[str]]


class Token(NamedTuple):
    """One word or number of a text, and what stands between it and the one before."""

    text: str
    gap: str

    @property
    def beside(self) -> bool:
        """Whether nothing but a space or a hyphen parts it from the one before."""
        return self.gap in (" ", "-", "\n")

    @property
    def is_capitalised(self) -> bool:
        """A word with a capital first and small letters after, or an initial."""
        return self.text[:1].isupper() and (len(self.text) == 1 or any(letter.islower() for letter in self.text[1:]))


def read_privacy(folder: Path = VOCABULARY) -> tuple[Words, tuple[Problem, ...]]:
    """The words of a vocabulary folder, or the shipped ones where it has none, and every problem of the file."""
    home = folder if (folder / FILE).exists() else VOCABULARY
    tree, found, _ = read_tree(home / FILE, f"{home.name}/{FILE}")
    problems = list(found)
    marks = tuple(_mark(fields) for fields in listed(tree, "marks", problems))
    fields = Fields(tree if isinstance(tree, Mapping) else Mapping(Place(FILE), ()), problems, what="file")
    names = fields.mapping("names", required=True)
    inner = fields.inner(names or Mapping(fields.place, ()), "group")
    lists = {key: frozenset(inner.texts(key)) for key in ("known", "things")}
    hint = inner.text("hint", required=names is not None)
    inner.finish()
    numbers = {word: place for place, word in enumerate(fields.texts("numbers", required=True), 1)}
    limits = {key: fields.integer(key, 0, required=True) for key in ("oldest", "fewer_than", "long_number")}
    lists |= {key: frozenset(fields.texts(key)) for key in ("breaks", "joins", "ranges", "shares")}
    fields.finish(("marks",))
    return Words(marks, hint, numbers, limits, lists), tuple(problems)


def _mark(fields: Fields) -> Mark:
    told = {key: fields.text(key, required=True) for key in ("mark", "says", "hint")}
    when = fields.choice("when", WHEN, "always", required=True)
    small = when != "before a capital"
    words = (tuple(token.text for token in tokens(phrase.lower() if small else phrase))
             for phrase in fields.texts("words", required=True))
    return Mark(when=when, words=tuple(words), **told)


def findings(case: Case, tree: Mapping, vocabulary: Vocabulary, words: Words) -> tuple[Finding, ...]:
    """What in a case, and in what its file says word by word, may tell of one person; in the order of the file."""
    ordinary = _ordinary(case, tree, vocabulary)
    found = set(_small_values(case, vocabulary, words))
    for key, scalar, in_source in texts(tree):
        told = tokens(scalar.text)
        if key in (*READ, *ALSO):
            found.update(_marks(told, scalar.place, words))
            found.update(_long_numbers(told, scalar.place, words, by_any_code(vocabulary.authorities)))
        if key in READ and not in_source:
            found.update(_names(told, scalar.place, ordinary, words))
    return tuple(sorted(found))


def tokens(text: str) -> list[Token]:
    """The words and numbers of a text in order."""
    found, end = [], 0
    for match in _TOKEN.finditer(text):
        found.append(Token(match[0].replace("’", "'"), text[end:match.start()]))
        end = match.end()
    return found


def texts(tree: Tree, key: str = "", in_source: bool = False) -> Iterator[tuple[str, Scalar, bool]]:
    """Every single value under its key, and whether it describes a source."""
    match tree:
        case Scalar():
            yield key, tree, in_source
        case Sequence():
            for item in tree.items:
                yield from texts(item, key, in_source)
        case Mapping():
            for entry in tree.entries:
                yield from texts(entry.value, entry.key.text, in_source or entry.key.text == "sources")


def _ordinary(case: Case, tree: Mapping, vocabulary: Vocabulary) -> frozenset[str]:
    """Words that are no names: those of authorities, publishers and bodies, and those written small anywhere."""
    proper = [case.authority, *(a.name for a in vocabulary.authorities.values()),
              *(source.publisher for source in vocabulary.sources.values()),
              *(scalar.text for key, scalar, _ in texts(tree) if key in ("publisher", "body"))]
    plain = [scalar.text for key, scalar, _ in texts(tree) if key in (*READ, *ALSO)]
    plain += [text for found in vocabulary.indicators.values() for text in (found.title, found.note, found.collection)]
    plain += [found.label for found in vocabulary.signatures.values()]
    plain += [text for found in vocabulary.statements.values() for text in (found.quote, found.use)]
    plain += [found.title for found in vocabulary.sources.values()]
    small = {_bare(token) for text in plain for token in tokens(text) if token.text.islower()}
    names = {_bare(token) for text in proper for token in tokens(text)}
    return frozenset(small | names)


def _bare(token: Token) -> str:
    return token.text.lower().removesuffix("'s")


def _names(told: list[Token], place: Place, ordinary: frozenset[str], words: Words) -> Iterator[Finding]:
    """Two or more capitalised words in a row of which one is not known, and none says that it is a thing."""
    for row in _rows(told):
        named = row[1:] if not row[0].beside and _bare(row[0]) in ordinary else row  # a sentence's first word
        while named and len(named[-1].text) == 1:  # as in Phase A
            named = named[:-1]
        plain = {token.text.removesuffix("'s") for token in named}
        known, things = words.lists["known"], words.lists["things"]
        unknown = {word for word in plain - known if word.lower() not in ordinary}
        if len(named) > 1 and unknown and not plain & things and _said(named) not in known:
            yield Finding(place, "name", f"{shown(_said(named))} reads like the name of a person", words.hint)


def _rows(told: list[Token]) -> Iterator[list[Token]]:
    """The capitalised words that stand beside one another."""
    row: list[Token] = []
    for token in told:
        follows = bool(row) and (token.beside or (len(row[-1].text) == 1 and token.gap in (".", ". ")))
        if row and not (follows and token.is_capitalised):
            yield row
            row = []
        if token.is_capitalised:
            row.append(token)
    if row:
        yield row


def _marks(told: list[Token], place: Place, words: Words) -> Iterator[Finding]:
    small = [token.text.lower() for token in told]
    for mark in words.marks:
        texts = [token.text for token in told] if mark.when == "before a capital" else small
        for phrase in mark.words:
            for start in range(len(texts) - len(phrase) + 1):
                end = start + len(phrase)
                if tuple(texts[start:end]) == phrase and all(token.beside for token in told[start + 1:end]):
                    span = _beside(mark.when, told, start, end, words)
                    if span:
                        yield Finding(place, mark.mark, f"{shown(_said(told[slice(*span)]))} {mark.says}", mark.hint)


def _beside(when: str, told: list[Token], start: int, end: int, words: Words) -> tuple[int, int] | None:
    """Where the whole of what was noticed stands, if what the mark asks for is beside its words."""
    after = told[end] if end < len(told) else Token("", "")
    match when:
        case "before a capital":
            met = after.gap in (" ", ". ") and after.is_capitalised
            named = next((i for i in range(end + 1, len(told)) if not (told[i].beside and told[i].is_capitalised)),
                         len(told))
            return (start, named) if met else None
        case "before a letter":
            return (start, end + 1) if after.beside and len(after.text) == 1 and after.text.isupper() else None
        case "before an age":
            met = after.beside and _is_age(end, told, words) and not _in_range(end, told, words)
            return (start, end + 1) if met else None
        case "after an age":
            met = told[start].beside and _is_age(start - 1, told, words) and not _in_range(start - 1, told, words)
            return (start - 1, end) if start and met else None
        case "after a small number":
            first = _small_number_before(start, told, words)
            return None if first is None else (first, end)
        case _:
            return start, end


def _number(token: Token, words: Words) -> int | None:
    small = token.text.lower()
    return int(small) if small.isascii() and small.isdigit() and len(small) < 9 else words.numbers.get(small)


def _is_age(place: int, told: list[Token], words: Words) -> bool:
    number = _number(told[place], words) if 0 <= place < len(told) else None
    return number is not None and number <= words.limits["oldest"]


def _in_range(place: int, told: list[Token], words: Words) -> bool:
    """Whether a number is one end of a range: of many people, not of one."""
    for step in (-1, 1):
        beside = [told[i] for i in (place + step, place + 2 * step) if 0 <= i < len(told)]
        if beside and _number(beside[0], words) is not None:
            return True
        if len(beside) == 2 and beside[0].text in words.lists["ranges"] and _number(beside[1], words) is not None:
            return True
    return False


def _small_number_before(start: int, told: list[Token], words: Words) -> int | None:
    """Where the small number stands that counts what begins at `start`; None where nothing or more is counted."""
    between, place = 0, start
    while place and told[place].beside:
        place -= 1
        text, number = told[place].text.lower(), _number(told[place], words)
        if number is not None:
            before = [token.text for token in told[max(0, place - 1):place]]
            if place > 1 and {*before} & words.lists["shares"] and _number(told[place - 2], words) is not None:
                return None
            if 0 < number < words.limits["fewer_than"]:
                return place
        elif text not in words.lists["joins"]:
            between += 1
            if text in words.lists["breaks"] or between > BETWEEN:
                return None
    return None


def _long_numbers(told: Iterable[Token], place: Place, words: Words, known: Container[str]) -> Iterator[Finding]:
    for token in told:
        figures = 0 if "," in token.text or token.text in known else sum(letter.isdigit() for letter in token.text)
        if figures >= words.limits["long_number"]:
            yield Finding(place, "record", f"{shown(token.text)} reads like the number of a record", "leave it out")


def _small_values(case: Case, vocabulary: Vocabulary, words: Words) -> Iterator[Finding]:
    """Values below ten of indicators that count what is named among the small counts."""
    for mark in (mark for mark in words.marks if mark.when == "after a small number"):
        counted = {" ".join(phrase) for phrase in mark.words}
        for observation in case.observations:
            unit, value = vocabulary.indicators[observation.indicator].unit, observation.value
            if value and 0 < value < words.limits["fewer_than"] and {unit.id, unit.one} & counted:
                yield Finding(observation.place, mark.mark, f'"{value:g} {unit}" {mark.says}', mark.hint)


def _said(told: list[Token]) -> str:
    first, *others = told
    return first.text + "".join(token.gap + token.text for token in others)
