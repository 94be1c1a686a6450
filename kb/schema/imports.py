"""Schemas of the files that say how published tables are read: each kind of file, and the calendar of releases."""

from __future__ import annotations

from kb.dossier import Marker
from kb.importing.kinds import CALENDAR, FOLDER, SAID
from kb.schema.known import Known
from kb.schema.shapes import (
    BOOLEAN,
    INTEGER,
    LOOSE_DAY,
    TEXT,
    TEXTS,
    Key,
    Keys,
    Schema,
    file,
    group,
    id_of,
    list_of,
    word,
)

KIND = "import-kind.json"
TIMES = "import-calendar.json"
NAMED: Schema = {"type": "object", "additionalProperties": TEXT}
"""Texts under names that the file chooses itself."""


def schema_of(stem: str) -> str:
    """The name of the schema of a file in the folder of kinds."""
    return TIMES if stem == CALENDAR else KIND


def import_files(known: Known) -> dict[str, Schema]:
    """The schema of each sort of file in the folder of kinds, by the name of the schema's file."""
    return {KIND: file(f"{FOLDER}: a kind of published file", group("kind", kind_keys(known)), {}),
            TIMES: file(f"{FOLDER}: when releases became public", group("calendar", calendar_keys()), {})}


def measure_keys(known: Known) -> Keys:
    """The keys of one figure of a file."""
    return {
        "column": Key("The column that it stands in; of several any one.", TEXTS),
        "says": Key("The word that it stands under, where one column holds all figures.", TEXTS),
        "indicator": Key("What it is evidence of.", id_of(known.indicators)),
        "name": Key("What it is called where no indicator asks for it.", TEXT),
        "ends": Key("The day on which its year ends, as 31 March.", TEXT),
        "source": Key("The document, where it is another than the file's.", id_of(known.sources)),
        "release": Key("The release, where it is another than the file's.", TEXT),
        "count": Key("true for a number of people, which those that send in one return have together.", BOOLEAN),
        "base": Key("The column with the number that stands behind this rate.", TEXT),
        "decimals": Key("How many decimals were published.", INTEGER),
        "years": Key("What the file's dictionary calls its years.", TEXT),
    }


def kind_keys(known: Known) -> Keys:
    """The keys of one kind of file."""
    authority: Keys = {"number": Key("The column with the authority's number.", TEXT),
                       "code": Key("The column with its code.", TEXT), "name": Key("The column with its name.", TEXT),
                       "together": Key("What stands between several in one cell.", TEXT)}
    levels: Keys = {"column": Key("The column that tells them apart.", TEXT, True),
                    "each": Key("Its word for one authority.", TEXT),
                    "whole": Key("Its word for all of them together.", TEXT),
                    "left_out": Key("Its words for what is left aside.", TEXTS)}
    period: Keys = {"column": Key("The column with the year.", TEXT, True),
                    "ends": Key("The day on which it ends, as 30 September.", TEXT)}
    only: Keys = {"column": Key("A column ...", TEXT, True), "says": Key("... and what it says.", TEXT, True)}
    one: Keys = {"column": Key("The column that says which figure a row is.", TEXT),
                 "value": Key("The column with the figure.", TEXT)}
    markers: Schema = {"type": "object", "additionalProperties": word(Marker)}
    return {
        "kind": Key("The name of this kind of file.", TEXT, True), "title": Key("What it is.", TEXT, True),
        "holds": Key("What it gives.", word(SAID), True),
        "told_by": Key("The columns by which it is told from others.", TEXTS, True),
        "source": Key("The document that it is.", id_of(known.sources)),
        "authority": Key("The columns that say of which authority a row is.", group("Authority", authority)),
        "sheet": Key("Of a workbook: the sheet.", TEXT),
        "period": Key("What the figures are about.", group("Period", period)),
        "release": Key("The release in the calendar.", TEXT),
        "levels": Key("Which rows are about one authority.", group("Levels", levels)),
        "only": Key("Rows are read only where this is so.", list_of(group("Condition", only))),
        "markers": Key("What stands in place of a number, and why.", markers),
        "measures": Key("The figures.", list_of(group("Measure", measure_keys(known)))),
        "measure": Key("Where one column holds all figures: which.", group("Measure", one)),
        "second_hand": Key("true where others publish its figures first.", BOOLEAN),
        "dictionary": Key("The columns of its dictionary: measure, title, years.", NAMED),
        "framework": Key("The framework of its judgements.", TEXT), "model": Key("The model of likeness.", TEXT),
        "neighbour": Key("The column of a neighbour, with {rank}.", TEXT),
        "closeness": Key("The column of how close it is, with {rank}.", TEXT),
        "dates": Key("The columns with days; date is that of publication.", NAMED),
        "texts": Key("Columns that are kept as they are.", NAMED), "areas": Key("The column of each area.", NAMED),
        "may_be_empty": Key("Areas that may have no judgement.", TEXTS),
        "judgements": Key("The words of the file, and those used here.", NAMED),
        "ranks": Key("How many neighbours each has.", INTEGER), "words": Key("The words for how close.", TEXTS),
    }


def calendar_keys() -> Keys:
    """The keys of the calendar of releases."""
    days: Schema = {"type": "object", "additionalProperties": LOOSE_DAY}
    release: Keys = {"id": Key("The release, as the kinds of files name it.", TEXT, True),
                     "title": Key("What it is.", TEXT),
                     "known": Key("The last day of what it is about, and the day on which it was public.", days, True)}
    return {"releases": Key("When each release became public.", list_of(group("Release", release)))}
