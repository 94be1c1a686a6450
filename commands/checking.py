"""Whether the rules are right, and mean what they seem to; and what each problem's code says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    FINDINGS,
    USAGE,
    Day,
    kb_option,
    rule_tests,
    rules_option,
    shown_name,
    stop,
    table_option,
)
from kb.files import CODE_PAGES, EXAMPLES, VOCABULARY
from kb.told import Found, Told

if TYPE_CHECKING:
    from engine.assess import Asked
    from engine.kept import Parts
    from kb.codepages import Page
    from kb.dossier import Case
    from kb.keeping import Keep
    from kb.knowledge import Knowledge
    from kb.model import Problem
    from kb.ruletests import RuleTest

    Reading = Callable[[], tuple[Case | None, tuple[Problem, ...]]]


FOR_PROGRAMS = ("json", "sarif")


@click.command(epilog="Examples:  sigrisk check   |   sigrisk check --rules my-rules --strict   |   "
                      "sigrisk check --format sarif > findings.sarif   |   sigrisk check --today 2027-04-01")
@click.argument("cases", type=click.Path(path_type=Path), nargs=-1)
@rules_option
@kb_option
@table_option
@click.option("--format", type=click.Choice(("text", "json", "github", "sarif")), default="text")
@click.option("--strict", is_flag=True, help="End with 1 on warnings too.")
@click.option("--notes", is_flag=True, help="Show notes too: what needs no mending (json and sarif always have them).")
@click.option("--today", type=Day(), help="The day on which review dates are looked at; without it they are not.")
def check(cases: tuple[Path, ...], rules: Path, vocabulary: Path, tables: tuple[Path, ...], format: str, strict: bool,
          notes: bool, today: date | None) -> None:
    """All problems of the vocabulary, the rules, their tests and the CASES (default: the shipped ones).

    Also what the rules mean, proved over all evidence there can be: rules that can never hold or add nothing,
    conditions that decide nothing, conclusions that too little evidence can reach. `sigrisk explain-code K031` says
    more of a code.
    """
    from explain.render.problems import FORMATS

    shipped = sorted(EXAMPLES.glob("*.yaml")) if vocabulary == VOCABULARY else []
    brief = not notes and format not in FOR_PROGRAMS
    found = _kept_or_found(rules, vocabulary, cases or shipped, tables, today, brief)
    shown = [one for one in found.told if not brief or one.level != "note"]
    click.echo(FORMATS[format](shown, _pages() if format == "sarif" else {}), nl=False)
    _end(found, strict, all_shown=len(shown) == len(found.told))


def _kept_or_found(rules: Path, vocabulary: Path, cases: Sequence[Path], tables: Sequence[Path], today: date | None,
                   brief: bool) -> Found:
    """Everything found, now or when the very same files were looked at before; and the parts that did not change."""
    from engine import kept

    asked = f"{len(cases)} {today} {brief}".encode()
    code, solver = _working_with()

    def file() -> Path | None:
        given = (part for path in (*cases, *tables) for part in (shown_name(path).encode(), path.read_bytes()))
        folders = chain(kept.contents(rules), kept.contents(vocabulary))
        return kept.place("checked", chain([asked, solver, CODE_PAGES.read_bytes()], folders, given, code))

    before = file()
    try:
        found = kept.fetch(before)
    except Exception:  # a damaged cache is no cache
        found = None
    if not isinstance(found, Found):
        parts = parts_of(rules, vocabulary) if before else kept.Parts()
        found = everything_found(rules, vocabulary, cases, tables, today, parts, brief)
        if before == file():  # nobody saved a file meanwhile
            kept.keep(before, found)
            parts.keep()
    return found


def parts_of(rules: Path, vocabulary: Path) -> Parts:
    """Where the parts of what `check` finds in two folders are kept."""
    from engine import kept

    code, solver = _working_with()
    folders = (bytes(path.resolve()) for path in (rules, vocabulary))
    return kept.Parts(kept.place("parts", chain([solver], folders, code)))


def _working_with() -> tuple[tuple[bytes, ...], bytes]:
    """Our own modules, and whether there is a solver."""
    from importlib.util import find_spec

    from engine import kept

    return tuple(kept.code("commands", "explain", "engine", "kb")), b"%d" % (find_spec("pysat") is not None)


def everything_found(rules: Path, vocabulary: Path, cases: Sequence[Path] = (), tables: Sequence[Path] = (),
                     today: date | None = None, parts: Parts | None = None, brief: bool = False) -> Found:
    """Every problem in the order of places, and what was looked at.

    What rules mean is worked out for those that could be read and rest on nothing that could not. `parts`: where what
    is worked out may be kept; what is found is the same with and without. `brief`: notes are found, to be counted, and
    nothing is sought that would show them.
    """
    from engine.kept import Parts, contents
    from kb.load import load
    from kb.rulefiles import TESTS_FOLDER
    from kb.standing import standing

    parts = parts or Parts()
    words = parts.under(contents(vocabulary))
    written = words.under(contents(rules, but=TESTS_FOLDER))
    knowledge, problems = written.part([b"rules"], lambda: load(rules, vocabulary, words.part))
    problems += words.part([b"beside"], partial(_beside, vocabulary, knowledge))
    tests, wrong = rule_tests(rules, knowledge, whole=not problems, keep=words.part)
    problems += _of_exercises(vocabulary, knowledge, words.part, whole=not problems)
    read, others = _read(cases, tables, knowledge, words)
    found = {Told(problem) for problem in (*problems, *wrong, *others)}
    found |= _lacking(knowledge, None if wrong else tests, today, whole=not problems)
    known = not any(problem.place.file.startswith(f"{vocabulary.name}/") for problem in problems)
    left = standing(knowledge, problems) if problems and known else knowledge
    said = ""
    if known and left.rules:
        meant, said = _meaning(left, read, len(knowledge.in_force), words, brief)
        found |= set(meant)
    why = _why(parts) if found else {}
    told = tuple(one._replace(why=why[one.problem.code]) for one in sorted(found))
    looked_at = (f"{len(knowledge.rules)} rules", f"{len(tests)} tests",
                 f"{len(knowledge.vocabulary.indicators)} indicators", f"{len(read)} cases")
    aside = len({problem.place.file for problem in problems})
    return Found(told, "; ".join([
        ", ".join(looked_at), said or "what the rules mean is worked out once they can be read",
        *([f"{aside} {'file is' if aside == 1 else 'files are'} left aside until mended"] if aside else [])]))


def _beside(vocabulary: Path, knowledge: Knowledge) -> tuple[Problem, ...]:
    """The problems of the files beside the vocabulary of which no rule speaks."""
    from kb.importing.calendar import read_calendar
    from kb.importing.kinds import read_kinds
    from kb.judgements import read_judgements
    from kb.privacy import read_privacy

    return (*read_privacy(vocabulary)[1], *read_calendar(vocabulary)[1], *read_judgements(vocabulary)[1],
            *read_kinds(vocabulary, knowledge.vocabulary)[1])


def _why(parts: Parts) -> dict[str, str]:
    """Why each code matters."""
    return parts.part([b"why", CODE_PAGES.read_bytes()], lambda: {code: page.why for code, page in _pages().items()})


def _pages() -> dict[str, Page]:
    """The page of every code; they are written in YAML, of which an answer that is kept has no need."""
    from kb.codepages import pages

    return pages()


def _of_exercises(vocabulary: Path, knowledge: Knowledge, keep: Keep, whole: bool) -> tuple[Problem, ...]:
    """The problems of the exercises; beside rules that could not all be read, not what only follows from that."""
    from kb.exercises import read_exercises
    from kb.problems import Code

    _, problems = read_exercises(vocabulary, knowledge, EXAMPLES if vocabulary == VOCABULARY else None, keep)
    return tuple(problem for problem in problems if whole or problem.code != Code.UNKNOWN_ID)


def _read(files: Sequence[Path], tables: Sequence[Path], knowledge: Knowledge, parts: Parts,
          ) -> tuple[list[tuple[Reading, Parts]], list[Problem]]:
    """What gives the cases of the files, each with where its parts may be kept; and all problems, those of tables too.

    A case that was read before is fetched when it is asked for; mostly nothing is sought in it.
    """
    from kb.casefiles import answers_nothing, read_case

    read: list[tuple[Reading, Parts]] = []
    problems: list[Problem] = []
    for path in files:
        name = shown_name(path)
        mine = parts.under(part() for part in (name.encode, path.read_bytes))
        reading = cache(partial(mine.part, [b"case"], partial(read_case, path, knowledge.vocabulary, name)))
        there, disputed, unread = mine.part([b"of the case"], partial(_of_case, reading))
        case = reading()[0] if disputed else None
        problems += (*unread, *(answers_nothing(case, knowledge.names()) if case is not None else ()))
        read += [(reading, mine)] if there else []
    return read, problems + _of_tables(tables, knowledge)


def _of_case(reading: Reading) -> tuple[bool, bool, tuple[Problem, ...]]:
    """Whether there is a case, whether anybody in it disagrees with a conclusion, and the problems of its file."""
    case, problems = reading()
    return case is not None, case is not None and bool(case.disagreements), problems


def _of_tables(tables: Sequence[Path], knowledge: Knowledge) -> list[Problem]:
    from kb.tables import read_table

    problems: list[Problem] = []
    for path in tables:
        problems += read_table(path, knowledge.vocabulary, shown_name(path))[1]
    return problems


def _lacking(knowledge: Knowledge, tests: Sequence[RuleTest] | None, today: date | None, whole: bool) -> set[Told]:
    """What rules that could be read still lack. Tests are counted only where all of them could be read."""
    from explain.differences import FEWEST, tally
    from explain.found import too_few_tests
    from kb.upkeep import upkeep

    few = () if tests is None else too_few_tests(knowledge, tally(tests, knowledge).too_few, FEWEST)
    return {Told(problem) for problem in (*upkeep(knowledge, today, whole), *few)}


def _meaning(knowledge: Knowledge, read: Sequence[tuple[Reading, Parts]], of: int, words: Parts,
             brief: bool) -> tuple[tuple[Told, ...], str]:
    """What the rules mean, and of how many that is settled; a word on stderr meanwhile, where somebody watches.

    It may be kept, with the `words` on which all of it rests.
    """
    from engine.meaning.analysis import analyse
    from explain.found import settled, told

    if sys.stderr.isatty():
        click.echo("working out what the rules mean ...\r", nl=False, err=True)
    analysis = analyse(knowledge, words, brief)
    sought = any(finding.wants for finding in analysis.findings)
    cases = [(case, mine.part) for reading, mine in (read if sought else ()) if (case := reading()[0]) is not None]
    keep = {id(case): part for case, part in cases}
    days = _days([case for case, _ in cases]) if cases else []
    return told(analysis, knowledge, days, keep), settled(analysis, knowledge, of)


def _days(cases: Sequence[Case]) -> list[Asked]:
    """Every case on every day on which something in it became known."""
    from engine.assess import Asked

    return [Asked(case, day) for case in cases for day in sorted({o.known for o in case.observations})]


def _end(found: Found, strict: bool, all_shown: bool) -> None:
    """How many there are, and what was looked at, on stderr; and the exit code."""
    levels = [one.level for one in found.told]
    counts = ((word, levels.count(level)) for level, word in (
        ("error", "problem"), ("warning", "warning"), ("note", "note")))
    said = [f"{number} {word}{'s' if number > 1 else ''}" for word, number in counts if number]
    if "error" not in levels and "warning" not in levels:
        said = ["no problems", *said]
    more = "" if all_shown else " (--notes shows what needs no mending)"
    click.echo(f"{', '.join(said)}{more}\n{found.looked_at}", err=True)
    if "error" in levels or (strict and "warning" in levels):
        raise SystemExit(FINDINGS)


@click.command(epilog="Examples:  sigrisk explain-code K031   |   sigrisk explain-code")
@click.argument("code", required=False)
def explain_code(code: str | None) -> None:
    """What a problem's CODE means, why it matters, an example, and how to mend it (without CODE: the list of codes)."""
    from kb.codepages import pages
    from kb.problems import CODES, did_you_mean

    if code is None:
        click.echo("".join(f"{known}  {title}\n" for known, title in CODES.items()), nl=False)
        return
    wanted = code.upper()
    if wanted not in CODES:
        stop([f"sigrisk: there is no code {code!r}; "
              f"{did_you_mean(wanted, CODES) or 'sigrisk explain-code lists them'}"], USAGE)
    click.echo(pages()[wanted].markdown, nl=False)
