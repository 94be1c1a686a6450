"""Schemas of the vocabulary's files: what may be observed, referred to and said."""

from __future__ import annotations

from kb.conditions import SPREAD
from kb.exercises import ASKS
from kb.model import Kind, State
from kb.privacy import WHEN
from kb.schema.cases import document_keys
from kb.schema.known import Known
from kb.schema.rules import cited
from kb.schema.shapes import (
    BOOLEAN,
    DAY,
    INTEGER,
    MONTHS,
    NUMBER,
    TEXT,
    TEXTS,
    Key,
    Keys,
    Schema,
    defined,
    file,
    group,
    id_of,
    ids_of,
    list_of,
    word,
)

ID = Key("The name by which everything else refers to it; never changed once it is used.", TEXT, True)


def entries(says: str, keys: Keys) -> Key:
    """A list of entries that have these keys."""
    return Key(says, list_of(group(says.removesuffix("."), keys)))


def statement_keys() -> Keys:
    """The keys of one founding statement."""
    return {"id": ID, "quote": Key("The exact words.", TEXT, True),
            "kind": Key("What kind of sentence it is.", TEXT, True), "use": Key("What it is used for.", TEXT, True),
            "carries": Key("What carries it, where that is not said by rules.", TEXTS)}


def category_keys(known: Known) -> Keys:
    """The keys of one group of signatures."""
    return {"id": ID, "title": Key("Its exact title.", TEXT, True), "label": Key("Its title as shown.", TEXT, True),
            "control": Key("How far those who can act control it.", TEXT, True),
            "who_can_act": Key("Who can act on it.", TEXT, True),
            "statement": Key("The statement that names it.", id_of(known.statements), True)}


def signature_keys(known: Known) -> Keys:
    """The keys of one signature."""
    phrases: Keys = {state.value: Key(f"The sentence where it is {state.value}; {{authority}} is filled in.", TEXT,
                                      True) for state in State}
    return {"id": ID, "title": Key("Its exact words.", TEXT, True), "label": Key("The words shown.", TEXT, True),
            "category": Key("The group it belongs to.", id_of(known.categories), True),
            "order": Key("Its place in the list.", INTEGER, True),
            "added": Key("The year in which it was added.", INTEGER, True),
            "statement": Key("The statement that names it.", id_of(known.statements), True),
            "phrases": Key("What is said of it in each state.", group("Phrases", phrases), True)}


def indicator_keys(known: Known) -> Keys:
    """The keys of one indicator."""
    return {
        "id": ID, "title": Key("What is observed, in full.", TEXT, True),
        "short": Key("What it is called in the middle of a sentence.", TEXT, True),
        "code": Key("Its number in the list from which it was drawn.", TEXT),
        "signature": Key("The signature that it may show.", id_of(known.signatures)),
        "kind": Key("What sort of evidence it is.", word(Kind), True),
        "unit": Key("What it is counted in.", id_of(known.units), True),
        "values": Key("Of a graded scale: its words, mildest first.", TEXTS),
        "qualifiers": Key("What a value may be of, each with its words; the first must be said.",
                          {"type": "object", "additionalProperties": TEXTS}),
        "validity": Key("How long an observation speaks after the date that it is about.", MONTHS, True),
        "adverse": Key("Which end of the scale is the adverse one: high unless you say.", word(("high", "low"))),
        "collection": Key("Where it is published, and how often.", TEXT),
        "context": Key("Why it is context and never a sign.", TEXT),
        "rounding": Key("The step to which published values are rounded.", NUMBER),
        "small_base": Key("Below which number a rate stands on a small base.", NUMBER),
        "note": Key("How it is to be judged, and what is uncertain.", TEXT),
        "sources": Key("The documents that it is drawn from.", cited(known)),
    }


def protective_keys(known: Known) -> Keys:
    """The keys of one protective sign: an indicator of its own, or the test of another."""
    shown: Keys = {"indicator": Key("What is looked at.", id_of(known.indicators), True),
                   "at_most": Key("Met by this place among all authorities, or a lower one.", word(SPREAD), True)}
    own = {name: key._replace(required=name in ("id", "title", "short"))
           for name, key in indicator_keys(known).items()}
    return {**own, "shown_by": Key("The test of another indicator that shows it, in place of an answer of its own.",
                                   group("Shown by", shown))}


