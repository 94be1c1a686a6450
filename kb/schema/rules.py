"""Schemas of rule files: a rule, a list of rules, a signature's file, the grading."""

from __future__ import annotations

from kb.conditions import GRADES, HELD, LEVELS, SPREAD
from kb.links import KINDS
from kb.readconditions import SIGN_WORDS
from kb.readtests import COMPARATORS
from kb.rulefiles import STATUSES
from kb.schema.known import Known
from kb.schema.shapes import (
    BOOLEAN,
    DAY,
    INTEGER,
    MONTHS,
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
from kb.scope import BASES
from kb.signfiles import NEEDS

BASIS = "What the threshold rests on. Explanations show it beside the figure."
THRESHOLD: Schema = {"type": ["number", "string"], "examples": list(SPREAD)}
COMPARISONS = {
    "at_least": "Met by this value or a higher one: a number with its unit, or a place among all authorities. "
                "With `of:`, how many parts of the list must hold.",
    "above": "Met by any value above this one.",
    "at_most": "Met by this value or a lower one.",
    "below": "Met by any value below this one.",
    "is": "Of an indicator that is answered yes or no: the answer asked for.",
    "rises_by": "Met where the value rose by so much over the months that `over:` names.",
}


def comparison(known: Known) -> Keys:
    """The keys by which a test of an indicator says what it asks."""
    where: Keys = {name: Key(f"Which {name} the value is of.", word(words)) for name, words in known.qualifiers.items()}
    return {
        **{name: Key(COMPARISONS[name], word(("yes", "no")) if name == "is" else THRESHOLD) for name in COMPARATORS},
        "in": Key("Of a count: the months in which it must have happened so often.", MONTHS),
        "over": Key("Of a rise: the months over which it must have risen.", MONTHS),
        "where": Key("What the value must be of.", group("Where", where)),
        "basis": Key(BASIS, word(BASES)),
    }


def condition(known: Known, in_grading: bool = False) -> Schema:
    """A condition, all its keys side by side: an editor completes ids only where no key depends on another."""
    part, parts = defined("condition"), list_of(defined("condition"))
    keys: Keys = {
        "all": Key("Holds where every part of the list holds.", parts),
        "any": Key("Holds where some part of the list holds.", parts),
        "of": Key("With `at_least:` and a number: the parts that are counted.", parts),
        "not": Key("Holds where the part was found not to be so; not known is not enough.", part),
        "judged": Key("Holds where the part was judged, either way.", part),
        "more_than_numbers": Key("Holds where the part holds, and an event or a finding is among what it rests on.",
                                 part),
        "not_older_than": Key("With `more_than_numbers:`, how recent that event or finding must be.", MONTHS),
        "signature": Key("Holds where this signature is present: moderate or stronger, unless `grade:` says otherwise.",
                         id_of(known.signatures)),
        "grade": Key("The lowest grade of the signature that will do.", word(GRADES)),
        "conclusion": Key("Holds where this conclusion is present: elevated or higher, unless `level:` says otherwise.",
                          id_of(known.conclusions)),
        "level": Key("The lowest level of the conclusion that will do.", word((*LEVELS, *HELD))),
        "protective": Key("Holds where this protective sign is shown and in date.", id_of(known.protective)),
        "sign": Key("Holds where the indicator is met as its signature's file states it, threshold and all.",
                    id_of(known.indicators)),
        "indicator": Key("Holds where the test of this indicator is met: name it, and write one comparison.",
                         id_of(known.indicators)),
        **({"signs": Key("The signs that a signature's own file lists.", word(SIGN_WORDS))} if in_grading else {}),
        **comparison(known),
        "within": Key("The evidence must end in the months before the date asked for.", MONTHS),
        "held_for": Key("It must also have held so many months earlier.", MONTHS),
    }
    return group("A condition, or the word always", keys, type=["object", "string"], pattern="^always$",
                 minProperties=1)


def cited(known: Known) -> Schema:
    """What a record rests on: ids of sources, or a source with the page and passage."""
    keys: Keys = {"source": Key("The id of a source.", id_of(known.sources), True),
                  "page": Key("The page, as the document counts it.", TEXT),
                  "passage": Key("The words of the document that matter.", TEXT)}
    return list_of({"anyOf": [id_of(known.sources), group("A source and where in it", keys)]})


def record(known: Known) -> Keys:
    """The keys by which a rule or a signature's file says why it is so, and who answers for it."""
    return {
        "rationale": Key("Why it is written so: what was seen, where, and what it does not say.", TEXT, True),
        "statements": Key("The founding statements that it carries.", ids_of(known.statements)),
        "sources": Key("The documents that it rests on.", cited(known)),
        "version": Key("The number of this version, from 1; raise it when the meaning changes.", INTEGER, True),
        "owner": Key("Who answers for it: a role.", TEXT, True),
        "review_by": Key("The day by which somebody reads it again.", DAY, True),
    }


def conclusion(known: Known) -> Schema:
    """What a rule concludes: one kind of conclusion with its id, and how serious the combination is held to be."""
    keys: Keys = {kind: Key(f"The id of the {kind} that is concluded, a known one or a new one.", _head(kind, known))
                  for kind in KINDS}
    keys["severity"] = Key("How serious the combination is held to be, no more.", word(LEVELS))
    keys["not_found"] = Key("true where the rule concludes that it is not so.", BOOLEAN)
    return group("What is concluded", keys)


def raised(known: Known) -> Schema:
    """What a rule raises, from which level to which."""
    keys: Keys = {kind: Key(f"The id of the {kind} that is raised.", _head(kind, known)) for kind in KINDS}
    keys |= {"from": Key("The level that other rules have given.", word(LEVELS), True),
             "to": Key("The level that it is raised to.", word(LEVELS), True)}
    return group("What is raised", keys)


def _head(kind: str, known: Known) -> Schema:
    return {"type": SCALAR, "examples": [id for id, its in known.heads.items() if its == kind]}


def rule_keys(known: Known) -> Keys:
    """The keys of one rule."""
    return {
        "rule": Key("The rule's name: used once, of small letters and hyphens.", TEXT, True),
        "title": Key("What the rule is about, as answers show it.", TEXT, True),
        "concludes": Key("What follows where the rule holds.", conclusion(known)),
        "raises": Key("In place of `concludes:`, a conclusion of other rules that is lifted to a higher level.",
                      raised(known)),
        "category": Key("The category it belongs to; from it follows who can act.", ids_of(known.categories)),
        "within": Key("The evidence must end in the months before the date asked for.", MONTHS),
        "when": Key("What must hold.", defined("condition"), True),
        "unless": Key("Exceptions: where one of them is shown, the rule is stopped.", list_of(defined("condition"))),
        "because": Key("The sentence that answers show. It may name {authority}.", TEXT, True),
        "basis": Key(BASIS, word(BASES), True),
        "status": Key("Only rules in force are used; that is what a rule is unless you say.", word(STATUSES)),
        **record(known),
        "who_can_act": Key("Who can act, where it is not those of the category.", TEXT),
        "order": Key("Of overall results: the strongest is 1.", INTEGER),
    }


def rule_file(known: Known) -> Schema:
    """A file that holds one rule."""
    return file("A rule", group("A rule", rule_keys(known)), {"condition": condition(known)})


def rules_file(known: Known) -> Schema:
    """A file that holds several rules."""
    keys: Keys = {"rules": Key("The rules of this file.", list_of(defined("rule")), True)}
    return file("Several rules", group("Several rules", keys),
                {"rule": group("A rule", rule_keys(known)), "condition": condition(known)})


def signature_file(known: Known) -> Schema:
    """The file of one signature, with its signs."""
    keys: Keys = {
        "signature": Key("The signature's code.", id_of(known.signatures), True),
        "needs": Key("any: one list under signs. both, either: two named lists under facets.", word(NEEDS), True),
        "signs": Key("The tests by which the signature shows itself.", list_of(defined("sign"))),
        "facets": Key("Two sides of the signature, each with its list of signs.",
                      {"type": "object", "additionalProperties": list_of(defined("sign"))}),
        **record(known),
    }
    return file("The signs of a signature", group("The signs of a signature", keys), {"sign": sign(known)})


def sign(known: Known) -> Schema:
    """One sign: a test of an indicator, and its stronger value."""
    keys: Keys = {
        "indicator": Key("What is looked at.", id_of(known.indicators), True), **comparison(known),
        "strong": Key("The value at which the sign is strong.", group("The strong value", comparison(known))),
    }
    return group("A sign", keys)


def grading_keys(known: Known) -> Keys:
    """The keys of one line of the grading."""
    taken = {"rationale", "statements", "sources"}
    return {
        "grade": Key("The grade that is given.", word((*GRADES, "not found")), True),
        "when": Key("What the signs must show.", defined("condition"), True),
        "unless": Key("What stops it.", list_of(defined("condition"))),
        "because": Key("The sentence that answers show.", TEXT, True),
        "basis": Key(BASIS, word(BASES), True),
        **{name: key for name, key in record(known).items() if name in taken},
    }


def grading_file(known: Known) -> Schema:
    """The grading: how signs grade a signature."""
    keys: Keys = {"grading": Key("The grades, each with what it asks.",
                                 list_of(group("A grade", grading_keys(known))), True)}
    return file("The grading", group("The grading", keys), {"condition": condition(known, in_grading=True)})
