"""What the analysis of the rules found, in words: the problem, the smallest combination that shows it, a real case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.meaning.analysis import Analysis
from engine.meaning.findings import Finding, Mark
from engine.meaning.seen import Looked, seen
from engine.program import Context
from explain import words
from explain.names import Names
from explain.sentences import sentence, test_in_words
from kb.conditions import Condition, HeadIs, ProtectiveIs, Rule, Test, TestIs, Within
from kb.dates import long_date
from kb.keeping import Keep
from kb.knowledge import Knowledge
from kb.model import Kind, Place, Problem, State
from kb.problems import Code, shown
from kb.told import Told, Verdict

if TYPE_CHECKING:
    from engine.assess import Asked

GUARDS = (Code.ONE_SIGNATURE, Code.TOO_FEW, Code.NUMBERS_ALONE)
"""What a single combination shows, where everything else is proved over all of them."""
KEEP = "nothing has to be mended: keep it against the day on which those change, or take it out"
FEW = 2
"""How many parts of a condition are named in the middle of a sentence."""


def told(analysis: Analysis, knowledge: Knowledge, asked: Sequence[Asked], keep: Mapping[int, Keep] | None = None,
         ) -> tuple[Told, ...]:
    """Every finding in words; `asked`: the cases and dates among which real ones are looked for.

    `keep`: where what is made of each case (by its identity) may be kept.
    """
    names = Names(knowledge)
    where = seen(analysis.findings, asked, Looked(analysis.program, knowledge.vocabulary, keep or {}))
    settled = [(finding, one) for finding, one in zip(analysis.findings, where, strict=True)
               if finding.code is not Code.NOT_ANALYSED]
    return (*(_told(finding, where, names) for finding, where in settled), *_left_open(analysis.findings))


def settled(analysis: Analysis, knowledge: Knowledge, of: int) -> str:
    """Of how many rules the meaning is settled, and what became of the others."""
    rules = knowledge.in_force
    left_open = {one.rule.id for one in analysis.findings if one.code is Code.NOT_ANALYSED}
    aside = of - len(rules)
    proved = len(rules) - len(left_open)
    said = [f"what {'the rules' if proved == of else f'{proved} of {of} rules in force'} mean is proved"]
    said += [f"{len(left_open)} left open"] if left_open else []
    said += [f"{aside} not analysed, because they rest on what could not be read"] if aside else []
    return ", ".join(said)


def _left_open(findings: Iterable[Finding]) -> Iterator[Told]:
    """One problem for all rules that were left open for the same reason, at the first of them."""
    by_reason: dict[str, list[Rule]] = {}
    for finding in findings:
        if finding.code is Code.NOT_ANALYSED and finding.rule not in by_reason.setdefault(finding.why, []):
            by_reason[finding.why].append(finding.rule)
    for why, rules in by_reason.items():
        others = f" and {len(rules) - 1} more" if len(rules) > 1 else ""
        message = f"what {_called(rules[0])}{others} can mean is left open: {why}"
        yield Told(Problem(rules[0].place, Code.NOT_ANALYSED, message,
                           "install python-sat, or let a rule ask for less at once"), verdict=Verdict.OPEN)


def _told(finding: Finding, where: Asked | None, names: Names) -> Told:
    message, hint = _words(finding, names)
    case = f"{where.case.authority}, as at {long_date(where.as_at)}" if where is not None else ""
    verdict = Verdict.WITNESS if finding.code in GUARDS else Verdict.PROVED
    shown_by = evidence(finding.shown, names, numbers_only=finding.code is Code.NUMBERS_ALONE)
    return Told(Problem(_place(finding), finding.code, message, hint), tuple(shown_by), case, verdict,
                note=finding.chained)


def _place(finding: Finding) -> Place:
    """Where the writer has to look: at the condition, or else at the last that excludes others, or at the rule."""
    conditions = [c for c in (finding.condition, *finding.clash[::-1]) if c is not None and c.place.file]
    return conditions[0].place if conditions else finding.rule.place


def _words(finding: Finding, names: Names) -> tuple[str, str]:
    """What was found, and what to do."""
    rule = _called(finding.rule)
    what = condition_in_words(finding.condition, names) if finding.condition is not None else ""
    clash = _each_with_line(finding.clash, names)
    match finding.code:
        case Code.NEVER_HOLDS:
            why = f"never together: {clash}" if len(finding.clash) > 1 else f"nothing makes it so that {clash}"
            return f"{rule} can never hold; {why}", "take out or change one of them"
        case Code.ALWAYS_DEFEATED:
            return (f"{rule} can never hold, because wherever its conditions are met, so is its exception: {what}",
                    "narrow the exception, or take the rule out")
        case Code.NEVER_DEFEATS:
            why = f"; it is never shown where {clash}" if clash else _covering(finding, names)
            return (f"this exception of {rule} decides nothing: {what}{why}{_chained(finding)}",
                    _hint_for_exception(finding))
        case Code.NEVER_DECIDES:
            return _never_decides(finding, rule, what)
        case Code.REPEATS | Code.SAME_AS:
            return _repeats(finding, rule)
        case _:
            return _reached(finding, names)


def _each_with_line(conditions: Iterable[Condition], names: Names) -> str:
    return words.several([f"{condition_in_words(c, names)} (line {c.place.line})" for c in conditions])


def _covering(finding: Finding, names: Names) -> str:
    """The exceptions that make another idle, where that is settled."""
    if not finding.covered_by:
        return ""
    which = "another exception is" if len(finding.covered_by) < FEW else "one of several others is"
    return f"; {which} always shown with it: {_each_with_line(finding.covered_by, names)}"


def _hint_for_exception(finding: Finding) -> str:
    """An exception that is the opposite of a premise can be seen to stop a rule only where the premise is `judged`."""
    if finding.chained:
        return KEEP
    if finding.clash:
        return "take it out, or write the premise as judged: so that the exception can be seen to stop the rule"
    return "take it out"


def _never_decides(finding: Finding, rule: str, what: str) -> tuple[str, str]:
    if isinstance(finding.condition, Within):
        months = finding.condition.months
        already = f"its evidence has to be as recent as that already{_chained(finding)}"
        hint = KEEP if finding.chained else "take it out, or ask for a shorter period"
        return f"{rule} means the same without within: {months} months; {already}", hint
    return f"{rule} means the same without this condition: {what}{_chained(finding)}", _hint_for_condition(finding)


def _chained(finding: Finding) -> str:
    """That it is not the rule's own words that make the condition idle."""
    return ", because of what the conclusions named here rest on" if finding.chained else ""