def language_keys(known: Known) -> Keys:
    """The keys of the file of what may be said."""
    result: Keys = {"id": ID, "title": Key("Its title, which no rule may change.", TEXT, True),
                    "question": Key("true where it puts a question about the authority.", BOOLEAN)}
    unit: Keys = {"id": Key("Its name for many.", TEXT, True), "one": Key("Its name for one.", TEXT, True),
                  "also": Key("Other spellings.", TEXTS),
                  "share": Key("true where it lies between 0 and 100.", BOOLEAN)}
    after: Keys = {"indicator": Key("The observation after which it is said.", id_of(known.indicators), True),
                   "at_least": Key("From which value.", TEXT, True)}
    caution: Keys = {"id": ID, "words": Key("The words beside the figure.", TEXT, True),
                     "because": Key("Why they stand there.", TEXT, True),
                     "marks": Key("The figures that they stand beside.", ids_of(known.indicators)),
                     "after": Key("From when.", group("After", after), True)}
    asking: Keys = {part: Key(f"How it is asked {about}.", TEXT, True) for part, about in {
        "know": "what is known", "how": "how that is known", "plans": "what is planned"}.items()}
    return {"results": entries("The overall results.", result),
            "never_said": Key("Words that are never used of an authority.", TEXTS),
            "limits": Key("What stands under every answer.", TEXTS),
            "compared_with": Key("What figures are compared with.", TEXT),
            "units": entries("Units of this vocabulary.", unit),
            "asking": Key("How a question about what is not known is put.", group("Asking", asking)),
            "cautions": entries("Cautions beside figures.", caution)}


def thresholds_keys(known: Known) -> Keys:
    """The keys of the file of yearly figures."""
    figures: Keys = {id: Key(title, defined("spread")) for id, title in known.indicators.items()}
    year: Keys = {"year": Key("The year.", INTEGER, True), "day": Key("The day that the figures describe.", DAY, True),
                  "known": Key("The day on which they became public.", DAY, True),
                  "source": Key("Where they were published.", id_of(known.sources), True),
                  "figures": Key("The spread of each indicator.", group("Figures", figures), True)}
    return {"method": Key("How the figures were worked out.", TEXT),
            "basis": Key("What thresholds taken from them rest on.", TEXT),
            "left_out": Key("Codes of authorities whose figures do not count towards how they are spread.", TEXTS),
            "years": entries("The figures, year by year.", year)}


def authorities_keys(known: Known) -> Keys:
    """The keys of the list of authorities."""
    one: Keys = {"code": Key("Its code.", TEXT, True), "name": Key("Its name.", TEXT, True),
                 "number": Key("Its number in older returns.", TEXT), "region": Key("Its region.", TEXT),
                 "from": Key("The day on which it began.", DAY), "to": Key("The day on which it ended.", DAY),
                 "earlier_codes": Key("Codes under which it stands in older files.", TEXTS),
                 "predecessors": Key("What it came from.", TEXTS), "successors": Key("What it became.", TEXTS)}
    joint: Keys = {"codes": Key("The authorities that send in one return.", TEXTS),
                   "collection": Key("Which return.", TEXT, True), "note": Key("What is to be known of it.", TEXT),
                   "source": Key("Where its figures are published.", id_of(known.sources), True)}
    return {"source": Key("Where the list is from.", id_of(known.sources)),
            "whole": Key("All authorities together, as published tables have them.", group("All together", one)),
            "authorities": entries("The authorities.", one),
            "joint_returns": entries("Authorities that send in one return.", joint)}


def judgements_keys() -> Keys:
    """The keys of the file of past judgements."""
    area: Keys = {"id": ID, "title": Key("Its title.", TEXT, True),
                  "names": Key("What tables of outcomes call it.", TEXTS, True)}
    framework: Keys = {"id": ID, "title": Key("Its title.", TEXT, True),
                       "note": Key("What is to be known of it.", TEXT),
                       "begun_before": Key("Days before publication on which it began, as an estimate.", INTEGER)}
    return {"began": Key("The column of a table of outcomes with the day on which a judgement began.", TEXT, True),
            "grades": Key("The grades, best first.", TEXTS, True),
            "association": Key("What is said on every page.", TEXT, True),
            "leaky": Key("What is said of a false picture.", TEXT, True),
            "areas": entries("What is judged by itself.", area),
            "frameworks": entries("By what things are judged.", framework)}


