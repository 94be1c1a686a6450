"""Pages about the knowledge base as plain text: a statement with what carries it, a rule with all it rests on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from explain.render.text import STEP, WIDTH, Paint, clean, plain
from explain.rulepages import Document, Named, Page
from explain.sentences import Sentence
from explain.traceability import Carrier, Traced, Tracing
from explain.words import count_of
from kb.dates import long_date, read_day
from kb.model import NOT_RECORDED, Place


def tracing(traced: Tracing, paint: Paint = plain) -> str:
    """Each statement, quoted, with its use and what carries it; then the statements that nothing carries."""
    lines = [line for one in traced.statements for line in (*_statement(one, paint), "")]
    return "\n".join([*lines, *_not_carried(traced, paint)]) + "\n"


def _statement(one: Traced, paint: Paint) -> Iterator[str]:
    yield paint(clean(f"{one.id} [{one.kind}]{_at(one.place)}"), "bold")
    yield from _wrapped(f'"{one.quote}"', STEP)
    yield from _wrapped(f"Use: {one.use}", STEP)
    for sort in dict.fromkeys(carrier.sort for carrier in one.carried_by):
        yield from _carriers(sort, [carrier for carrier in one.carried_by if carrier.sort == sort])
    if not one.carried_by:
        yield from _wrapped("Carried by nothing.", STEP)


def _carriers(sort: str, carriers: Sequence[Carrier]) -> Iterator[str]:
    """Indicators and grades in one line, since they are many; everything else with its words and place."""
    if sort in ("indicator", "grading"):
        told = list(dict.fromkeys(carrier.id for carrier in carriers))
        yield from _wrapped(f"{sort}: {', '.join(told)}", STEP, "- ")
    else:
        for carrier in carriers:
            yield from _wrapped(f"{sort} {carrier.id}: {carrier.title}{_at(carrier.place)}", STEP, "- ")


def _not_carried(traced: Tracing, paint: Paint) -> Iterator[str]:
    carried = len(traced.statements) - len(traced.not_carried)
    yield paint(f"{count_of(len(traced.statements), 'statement')}, {carried} of them carried by something", "bold")
    uses = {one.id: one for one in traced.statements}
    for id in traced.not_carried:
        yield from _wrapped(f"{id} ({uses[id].kind}) is carried by nothing. {uses[id].use}", 0, "- ")


def rule_pages(pages: Iterable[Page], paint: Paint = plain) -> str:
    """The pages one below the other."""
    return "\n".join("\n".join(_page(page, paint)) + "\n" for page in pages)


def _page(page: Page, paint: Paint) -> Iterator[str]:
    yield paint(clean(f"{page.id}: {page.title}"), "bold")
    yield from _wrapped(_record(page), 0)
    yield ""
    yield from _wrapped(f"Concludes: {page.concludes}", 0)
    who = f"; who can act: {page.who_can_act}" if page.who_can_act else ""
    if page.categories or who:
        yield from _wrapped(f"Category: {', '.join(page.categories) or NOT_RECORDED}{who}", 0)
    for title, lines in _sections(page):
        if lines:
            yield from ("", paint(title, "bold"), *lines)


def _record(page: Page) -> str:
    """Where a rule is written, and who answers for it until when."""
    review = read_day(page.review_by)
    told = (f"{page.place.file}:{page.place.line}" if page.place else "", page.status,
            f"version {page.version}" if page.version else "", f"owner: {page.owner}" if page.owner else "",
            f"to be reviewed by {long_date(review)}" if review else "")
    return "; ".join(part for part in told if part)


def _sections(page: Page) -> Iterator[tuple[str, list[str]]]:
    yield "When", [line for told in page.when for line in _sentence(told, 0)]
    yield "Unless", [line for told in page.unless for line in _sentence(told, 0)]
    yield "How its signs grade it", _named(page.grading)
    yield "What is said where it holds", _wrapped(page.because, 0)
    basis = [f"Basis: {page.basis}."] if page.basis else []
    yield "Why the rule is so", [line for text in (page.rationale, *basis) for line in _wrapped(text, 0)]
    yield "Sources", [line for document in page.sources for line in _document(document)]
    yield "Statements it rests on", _named(page.statements, quoted=True)
    yield "Other rules for the same conclusion", _named(page.others)
    rests = _named(page.feeds)
    yield "Rules that ask for what it concludes", rests or ["- none"]
    yield f"Tests ({len(page.tests)})", [line for test in page.tests for line in _test(test)] or ["- none"]


def _sentence(told: Sentence, depth: int) -> Iterator[str]:
    """A condition, with what stands under it one step further in."""
    yield from _wrapped(told.text + (":" if told.parts else ""), depth * STEP, "- ")
    for part in told.parts:
        yield from _sentence(part, depth + 1)


def _named(found: Iterable[Named], quoted: bool = False) -> list[str]:
    told = ((named, f'"{named.text}"' if quoted else named.text) for named in found)
    return [line for named, text in told
            for line in _wrapped(f"{named.id}: {text}{'' if quoted else _at(named.place)}", 0, "- ")]


def _test(test: Named) -> list[str]:
    return _wrapped(f"{test.text}{_at(test.place)}", 0, "- ")


def _document(document: Document) -> list[str]:
    """Title, publisher, date and address, each as far as it is recorded."""
    known = {"title": document.title, "publisher": document.publisher, "date": document.published,
             "address": document.address}
    told = [value if value != NOT_RECORDED else f"{name} not recorded" for name, value in known.items()]
    where = [f"page {document.page}" if document.page[:1].isdigit() else document.page]
    passage = [f'passage "{document.passage}"'] if document.passage else []
    return _wrapped("; ".join([*told, *(where if document.page != NOT_RECORDED else []), *passage]), 0, "- ")


def _at(place: Place | None) -> str:
    return f" ({place.file}:{place.line})" if place and place.file else ""


def _wrapped(text: str, indent: int, bullet: str = "") -> list[str]:
    margin = " " * indent
    lines = textwrap.wrap(clean(text), max(WIDTH - indent, 40), initial_indent=bullet,
                          subsequent_indent=" " * len(bullet), break_long_words=False, break_on_hyphens=False)
    return [margin + line for line in lines]
