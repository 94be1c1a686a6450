"""The page that travels: one file with a case's chain of evidence, which asks nothing of any server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from engine.assess import Assessment, Assessor
from engine.program import NOW, Atom
from explain import words
from explain.account import Account, Line
from explain.answer import overview, why
from explain.render.text import clean, sections
from explain.timeline import Followed, follow, timeline
from explain.trace import trace
from explain.whynot import every_why_not
from kb.dates import long_date
from kb.model import State
from web.alone import policy
from web.chain import BAND, PAD, ROW, WIDTH, Drawn, graph, layout, standing, state_of_test, wrap
from web.pagedata import Data, Page, as_json, on_card
from web.rulebook import Leaf
from web.site import STATIC, environment, styles

SCRIPTS = ("evaluator.js", "chain.js", "supposing.js", "cards.js", "picture.js", "report.js")
VALUE, TITLE, SAID, STATE = 20, 21, 24, 28
"""Letters to a line of a card: of a value, a conclusion's title, what is looked at, and small print."""


class Card(NamedTuple):
    """A card as it is drawn: its place, its lines of text with how they look, and the band of its category."""

    key: str
    looks: str
    x: float
    y: float
    height: float
    band: int
    letter: str
    rows: tuple[tuple[str, str], ...]

    @property
    def lines(self) -> list[tuple[float, str, str]]:
        """Each line of text with its base line and how it looks."""
        return [(self.y + PAD + ROW * (at + 1) - 4, *row) for at, row in enumerate(self.rows)]


class Picture(NamedTuple):
    """The picture with which the page opens."""

    cards: tuple[Card, ...]
    lines: tuple[tuple[str, str, str], ...]
    width: float
    height: float
    title: str
    description: str
    card: int = WIDTH
    band: int = BAND
    pad: int = PAD


def report_page(assessment: Assessment, account: Account, followed: Followed) -> bytes:
    """The page of a case as at a date; `account`: the page for a meeting; `followed`: the case up to that date."""
    page = Page(assessment, followed.courses[-1].moments)
    data = page.data()
    chain, steps = why(assessment), trace(assessment)  # a step begins with what the one before it left in memory
    script = "".join(trimmed((STATIC / name).read_text(encoding="utf-8")) for name in SCRIPTS)
    style = trimmed(styles() + (STATIC / "report.css").read_text(encoding="utf-8"))
    title = f"{chain.heading}, as at {long_date(assessment.as_at)}"
    content: dict[str, object] = {
        "account": chain, "meeting": account, "picture": picture(page, data), "data": Markup(as_json(data)),
        "script": Markup(script), "style": Markup(style), "policy": policy(script, style),
        "overview": rows(overview(assessment).chain, page), "tree": list(sections(chain)),
        "why_not": every_why_not(assessment), "over_time": timeline(followed), "steps": steps,
        "trace": [line._replace(small=line.small[1:]) if line.role == "step" else line for line in steps.chain],
        "evidence": sorted(account.table.rows if account.table else (), key=lambda row: row[0]),
        "below": lambda line: line.children, "days": len(page.moments) + 1,
        "parts": [part for part in account.parts if part.lines],
    }
    leaf = Leaf("", "report.html", title, "home", content)
    return environment().get_template(leaf.template).render(leaf=leaf, root="", **content).encode("utf-8")


def trimmed(text: str) -> str:
    """A script or style without indentation and lines that only comment."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def travelling(assessment: Assessment, account: Account, assessor: Assessor) -> bytes:
    """The page of a case as at a date, on all that is held of it; `assessor`: what it was assessed with."""
    held = [o for some in assessment.looking.column.evidence.by_indicator.values() for o in some]
    return report_page(assessment, account, follow(assessor, assessment.case, assessment.as_at, ("all",), held))


class Row(NamedTuple):
    """One signature or conclusion in the table, by its place among the page's heads."""

    head: int
    kind: str
    title: str
    stood: str
    text: str


def rows(lines: Iterable[Line], page: Page) -> list[Row]:
    """Every signature and conclusion with how it stands."""
    return [Row(page.heads.get((line.role, line.id), -1), words.FOUND[line.role], line.title, words.standing(line),
                line.text) for line in lines]


def picture(page: Page, data: Data) -> Picture:
    """The chain of evidence as it stands, laid out as the script lays it out."""
    roots = standing(page.it)
    found = graph(page.it, page.on, roots)
    told = {key: tuple(_rows(key, page)) for key in found.cards}
    ordinal = {key: (0 if key[0] == "h" else 1000) + int(key[1:]) for key in found.cards}
    placed = layout(found, {key: len(some) for key, some in told.items()}, ordinal)
    cards = tuple(_card(card.key, (card.x, card.y, card.height), told[card.key], page) for card in placed.cards)
    heavy = _heavy(page, roots, data)
    said = "; ".join(" ".join(text for text, _ in card.rows) for card in cards)
    return Picture(cards, tuple(_lines(placed, heavy)), placed.width, placed.height, "The chain of evidence",
                   f"Cards, from evidence to result: {said}." if cards else "")


def _lines(placed: Drawn, heavy: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for (source, target), path, looks in placed.lines:
        needed = source in heavy and target in heavy
        yield f"{source} {target}", path, f"{looks} heavy" if needed else looks


def _heavy(page: Page, roots: Sequence[tuple[str, str]], data: Data) -> list[str]:
    """What the result that the picture leads to cannot do without, itself included; nothing where there is none."""
    heavy = data["heavy"]
    assert isinstance(heavy, Mapping)
    if not roots or roots[0][0] != "result" or str(page.heads[roots[0]]) not in heavy:
        return []
    return [*heavy[str(page.heads[roots[0]])], f"h{page.heads[roots[0]]}"]


def _card(key: str, place: tuple[float, float, float], told: tuple[tuple[str, str], ...], page: Page) -> Card:
    at = int(key[1:])
    if key[0] == "t":
        kind, letter = "evidence", page.test(page.on.tests[at])[1]
        met = state_of_test(page.it, Atom((page.on.tests[at],), NOW))
    else:
        kind, id = page.on.heads[at]
        letter, met = page.head(kind, id)[3], page.it.head_state(kind, id)
    looks = f"card {kind}" + ("" if met in (State.PRESENT, State.CONTESTED) else " unmet")
    band = page.categories.index(str(letter)) if letter else -1
    return Card(key, looks, *place, band, str(letter), told)


def _rows(key: str, page: Page) -> Iterator[tuple[str, str]]:
    """The lines of a card: of evidence its value, what it is, and its state where it is not met; else title and state.
    """
    at = int(key[1:])
    if key[0] == "h":
        kind, id = page.on.heads[at]
        yield from ((text, "name") for text in wrap(clean(page.names.title(kind, id)), TITLE))
        stood = on_card(kind, page.it.head_state(kind, id), page.it.level(kind, id) or "")
        yield from ((text, "state") for text in wrap(stood, STATE))
        return
    test = page.on.tests[at]
    value = page.value(test, page.it.looking.verdict(test, 0))
    state = state_of_test(page.it, Atom((test,), NOW))
    yield from ((text, "name") for text in wrap(value, VALUE) if value)
    yield from ((text, "said") for text in wrap(str(page.test(test)[0]), SAID))
    if state is not State.PRESENT:
        yield from ((text, "state") for text in wrap(words.OF_A_TEST[state], STATE))