def privacy_keys() -> Keys:
    """The keys of the file of words that may tell of one person."""
    names: Keys = {"hint": Key("What to do about a name.", TEXT, True), "known": Key("Words that are no names.", TEXTS),
                   "things": Key("Words beside which others are no names.", TEXTS)}
    mark: Keys = {"mark": Key("Of which sort the finding is.", TEXT, True),
                  "when": Key("Beside what the words are noticed.", word(WHEN), True),
                  "says": Key("What it says of the words.", TEXT, True), "hint": Key("What to do.", TEXT, True),
                  "words": Key("The words.", TEXTS, True)}
    limits: Keys = {name: Key("Up to which number.", INTEGER, True) for name in ("oldest", "fewer_than", "long_number")}
    lists: Keys = {name: Key("Words between a number and what it counts.", TEXTS)
                   for name in ("breaks", "joins", "ranges", "shares")}
    return {"names": Key("Which words are no names.", group("Names", names), True),
            "marks": entries("What is noticed.", mark), "numbers": Key("How numbers are spelt.", TEXTS, True),
            **limits, **lists}


def exercise_keys(known: Known) -> Keys:
    """The keys of one exercise: a question to a case, or words to discuss."""
    days: Schema = {"anyOf": [DAY, list_of(DAY)]}
    question: Keys = {
        "ask": Key("What is asked.", word(ASKS), True), "case": Key("The case, by its id.", TEXT, True),
        "as_at": Key("The day or days as at which it is asked; the last of the case unless you say.", days),
        "of": Key("The signature or conclusion that it is about.", id_of({**known.signatures, **known.conclusions})),
        "only": Key("Signatures of which alone the evidence is looked at.", ids_of(known.signatures)),
        "without": Key("Signatures of which the evidence is left out.", ids_of(known.signatures)),
        "looking_back": Key("true: as if all that is on file of the time before had been public.", BOOLEAN),
        "lead": Key("What is said before the question.", TEXT), "asks": Key("What is to be discussed.", TEXT),
        "answer": Key("What is to be drawn from the answer.", TEXT),
        "sources": Key("The documents that these words rest on.", cited(known))}
    return {"id": ID, "title": Key("Its title.", TEXT, True), "aim": Key("What people learn by it.", TEXT, True),
            "questions": Key("What is asked, in order.", list_of(group("Question", question)), True)}


def vocabulary_files(known: Known) -> dict[str, Schema]:
    """The schema of each file of the vocabulary, by the file's name."""
    keys: dict[str, Keys] = {
        "sources": {"attributions": Key("What must be said of where things are from.", TEXTS),
                    "sources": entries("The documents.", document_keys())},
        "statements": {"statements": entries("The founding statements.", statement_keys())},
        "signatures": {"categories": entries("The groups of signatures.", category_keys(known)),
                       "signatures": entries("The signatures.", signature_keys(known))},
        "indicators": {"indicators": entries("What can be observed and dated.", indicator_keys(known))},
        "protective": {"protective": entries("What stops a rule that names it.", protective_keys(known))},
        "language": language_keys(known), "thresholds": thresholds_keys(known),
        "authorities": authorities_keys(known), "privacy": privacy_keys(), "judgements": judgements_keys(),
        "exercises": {"exercises": entries("Exercises for trainers.", exercise_keys(known))},
    }
    shared = {"thresholds": {"spread": _spread()}}
    return {name: file(f"Vocabulary: {name}", group(name, held), shared.get(name, {})) for name, held in keys.items()}


def _spread() -> Schema:
    keys: Keys = {name: Key(f"The {name} of the year.", NUMBER, True) for name in SPREAD}
    keys["authorities"] = Key("How many authorities have a figure.", INTEGER)
    return {**group("How a figure was spread", keys), "additionalProperties": NUMBER}
