"""First drafts of files, as text: a rule with its tests, a signature, an indicator, a test, a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kb.conditions import SPREAD
from kb.folding import entry, scalar
from kb.knowledge import Knowledge
from kb.model import Indicator, Reading, State

_FLOW = ",[]{}:"
Pairs = Mapping[str, str]


class Told(NamedTuple):
    """What every rule and signature says for its readers."""

    rationale: str
    owner: str
    review_by: str
    basis: str
    statements: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class RuleDraft(NamedTuple):
    """A rule that asks for several things together; its conclusion has its own name."""

    id: str
    title: str
    kind: str
    severity: str
    category: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    because: str
    told: Told


class SignDraft(NamedTuple):
    """The first sign of a signature: a test of one indicator."""

    indicator: Indicator
    comparison: str
    threshold: str


def rule_text(draft: RuleDraft, knowledge: Knowledge) -> str:
    """The file of a rule, as a draft: it is read and checked, and not used yet."""
    signatures = knowledge.vocabulary.signatures
    parts = [f"    - {'signature' if id in signatures else 'conclusion'}: {scalar(id)}" for id in draft.when]
    exceptions = ["unless:", *(f"  - protective: {scalar(id)}" for id in draft.unless)] if draft.unless else []
    return _lines([
        *entry("rule", draft.id), *entry("title", draft.title),
        f"concludes: {_flow({draft.kind: draft.id, 'severity': draft.severity})}",
        *entry("category", draft.category), "when:", "  all:", *parts, *exceptions,
        *entry("because", draft.because), *_why(draft.told), *entry("basis", draft.told.basis),
        "status: draft", *_who(draft.told)])


def rule_tests(draft: RuleDraft, as_at: str) -> str:
    """The tests of a rule: where it holds, where a part is not known or not so, and one for each exception."""
    everything = dict.fromkeys(draft.when, State.PRESENT.value)
    first, last = draft.when[0], draft.when[-1]
    tests: list[tuple[str, Pairs, State]] = [
        ("every part is there", everything, State.PRESENT),
        (f"nothing is known of {last}", {**everything, last: State.NOT_KNOWN.value}, State.NOT_KNOWN),
        (f"{first} was looked for and not found", {**everything, first: State.NOT_FOUND.value}, State.NOT_FOUND),
        *((f"{id} stops it", {**everything, id: "yes"}, State.NOT_FOUND) for id in draft.unless)]
    named = {State.PRESENT: "because"}
    return tests_text(as_at, (
        line for name, given, state in tests
        for line in [*test_lines(name, draft.id, given, {draft.id: state.value}, ""),
                     f"    {named.get(state, 'not_because')}: [{scalar(draft.id, _FLOW)}]"]))


def tests_text(as_at: str, lines: Iterable[str]) -> str:
    """A file of tests that are asked for one date."""
    return _lines([f"as_at: {as_at}", "tests:", *lines])


def test_lines(name: str, rule: str, given: Pairs, expect: Pairs, as_at: str) -> list[str]:
    """One test as an item of the list of tests; `as_at` is "" where that of the file will do."""
    return [f"  - test: {scalar(name)}", f"    rule: {scalar(rule)}", *([f"    as_at: {as_at}"] if as_at else []),
            *([f"    given: {_flow(given)}"] if given else []), f"    expect: {_flow(expect)}"]


def signature_text(id: str, sign: SignDraft, told: Told) -> str:
    """The file of a signature that is shown by one sign."""
    test = {"indicator": sign.indicator.id, sign.comparison: sign.threshold, "basis": told.basis}
    return _lines([*entry("signature", id), "needs: any", "signs:", f"  - {_flow(test)}", *_why(told), *_who(told)])


def signature_entry(id: str, label: str, category: str, statement: str, added: int, order: int) -> list[str]:
    """The entry of a signature in the vocabulary; its sentences are plain ones, to be written better."""
    phrases = {State.PRESENT: f"There are signs in {{authority}} of this: {label}.",
               State.NOT_FOUND: f"In {{authority}} this was looked for and not found on the evidence held: {label}.",
               State.NOT_KNOWN: f"The evidence held does not settle this for {{authority}}: {label}.",
               State.CONTESTED: f"The evidence disagrees about this in {{authority}}: {label}."}
    return [f"  - id: {scalar(id)}", *entry("title", label, "    "), *entry("label", label, "    "),
            f"    category: {scalar(category)}", f"    order: {order}", f"    added: {added}",
            f"    statement: {scalar(statement)}", "    phrases:",
            *(line for state, said in phrases.items() for line in entry(state.value, said, "      "))]


def signature_tests(sign: SignDraft, knowledge: Knowledge) -> Iterator[tuple[str, dict[str, str]]]:
    """What is given in each test of a new signature, by the test's name."""
    met, unmet = _values(sign, knowledge)
    yield f"{sign.indicator.id} is as its threshold asks", {sign.indicator.id: met}
    yield f"{sign.indicator.id} was looked at and is not so", {sign.indicator.id: unmet}
    yield f"nothing is known of {sign.indicator.id}", {}


def _values(sign: SignDraft, knowledge: Knowledge) -> tuple[str, str]:
    """A value that meets the test, and one that does not."""
    indicator, unit = sign.indicator, sign.indicator.unit
    if sign.comparison == "is":
        return sign.threshold, "no" if sign.threshold == "yes" else "yes"
    if indicator.reading is Reading.OCCURRENCES:
        return sign.threshold, "none"
    word = "" if unit.id in ("scale", "ratio") else f" {unit}"
    threshold = sign.threshold
    if threshold in SPREAD:
        year = max((year for id, year in knowledge.vocabulary.years if id == indicator.id), default=0)
        found = knowledge.vocabulary.years.get((indicator.id, year))
        threshold = f"{dict(found.figures)[threshold]:g}{word}" if found else threshold
    return threshold, f"0{word}"


def indicator_entry(said: Pairs) -> list[str]:
    """The entry of an indicator in the vocabulary; what is not said is left out."""
    first, *others = [line for key, text in said.items() if text for line in entry(key, text, "    ")]
    return [f"  - {first.strip()}", *others]


def case_text(id: str, title: str, code: str, name: str, invented: bool, example: str) -> str:
    """A case file without evidence, and under it, as comments, how evidence is written."""
    return _lines([
        *entry("case", id), *entry("title", title), *(["invented: true"] if invented else []),
        f"authority: {_flow({'code': code, 'name': name})}",
        "# Evidence goes here: take the # away, and write what the source says, no more. Never a person's name.",
        "# sources:",
        "#   - {id: a-report, title: its title, publisher: who published it, published: 2025-03-05}",
        "# observations:",
        f"#   - indicator: {example}",
        "#     value: the value with its unit",
        "#     about: 2025-01-31       # the day that it is about",
        "#     known: 2025-03-05       # the day on which it became public",
        "#     source: a-report",
        "#     page: 4"])


def _why(told: Told) -> list[str]:
    lists = [("statements", told.statements), ("sources", told.sources)]
    return [*entry("rationale", told.rationale),
            *(f"{key}: [{', '.join(scalar(id, _FLOW) for id in ids)}]" for key, ids in lists if ids)]


def _who(told: Told) -> list[str]:
    return ["version: 1", *entry("owner", told.owner), f"review_by: {scalar(told.review_by)}"]


def _flow(said: Pairs) -> str:
    return "{" + ", ".join(f"{scalar(key, _FLOW)}: {scalar(text, _FLOW)}" for key, text in said.items()) + "}"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
