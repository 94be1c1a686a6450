"""Schemas of case files and of the tests of rules: what is observed, what is given, what is expected."""

from __future__ import annotations

from kb.conditions import HELD, LADDERS
from kb.dossier import Hindsight, Marker
from kb.model import Kind, State
from kb.ruletests import ANSWERS
from kb.schema.known import Known
from kb.schema.shapes import (
    BOOLEAN,
    DAY,
    LOOSE_DAY,
    NUMBER,
    SCALAR,
    TEXT,
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

SEEN_BY: Schema = {**TEXT, "examples": ["2018-11-30"]}
KNOWN_ON = "When it became public, at the latest: a day, or a month or year of which the last day counts."


def document_keys() -> Keys:
    """The keys of a document that is referred to by its id."""
    return {
        "id": Key("The name by which the document is referred to.", TEXT, True),
        "code": Key("Its name in the list from which it was taken.", TEXT),
        "title": Key("Its title, as printed.", TEXT), "publisher": Key("Who published it.", TEXT),
        "published": Key("The day on which it came out.", TEXT), "url": Key("Where it can be read.", TEXT),
    }


def cited_keys(required: bool = True) -> Keys:
    """The keys by which a fact names its source."""
    return {
        "source": Key("The id of the source that says so.", TEXT, required),
        "page": Key("The page, as the document counts it.", TEXT),
        "passage": Key("The words of the document that matter.", TEXT),
    }


def remark_keys(conclusions: bool = False) -> Keys:
    """The keys of an answer by the authority."""
    concluded: Keys = {"conclusion": Key("The signature or conclusion that it disagrees with.", TEXT, True)}
    return {
        **(concluded if conclusions else {}), "text": Key("What the authority answers, in its words.", TEXT, True),
        "known": Key(KNOWN_ON, LOOSE_DAY, True), **cited_keys(required=False),
    }


def observed_keys(known: Known) -> Keys:
    """The keys of an observation apart from its indicator; nothing is required, since a test may leave dates unsaid."""
    qualifiers: Keys = {name: Key(f"Which {name} the value is of.", word(words))
                        for name, words in known.qualifiers.items()}
    return {
        "value": Key("The value with its unit; yes or no; a grade in words; none where an event never happened.", TEXT),
        "marker": Key("In place of a value: why there is none.", word(Marker)),
        "about": Key("The day that it is about; a month or year is loose.", SEEN_BY),
        "throughout": Key("In place of about: a lasting period, X to Y.", SEEN_BY),
        "sometime in": Key("In place of about: a loose date, X to Y.", SEEN_BY),
        "known": Key(KNOWN_ON, LOOSE_DAY),
        "kind": Key("What sort of evidence it is; the indicator's own unless you say.", word(Kind)),
        "body": Key("Who found it: a later finding of one body replaces its earlier one.", TEXT),
        **qualifiers,
        "base": Key("The number behind a rate.", NUMBER), **cited_keys(required=False),
        "hindsight": Key("How the fact stands to the outcome of the case.", word(Hindsight)),
        "disagreement": Key("What the authority says against this fact.", group("An answer", remark_keys())),
        "note": Key("In your own words, what is uncertain.", TEXT),
    }


def observation_keys(known: Known) -> Keys:
    """The keys of an observation of a case."""
    keys = observed_keys(known)
    due = {name: keys[name]._replace(required=True) for name in ("known", "source")}
    return {"indicator": Key("What was observed.", id_of(known.indicators), True), **keys, **due}


def case_file(known: Known) -> Schema:
    """A case: the dossier of one authority."""
    return file("A case", group("A case", case_keys(known)), {})


def authority_keys() -> Keys:
    """The keys by which a case says whom it is about."""
    return {"code": Key("Its code on the list of authorities; an invented one has any.", TEXT, True),
            "name": Key("Its name.", TEXT, True)}


def outcome_keys() -> Keys:
    """The keys of a later judgement; no rule reads one."""
    return {
        "visited": Key("The first day of the visit, where it was published.", DAY),
        "published": Key("The day on which the report came out.", DAY, True),
        "words": Key("What was judged, quoted.", TEXT, True),
        "adverse": Key("true where it bore out concern.", BOOLEAN, True), **cited_keys(),
    }


def note_keys() -> Keys:
    """The keys of a fact that fits no indicator."""
    return {
        "text": Key("The fact: shown, and counted nowhere.", TEXT, True),
        "when": Key("When it was, in words.", TEXT, True), "known": Key(KNOWN_ON, LOOSE_DAY, True),
        **cited_keys(), "hindsight": Key("How the fact stands to the outcome of the case.", word(Hindsight)),
    }


def case_keys(known: Known) -> Keys:
    """The keys of a case file."""
    answers = list_of(group("An answer", remark_keys()))
    return {
        "case": Key("The case's name: letters, figures and hyphens.", TEXT, True),
        "title": Key("What the case is about.", TEXT, True),
        "invented": Key("true where the authority is made up.", BOOLEAN),
        "authority": Key("Whom the case is about.", group("The authority", authority_keys()), True),
        "summary": Key("What happened, in a few sentences.", TEXT),
        "outcomes": Key("What was judged later, quoted. No rule reads it.", list_of(group("An outcome",
                                                                                          outcome_keys()))),
        "responses": Key("What the authority answers to the case as a whole.", answers),
        "disagreements": Key("What the authority answers to one conclusion.",
                             list_of(group("An answer to a conclusion", remark_keys(conclusions=True)))),
        "sources": Key("The documents of this case.", list_of(group("A document", document_keys()))),
        "observations": Key("The evidence, each with its two dates and its source.",
                            list_of(group("An observation", observation_keys(known)))),
        "notes": Key("Facts that fit no indicator.", list_of(group("A note", note_keys()))),
    }


def tests_file(known: Known) -> Schema:
    """A file of tests of rules."""
    keys: Keys = {
        "as_at": Key("The date that the tests are asked for, unless a test says another.", DAY),
        "tests": Key("The tests.", list_of(group("A test", test_keys(known))), True),
    }
    given = group("What is given of an indicator", observed_keys(known), type=[*SCALAR, "object", "array"])
    inner = {**given, "type": [*SCALAR, "object"]}
    return file("Tests of rules", group("Tests of rules", keys), {
        "given": {**given, "items": defined("item")}, "item": inner})


def test_keys(known: Known) -> Keys:
    """The keys of one test."""
    return {
        "test": Key("What is tried, in a few words: unlike that of any other test of the rule.", TEXT, True),
        "rule": Key("The rule, or the signature, that the test is of.", id_of(known.rules), True),
        "as_at": Key("The date asked for, where it is not that of the file.", DAY),
        "given": Key("What is given; what is not given is not known.", group("What is given", given_keys(known))),
        "expect": Key("How signatures and conclusions must stand.", group("What is expected", standing_keys(known)),
                      True),
        "because": Key("Rules that must hold.", ids_of(known.rules)),
        "not_because": Key("Rules that must not hold.", ids_of(known.rules)),
    }


def standing_keys(known: Known) -> Keys:
    """Every signature and conclusion, with the ways in which it can stand."""
    titles = {**known.signatures, **known.conclusions}
    return {id: Key(titles.get(id, id), word((*State, *(() if LADDERS[kind] == HELD else LADDERS[kind]))))
            for id, kind in known.heads.items()}


def given_keys(known: Known) -> Keys:
    """Everything that a test may give: signatures, conclusions, protective signs, indicators."""
    protective = {id: Key(title, word(ANSWERS)) for id, title in known.protective.items()
                  if id not in known.indicators}
    indicators = {id: Key(title, defined("given")) for id, title in known.indicators.items()}
    return {**indicators, **protective, **standing_keys(known)}
