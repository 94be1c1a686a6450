"""Case files: a dossier of one authority, read with every mistake at its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from kb.authorities import by_any_code
from kb.dossier import Case, Hindsight, Note, Outcome, Remark
from kb.fields import Fields
from kb.model import Problem, Source, Vocabulary
from kb.problems import Code, did_you_mean, shown
from kb.readobservations import Known, read_citation, read_observations, read_remark
from kb.sources import read_source
from kb.yamltree import Mapping, read_tree


def read_case(path: Path, vocabulary: Vocabulary, name: str = "") -> tuple[Case | None, tuple[Problem, ...]]:
    """The case of a file and every problem in it; None where there is no case to be had."""
    tree, found, repaired = read_tree(path, name or path.name)
    problems = list(found)
    if isinstance(tree, Mapping):
        return case_of_tree(Fields(tree, problems, repaired=repaired, what="case"), vocabulary), tuple(problems)
    if tree is not None:
        problems.append(Problem(tree.place, Code.WRONG_SHAPE, "a case file has keys, beginning with `case:` and a name",
                                "see docs/case-files.md"))
    return None, tuple(problems)


def case_of_tree(fields: Fields, vocabulary: Vocabulary) -> Case:
    """The case of a tree, with its problems in the fields' list."""
    invented = fields.boolean("invented")
    authority = fields.mapping("authority", required=True)
    code, name = _authority(fields.inner(authority, "authority"), vocabulary, invented) if authority else ("", "")
    known = Known(vocabulary, {**vocabulary.sources, **_sources(fields)}, code)
    id = fields.text("case", required=True)
    if id and not (id.isascii() and id.replace("-", "").isalnum()):
        fields.report(fields.place_of("case"), Code.NOT_ALLOWED, f"the case's name {shown(id)} is not one plain word",
                      "use letters, figures and hyphens, since files are named after it")
    case = Case(
        id=id, title=fields.text("title", required=True),
        authority_code=code, authority=name,
        observations=tuple(read_observations(fields, known)), notes=tuple(_notes(fields, known)),
        invented=invented, summary=fields.text("summary"), outcomes=tuple(_outcomes(fields, known)),
        responses=tuple(_remarks(fields, known, "responses")),
        disagreements=tuple(_remarks(fields, known, "disagreements")), place=fields.place,
    )
    fields.finish()
    return case


def answers_nothing(case: Case, conclusions: Collection[str]) -> Iterator[Problem]:
    """Disagreements with a conclusion that no rule and no signature gives."""
    for told in case.disagreements:
        if told.conclusion not in conclusions:
            yield Problem(told.place, Code.UNKNOWN_ID, f"nothing concludes {shown(told.conclusion)}",
                          did_you_mean(told.conclusion, conclusions) or "sigrisk assess CASE lists them all")


def _authority(fields: Fields, vocabulary: Vocabulary, invented: bool) -> tuple[str, str]:
    """The code and name; a real one's code is on the list of authorities, where there is such a list."""
    code, name = fields.text("code", required=True), fields.text("name", required=True)
    fields.finish()
    codes = by_any_code(vocabulary.authorities)
    if code and codes and not invented and code not in codes:
        named = next((a.id for a in codes.values() if a.name == name), "")
        hint = f"{name} is {named}" if named else did_you_mean(code, codes) or "an invented one says invented: true"
        fields.report(fields.place_of("code"), Code.UNKNOWN_ID, f"no authority has the code {shown(code)}", hint)
    return code, name


def _sources(fields: Fields) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for tree in fields.mappings("sources"):
        inner = fields.inner(tree, "source")
        source = read_source(inner)
        inner.finish()
        if source is not None and found.setdefault(source.id, source) is not source:
            fields.report(source.place, Code.DUPLICATE_ID, f"the source {shown(source.id)} is already there",
                          f"the first is at {found[source.id].place}")
    return found


def _notes(fields: Fields, known: Known) -> Iterator[Note]:
    for tree in fields.mappings("notes"):
        inner = fields.inner(tree, "note")
        text, when = inner.text("text", required=True), inner.text("when", required=True)
        public, citation = inner.latest_day("known", required=True), read_citation(inner, known)
        hindsight = inner.choice("hindsight", tuple(Hindsight))
        inner.finish()
        if text and when and public and citation:
            yield Note(text, when, public, citation, Hindsight(hindsight) if hindsight else None, tree.place)


def _outcomes(fields: Fields, known: Known) -> Iterator[Outcome]:
    for tree in fields.mappings("outcomes"):
        inner = fields.inner(tree, "outcome")
        published, visited = inner.day("published", required=True), inner.day("visited")
        told, citation = inner.text("words", required=True), read_citation(inner, known)
        adverse = inner.boolean("adverse", required=True)
        if published and visited and visited > published:
            inner.report(inner.place_of("visited"), Code.NOT_ALLOWED, "the visit is after its publication")
        inner.finish()
        if published and citation:
            yield Outcome(published, told, citation, visited, adverse, tree.place)


def _remarks(fields: Fields, known: Known, key: str) -> Iterator[Remark]:
    for tree in fields.mappings(key):
        remark = read_remark(fields.inner(tree, key), known, conclusions=key == "disagreements")
        if remark is not None:
            yield remark
