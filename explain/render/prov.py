"""An answer as PROV-JSON, the W3C's format for provenance: what was observed, which rules fired, what they gave.

Entities are observations, their documents, rules (as plans) and conclusions. Activities are rules that fired, or that
were looked at and do not hold. What no rule could judge is an entity that nothing generated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from engine.assess import Assessment
from engine.program import ANY_AGE, Atom, Context, Proposition
from engine.proofs import AGAINST, FOR, Mark
from engine.support import under
from explain.names import Names
from explain.receipt import HOLDS, hashes, short, tool_version
from explain.words import MARKER_WORDS, STATE_WORDS, observed
from kb.conditions import HELD, LADDERS, Rule
from kb.dossier import Observation
from kb.model import NOT_RECORDED, NOWHERE, Place, Source, State

PREFIX = "sigrisk"
NAMESPACE = "urn:sigrisk:"
"""A name and no address: nothing is looked up anywhere."""
ROLES = {FOR: "speaks for the rule", AGAINST: "speaks against the rule"}
UNSAID: tuple[object, ...] = (None, "", (), [], False, NOT_RECORDED)
Head = tuple[str, str]
Attributes = dict[str, object]


def everything(assessment: Assessment) -> list[Head]:
    """Every signature and conclusion that a rule in force speaks of, as (kind, id)."""
    return sorted({(head.kind, head.id) for head in assessment.program.heads})


def prov(assessment: Assessment, heads: Iterable[Head]) -> str:
    """PROV-JSON of some signatures and conclusions, given as (kind, id), with all that they rest on."""
    chain = _Chain(assessment)
    for kind, id in heads:
        chain.follow(kind, id)
    return json.dumps(chain.document(), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


class _Elements:
    """The entities, activities and agents of one assessment, each told once under a name that is its own anywhere."""

    def __init__(self, assessment: Assessment) -> None:
        self.it, self.names, case = assessment, Names(assessment.knowledge), assessment.case
        self.told: dict[str, dict[str, Attributes]] = {"entity": {}, "activity": {}, "agent": {}}
        self.related: dict[str, set[tuple[tuple[str, str], ...]]] = {}
        self.named: dict[int | Observation, str] = {}
        known, version, engine = short(hashes(assessment)), tool_version(), assessment.engine
        self.answer = f"{_slug(case.id)}/{assessment.as_at.isoformat()}/{known}"
        self.tool = self.add("agent", f"tool/{_slug(version.replace(' ', '-'))}/{engine}", "prov:SoftwareAgent",
                             f"sigrisk {version}", engine=engine, version=version)

    def add(self, kind: str, name: str, type: str, label: str, place: Place = NOWHERE, /, **said: object) -> str:
        """The qualified name of an element, which is kept with what is said of it."""
        id = f"{PREFIX}:{name}"
        about = {f"{PREFIX}:{key}": value for key, value in said.items() if value not in UNSAID}
        located = {} if place == NOWHERE else {"prov:location": str(place)}
        self.told[kind].setdefault(id, {"prov:type": _typed(type), "prov:label": label, **about, **located})
        return id

    def relate(self, kind: str, **ends: str) -> None:
        """One relation, kept once."""
        self.related.setdefault(kind, set()).add(tuple(sorted((f"prov:{end}", id) for end, id in ends.items())))

    def own(self, *parts: str) -> str:
        """The name of something that this answer alone gave."""
        return "/".join((self.answer, *(_slug(part) for part in parts if part)))

    def node(self, node: int) -> str:
        """The element that a head or a rule, as looked at there, stands for."""
        origin, context, state = self.it.program.nodes[node].origin, self.it.program.nodes[node].context, self.it.state
        if node not in self.named and isinstance(origin, Proposition):
            self.named[node] = self.conclusion(origin, state(node))
        elif node not in self.named and isinstance(origin, Rule):
            self.named[node] = self.firing(origin, context, state(node))
        return self.named[node]

    def seen(self, o: Observation) -> str:
        """The element that an observation stands for."""
        if o not in self.named:
            self.named[o] = self.observation(o)
        return self.named[o]

    def conclusion(self, head: Proposition, state: State) -> str:
        """A signature or conclusion at one level, as looked at."""
        level = "" if head.level in HELD else head.level
        looked_at, case = list(_as_looked_at(head.context)), self.it.case
        said = ", ".join(filter(None, (self.names.title(head.kind, head.id), level, *looked_at)))
        limits = list(self.it.knowledge.vocabulary.limits) if head.kind == "result" else []
        return self.add("entity", self.own(head.kind, head.id, level, *looked_at), f"{PREFIX}:{head.kind}",
                        f"{said}: {STATE_WORDS[state]}", id=head.id, level=level, state=STATE_WORDS[state],
                        looked_at=looked_at,
                        as_at=_day(self.it.as_at.isoformat()), case=case.id, authority=case.authority,
                        authority_code=case.authority_code, invented=case.invented, limits=limits)

    def firing(self, rule: Rule, context: Context, state: State) -> str:
        """A rule at work as it was looked at, by the tool, with the rule as its plan."""
        holds, looked_at = state in HOLDS, list(_as_looked_at(context))
        activity = self.add("activity", self.own("rule", rule.id, *looked_at),
                            f"{PREFIX}:{'fired' if holds else 'looked-at'}",
                            f"rule {rule.id} {'fired' if holds else 'was looked at and does not hold'}",
                            state=STATE_WORDS[state], looked_at=looked_at)
        self.relate("wasAssociatedWith", activity=activity, agent=self.tool, plan=self.plan(rule))
        return activity

    def plan(self, rule: Rule) -> str:
        """A rule as it is written, and the documents that it cites."""
        plan = self.add("entity", f"rule/{_slug(rule.id)}/{short(rule)}", "prov:Plan", rule.title, rule.place,
                        id=rule.id, version=rule.version, owner=rule.owner, review_by=rule.review_by,
                        rationale=rule.rationale, statements=list(rule.statements))
        for citation in rule.citations:
            self.relate("wasDerivedFrom", generatedEntity=plan, usedEntity=self.document_of(citation.source))
        return plan

    def observation(self, o: Observation) -> str:
        """An observation, which was derived from its document."""
        indicator = self.it.knowledge.vocabulary.indicators[o.indicator]
        found = self.add(
            "entity", f"observation/{short(o)}", f"{PREFIX}:observation", observed(o, indicator), o.place,
            indicator=o.indicator, kind=str(o.kind), unit=str(indicator.unit), value=_number(o.value),
            no_value="" if o.marker is None else MARKER_WORDS[o.marker], base=_number(o.base),
            about_from=_day(o.about.start.isoformat()), about_to=_day(o.about.end.isoformat()),
            about_precision=str(o.about.precision), known=_day(o.known.isoformat()), found_by=o.body,
            of=[word for _, word in o.of], page=o.citation.page, passage=o.citation.passage, note=o.note)
        self.relate("wasDerivedFrom", generatedEntity=found, usedEntity=self.document_of(o.citation.source),
                    type="prov:PrimarySource")
        return found

    def document_of(self, source: Source) -> str:
        """A document, as far as it is recorded."""
        title = source.id if source.title == NOT_RECORDED else source.title
        return self.add("entity", f"document/{short(source)}", f"{PREFIX}:document", title, source.place, id=source.id,
                        publisher=source.publisher, published=source.published, url=source.url)


class _Chain:
    """What chosen heads rest on, each mark told once in each reading of disputed evidence."""

    def __init__(self, assessment: Assessment) -> None:
        self.it, self.elements = assessment, _Elements(assessment)
        self.seen: set[tuple[int, Mark]] = set()

    def follow(self, kind: str, id: str) -> None:
        """A head at each level of which something is known, or at its lowest, with all that is below."""
        asked = [self.it.program.head(kind, id, level) for level in LADDERS[kind]]
        nodes = [node for node in asked if node is not None]
        for node in [n for n in nodes if self.it.state(n) is not State.NOT_KNOWN] or nodes[:1]:
            self.elements.node(node)
            for column, proof in enumerate(self.it.proofs):
                self.down(column, [mark for mark in (Mark(node, FOR), Mark(node, AGAINST)) if proof.holds(mark)])

    def down(self, column: int, marks: list[Mark]) -> None:
        """Relates each of the marks of heads and rules to what is right under it, and so on below."""
        while marks:
            at = marks.pop()
            if (column, at) in self.seen:
                continue
            self.seen.add((column, at))
            for below in self.it.proofs[column].nearest(at):
                if isinstance(self.it.program.nodes[below.node].origin, Atom):
                    for o in under(self.it.program, self.it.looking, below, column):
                        self.used(at, self.elements.seen(o))
                else:
                    self.used(at, self.elements.node(below.node))
                    marks.append(below)

    def used(self, upper: Mark, below: str) -> None:
        """A rule used what is under it; a head was generated by the rule under it."""
        above = self.elements.node(upper.node)
        if isinstance(self.it.program.nodes[upper.node].origin, Rule):
            self.elements.relate("used", activity=above, entity=below, role=ROLES[upper.side])
        else:
            self.elements.relate("wasGeneratedBy", entity=above, activity=below)

    def document(self) -> dict[str, object]:
        """The whole as PROV-JSON lays it out: relations have no names of their own, only numbers."""
        for entity, activity, used in self.rests_on():
            self.elements.relate("wasDerivedFrom", generatedEntity=entity, usedEntity=used, activity=activity)
        related = {kind: {f"_:{kind}{number}": _ended(pairs) for number, pairs in enumerate(sorted(told), 1)}
                   for kind, told in self.elements.related.items()}
        told = {kind: elements for kind, elements in self.elements.told.items() if elements}
        return {"prefix": {PREFIX: NAMESPACE}, **told, **related}

    def rests_on(self) -> Iterator[tuple[str, str, str]]:
        """Each conclusion with each rule that gave it and each thing that the rule used."""
        used: dict[str, set[str]] = {}
        for pairs in self.elements.related.get("used", ()):
            said = dict(pairs)
            used.setdefault(said["prov:activity"], set()).add(said["prov:entity"])
        for pairs in list(self.elements.related.get("wasGeneratedBy", ())):
            said = dict(pairs)
            for below in used.get(said["prov:activity"], ()):
                yield said["prov:entity"], said["prov:activity"], below


def _ended(pairs: tuple[tuple[str, str], ...]) -> dict[str, object]:
    """A relation as it is written: a type is a name, not a text."""
    return {key: _typed(told) if key == "prov:type" else told for key, told in pairs}


def _slug(words: str) -> str:
    """Words as a part of a qualified name, whatever a file calls its things; spaces divide it further."""
    from urllib.parse import quote

    return "/".join(quote(word, safe="").replace(".", "%2E") for word in words.split(" "))


def _typed(name: str) -> Attributes:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _day(written: str) -> Attributes:
    return {"$": written, "type": "xsd:date"}


def _number(value: float | None) -> Attributes | None:
    return None if value is None else {"$": f"{value!r}", "type": "xsd:double"}


def _as_looked_at(context: Context) -> Iterator[str]:
    """How a head or rule is looked at, where it is not simply as asked now; each part in words."""
    if context.within is not None:
        yield f"within {context.within} months"
    if context.shift:
        yield f"{context.shift} months earlier"
    if context.plus is not None:
        yield "on an event or finding" + (f" of the last {context.plus} months" if context.plus != ANY_AGE else "")
    if context.refuting:
        yield "asked to be found not so"