def _hint_for_condition(finding: Finding) -> str:
    return KEEP if finding.chained else "take it out, or ask for what was meant"


def _repeats(finding: Finding, rule: str) -> tuple[str, str]:
    others = words.several([f"{_called(other)} ({other.place.file}:{other.place.line})" for other in finding.others])
    if finding.code is Code.SAME_AS:
        return f"{rule} means the same as {others}", "keep one of them"
    if len(finding.others) > 1:
        return f"wherever {rule} holds, one of these holds as well and concludes as much: {others}", "take it out"
    return f"wherever {rule} holds, so does {others}, which concludes as much", "take it out, or ask for less in it"


def _reached(finding: Finding, names: Names) -> tuple[str, str]:
    assert finding.head is not None
    title = f'{words.FOUND[finding.head.kind]} {finding.head.id} ("{names.title(finding.head.kind, finding.head.id)}")'
    alone = words.several([names.title("signature", id) for id in finding.signatures])
    match finding.code:
        case Code.ONE_SIGNATURE:
            return f"{alone} alone can reach the {title}", "ask for a second signature, which rests on other indicators"
        case Code.TOO_FEW:
            return f"{alone} can reach the {title} with nothing beside them", "ask for more beside them"
        case _:
            return f"published numbers alone can reach the {title}", "ask for more_than_numbers:"


def _called(rule: Rule) -> str:
    """A rule by its name; a line of the grading by its signature and grade."""
    if rule.head.kind == "signature":
        return f"the grading of {rule.head.id} as {rule.head.level if rule.head.found else 'found not to be so'}"
    return f"the rule {rule.id}"


def condition_in_words(condition: Condition, names: Names) -> str:
    """A condition in the middle of a sentence, in one line."""
    match condition:
        case HeadIs():
            level = "" if condition.level == "held" else f" ({condition.level})"
            return f"{condition.id}{level} is present"
        case ProtectiveIs():
            return f"protective sign {condition.id}"
        case TestIs():
            return test_in_words(condition.test, names)
        case _:
            told = sentence(condition, names)
            inside = [part.text for part in told.parts]
            more = [f"and {len(inside) - FEW} more"] if len(inside) > FEW + 1 else inside[FEW:]
            return f"{told.text} ({'; '.join([*inside[:FEW], *more])})" if inside else told.text


def evidence(marks: Iterable[Mark], names: Names, numbers_only: bool = False) -> Iterator[str]:
    """A combination of evidence, one line a test: what it asks for, whether it is met, and what more is known of it.

    `numbers_only`: all of it is marked as a statistic, which is said where its indicator is most often something else.
    """
    found: dict[tuple[int, tuple[Test, ...], bool, bool], list[Context]] = {}
    for atom, for_ in marks:
        found.setdefault((atom.context.shift, atom.tests, atom.corroboration, for_), []).append(atom.context)
    for key in sorted(found, key=str):
        shift, tests, corroboration, for_ = key
        if corroboration:
            kinds = "what shows it is of two kinds, and stands in two documents"
            yield kinds if for_ else f"{kinds}: found not to be so"
        else:
            earlier = f", {shift} months earlier" if shift else ""
            usual = names.kb.vocabulary.indicators[tests[0].indicator].kind
            tag = ", published as a statistic" if numbers_only and usual is not Kind.STATISTIC else ""
            state = words.OF_A_TEST[State.PRESENT if for_ else State.NOT_FOUND]
            yield f"{test_in_words(tests[0], names)}: {state}{earlier}{_more(found[key], tests[0], names)}{tag}"


def _more(contexts: Sequence[Context], test: Test, names: Names) -> str:
    """How recent the evidence is, where it need not be so, and whether it is more than a number."""
    indicator = names.kb.vocabulary.indicators[test.indicator]
    holds = test.window or indicator.validity
    within = [c.within for c in contexts if c.within is not None and c.within < holds]
    recent = f", of the last {min(within)} months" if within else ""
    plus = [c.plus for c in contexts if c.plus is not None]
    if not plus or indicator.kind is not Kind.STATISTIC:
        return recent
    return f"{recent}, by an event or a finding"


def too_few_tests(knowledge: Knowledge, counted: Iterable[tuple[str, int]], fewest: int) -> Iterator[Problem]:
    """A problem for each rule with fewer tests than every rule should have."""
    rules = {rule.id: rule for rule in knowledge.in_force}
    for id, number in counted:
        tests = "test" if number == 1 else "tests"
        yield Problem(rules[id].place, Code.NO_TEST, f"the rule {shown(id)} has {number or 'no'} {tests}, not {fewest}",
                      "write one where it holds, one where a premise is missing, one where it is stopped")
