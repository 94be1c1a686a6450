"""Sources and citations, as every file writes them."""

from __future__ import annotations

from collections.abc import Mapping as Table

from kb.fields import Fields
from kb.model import NOT_RECORDED, Citation, Source
from kb.problems import Code, did_you_mean, shown
from kb.yamltree import Mapping, Scalar, Tree


def read_source(fields: Fields) -> Source | None:
    """A document as far as it is recorded; None where it has no id."""
    id, _ = fields.text("id", required=True), fields.text("code")
    said = {key: fields.text(key, NOT_RECORDED) for key in ("title", "publisher", "published", "url")}
    return Source(id, **said, place=fields.place_of("id")) if id else None


def who_says(source: Source) -> str:
    """Whose finding a document holds, where nothing else is said: its publisher, or else the document for itself."""
    return source.publisher if source.publisher != NOT_RECORDED else f"the author of {source.id}"


def citations(fields: Fields, sources: Table[str, Source]) -> tuple[Citation, ...]:
    """The `sources:` of a record: ids, or groups of source, page and passage."""
    found = (_citation(item, fields, sources) for item in fields.sequence("sources"))
    return tuple(citation for citation in found if citation is not None)


def _citation(tree: Tree, fields: Fields, sources: Table[str, Source]) -> Citation | None:
    if isinstance(tree, Mapping):
        inner = fields.inner(tree, "source")
        id = inner.reference("source", sources, "source", required=True)
        page, passage = inner.text("page", NOT_RECORDED), inner.text("passage")
        inner.finish()
        return Citation(sources[id], page, passage) if id else None
    text = tree.text if isinstance(tree, Scalar) else ""
    if text not in sources:
        fields.report(tree.place, Code.UNKNOWN_ID, f"there is no source {shown(text)}",
                      did_you_mean(text, sources) or "add it to the list of sources")
    return Citation(sources[text]) if text in sources else None
