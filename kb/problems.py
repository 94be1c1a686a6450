"""The one table of problem codes, and the words that every problem shares."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum, unique
from pathlib import Path

from kb.model import Place, Problem

SHOWN = 60
"""The most characters of somebody's file that a message repeats."""


@unique
class Code(StrEnum):
    """A kind of mistake and its short title. A code is never reused, not even when its kind is given up."""

    short: str

    def __new__(cls, code: str, short: str) -> Code:
        member = str.__new__(cls, code)
        member._value_ = code
        member.short = short
        return member

    CANNOT_READ = "K001", "the file cannot be read"
    TOO_LARGE = "K002", "the file is too large"
    NOT_TEXT = "K003", "the file is not plain UTF-8 text"
    SYNTAX = "K004", "the line cannot be understood as YAML"
    TAB = "K005", "a tab is used for indentation"
    COLON = "K006", "a text with a colon needs quotes"
    SYMBOL = "K007", "a symbol stands where words are due"
    TOO_DEEP = "K008", "the file is nested too deeply"
    ALIAS = "K009", "aliases and anchors are not used"
    TAG = "K010", "tags are not used"
    DUPLICATE_KEY = "K011", "the same key is written twice"
    WRONG_SHAPE = "K012", "a text, a list or a group of keys stands where another is due"
    UNKNOWN_KEY = "K013", "the key is not known"
    MISSING_KEY = "K014", "a key is missing"
    UNKNOWN_ID = "K015", "the id is not known"
    DUPLICATE_ID = "K016", "the same id is used twice"
    WRONG_UNIT = "K017", "the unit is wrong"
    NOT_A_DATE = "K018", "the value is not a date"
    NOT_ALLOWED = "K019", "the word is not one of those allowed"
    NOT_A_NUMBER = "K020", "the value is not a number"
    CIRCLE = "K021", "rules rest on one another in a circle"
    POINTS_AT_NOTHING = "K022", "a rule points at something that nothing concludes"
    TOO_LONG = "K023", "the text is too long"
    SEVERAL_DOCUMENTS = "K024", "the file holds several documents"
    EMPTY = "K025", "the file is empty"
    NOT_TRUE_OR_FALSE = "K026", "the value is not true or false"
    NEVER_SAID = "K027", "a word that is never used of an authority"
    OUT_OF_ORDER = "K028", "a conclusion rests on one that comes after it"
    NOTHING_TO_SAY = "K029", "something that every answer needs is missing"
    TWICE = "K030", "the same thing is listed twice"
    NEVER_HOLDS = "K031", "a rule that can never hold"
    ALWAYS_DEFEATED = "K032", "an exception that always defeats its rule"
    NEVER_DEFEATS = "K033", "an exception that never decides"
    NEVER_DECIDES = "K034", "a condition that never decides"
    REPEATS = "K035", "a rule that adds nothing to another"
    SAME_AS = "K036", "two rules that mean the same"
    ONE_SIGNATURE = "K037", "a conclusion that one signature alone can reach"
    TOO_FEW = "K038", "the strongest result from two signatures alone"
    NUMBERS_ALONE = "K039", "the strongest result from published numbers alone"
    CONTEXT_AS_SIGN = "K040", "context used as a sign"
    SIGN_OF_TWO = "K041", "a sign of two signatures"
    UNUSED_CONCLUSION = "K042", "a conclusion that nothing uses"
    UNUSED_SIGNATURE = "K043", "a signature that no rule uses"
    UNUSED_INDICATOR = "K044", "an indicator or protective sign that no rule uses"
    REVIEW_DUE = "K045", "a review date that is past"
    OUT_OF_RANGE = "K046", "a threshold that no value, or every value, meets"
    FAR_OFF = "K047", "a threshold far from every figure held"
    NO_SOURCE = "K048", "a rule without a source"
    NO_TEST = "K049", "a rule with too few tests"
    NOT_ANALYSED = "K050", "a question that was left open"
    SAME_TITLE = "K051", "two rules of the same title"


WARNINGS = frozenset((
    Code.NEVER_DEFEATS, Code.NEVER_DECIDES, Code.REPEATS, Code.SAME_AS, Code.UNUSED_CONCLUSION, Code.UNUSED_SIGNATURE,
    Code.UNUSED_INDICATOR, Code.REVIEW_DUE, Code.FAR_OFF, Code.NO_SOURCE, Code.NO_TEST, Code.NOT_ANALYSED,
    Code.SAME_TITLE,
))
"""What is told and stops nothing, unless asked to: the rules can still be run, and say what they say."""


CODES: dict[str, str] = {str(code): code.short for code in Code}


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is spelt most like the word, whatever the case of the letters; None if none is near."""
    from difflib import get_close_matches  # only needed once a mistake was found

    known = {candidate.lower(): candidate for candidate in sorted(candidates, reverse=True)}
    found = get_close_matches(word[:SHOWN].lower(), sorted(known), n=1)
    return known[found[0]] if found else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """The question `did you mean "X"?`, or "" where nothing known is near."""
    found = nearest(word, candidates)
    return f"did you mean {shown(found)}?" if found else ""


def sorted_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of file, line and column."""
    return tuple(sorted(set(problems)))


def shown(text: str) -> str:
    """Words from a file in double quotes, on one line, at most 60 characters, with nothing invisible left raw."""
    cut = text if len(text) <= SHOWN else text[:SHOWN]
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    if cut is text and len(plain) <= SHOWN:
        return f'"{plain}"'
    return f'"{plain[:SHOWN - 3]}..."'


def together(places: list[Place], code: Code, message: str, hint: str) -> list[Problem]:
    """One problem for the same mistake in several places of a file; none for no places."""
    lines = sorted({place.line for place in places[1:]} - {places[0].line}) if places else []
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    also = f" (also in line{'s'[:len(lines) - 1]} {', '.join(map(str, lines[:5]))}{more})" if lines else ""
    return [Problem(place, code, message + also, hint) for place in places[:1]]


def not_opened(error: Exception) -> tuple[str, str]:
    """Why a file could not be opened, and what to do about it."""
    for kind, message, hint in _NOT_OPENED:
        if isinstance(error, kind):
            return message, _neighbour(error) or hint
    return "the file cannot be read", "check its name and folder"


def _neighbour(error: Exception) -> str:
    """The file of the same kind beside one that is not there whose name is nearest."""
    if not isinstance(error, FileNotFoundError):
        return ""
    path = Path(str(error.filename or ""))
    try:
        beside = {other.stem: other.name for other in path.parent.iterdir() if other.suffix == path.suffix}
    except OSError:
        return ""
    found = nearest(path.stem, beside)
    return f"did you mean {shown(beside[found])}?" if found else ""


_NOT_OPENED = (
    (FileNotFoundError, "there is no such file", "check its name and folder"),
    (IsADirectoryError, "this is a folder, not a file", "name a file inside it"),
    (PermissionError, "the file may not be opened", "ask for permission to read it"),
)
