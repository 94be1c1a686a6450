"""The vocabulary against the seed: its words, its counts and order, the figures by year, the sources."""

import csv
import math
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
import yaml

VOCABULARY = Path(__file__).resolve().parents[1] / "kb" / "vocabulary"
KINDS = {
    "title", "provenance", "structure", "category", "signature", "principle",
    "definition", "mechanism", "consequence", "trait", "protective",
}  # fmt: skip
STATES = {"present", "not found", "not known", "contested"}
TOO_STRONG = re.compile(r"\b(failing|failure|score|scoring|rank|predict|guilty|bad)|poor performer", re.IGNORECASE)
IDEOLOGY = re.compile(r"islam|muslim|right[ -]wing|left[ -]wing|nationalis|ideolog|religio", re.IGNORECASE)
JOINING_WORDS = {"", "and", "but"}
IN_DRAFT = {
    "agency_worker_rate": "agency",
    "turnover_rate": "turnover",
    "vacancy_rate": "vacancy",
    "average_caseload": "caseload",
    "absence_rate": "absence",
}
FIGURE_IN_DRAFT = {
    "median": "median",
    "worst quarter": "uq",
    "worst tenth": "p90",
    "england": "england",
    "authorities": "n",
}


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def one_line(text):
    return " ".join(text.split())


def without_list_marks(text):
    """The seed's words without the marks of a Markdown list: the leading dash, the asterisks of italics."""
    bare = re.sub(r"^- ", "", text, flags=re.MULTILINE)
    return one_line(re.sub(r"^\*(.*)\*$", r"\1", bare, flags=re.MULTILINE))


STATEMENTS = read(VOCABULARY / "statements.yaml")["statements"]
CATEGORIES = read(VOCABULARY / "signatures.yaml")["categories"]
SIGNATURES = read(VOCABULARY / "signatures.yaml")["signatures"]
THRESHOLDS = read(VOCABULARY / "thresholds.yaml")
SOURCES = read(VOCABULARY / "sources.yaml")["sources"]
ATTRIBUTIONS = read(VOCABULARY / "sources.yaml")["attributions"]
QUOTES = {statement["id"]: statement["quote"] for statement in STATEMENTS}
PHRASES = [
    pytest.param(state, phrase, id=f"{signature['id']}-{state}")
    for signature in SIGNATURES
    for state, phrase in signature["phrases"].items()
]
CENSUS = [year for year in THRESHOLDS["years"] if year["source"] == "dfe-workforce"]
IN_TABLE = {
    "re_referral_rate": "re_referral_rate", "repeat_plan_rate": "repeat_cp_plan_rate",
    "no_further_action_rate": "referrals_no_further_action_rate",
    "three_or_more_social_workers": "cla_three_or_more_social_workers",
}  # fmt: skip
FIGURES = [
    pytest.param(year["year"], indicator, figures, id=f"{year['year']}-{indicator}")
    for year in THRESHOLDS["years"]
    for indicator, figures in year["figures"].items()
]


@pytest.fixture
def seed(shared):
    return (shared / "domain" / "signatures-of-risk.txt").read_text(encoding="utf-8")


# The seed text


def test_there_are_54_statements_in_order():
    assert [statement["id"] for statement in STATEMENTS] == [f"S{n}" for n in range(1, 55)]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement["id"])
def test_each_statement_has_a_known_kind_and_a_use_in_one_sentence(statement):
    assert statement["kind"] in KINDS
    assert re.fullmatch(r"[A-Z][^.]*\.", statement["use"])


def test_the_quotes_cover_the_whole_seed_but_for_words_that_join_two_of_them(seed):
    rest = without_list_marks(seed)
    for id, quote in QUOTES.items():
        before, found, rest = rest.partition(one_line(quote))
        assert found, f"{id} is not in the seed word for word, after the statement before it"
        assert before.strip() in JOINING_WORDS, f"before {id} the seed has words that no statement quotes"
    assert not rest.strip()


def test_each_signature_and_category_is_carried_by_the_one_statement_it_names():
    carried = {id: statement["id"] for statement in STATEMENTS for id in statement.get("carries", [])}
    assert carried == {entry["id"]: entry["statement"] for entry in [*CATEGORIES, *SIGNATURES]}
    assert set(carried.values()) == {s["id"] for s in STATEMENTS if s["kind"] in {"category", "signature"}}


# Categories and signatures


def test_thirteen_signatures_of_2012_and_four_of_2021_make_seventeen():
    assert Counter(signature["added"] for signature in SIGNATURES) == {2012: 13, 2021: 4}
    assert [signature["id"] for signature in SIGNATURES if signature["added"] == 2021] == ["A5", "B4", "C7", "C8"]


def test_the_four_of_2021_are_those_that_the_seed_sets_in_italics(seed):
    italics = re.findall(r"^- \*(.*)\*$", seed, flags=re.MULTILINE)
    assert [signature["title"] for signature in SIGNATURES if signature["added"] == 2021] == italics


def test_five_four_and_eight_by_category_in_the_order_of_the_seed():
    assert [category["id"] for category in CATEGORIES] == ["A", "B", "C"]
    assert Counter(signature["category"] for signature in SIGNATURES) == {"A": 5, "B": 4, "C": 8}
    assert [signature["order"] for signature in SIGNATURES] == list(range(1, 18))
    assert all(signature["id"].startswith(signature["category"]) for signature in SIGNATURES)


def test_control_grows_from_a_to_c():
    assert [category["control"] for category in CATEGORIES] == ["least", "shared", "most"]


@pytest.mark.parametrize("entry", [*CATEGORIES, *SIGNATURES], ids=lambda entry: entry["id"])
def test_each_title_is_word_for_word_in_its_statement(entry):
    assert entry["title"] in QUOTES[entry["statement"]]


@pytest.mark.parametrize("entry", [*CATEGORIES, *SIGNATURES], ids=lambda entry: entry["id"])
def test_each_title_is_word_for_word_in_the_seed(entry, seed):
    assert entry["title"] in one_line(seed)


def test_the_titles_are_the_whole_list_of_the_seed(seed):
    listed = [line.removeprefix("- ").strip("*") for line in seed.splitlines() if line.startswith("- ")]
    assert [signature["title"] for signature in SIGNATURES] == listed


def test_the_words_shown_for_b4_name_no_ideology():
    [b4] = [signature for signature in SIGNATURES if signature["id"] == "B4"]
    assert b4["label"] == "Inadequate sharing of concerns about potential extremism"
    assert not any(IDEOLOGY.search(shown) for shown in [b4["label"], *b4["phrases"].values()])


# What may be said


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: signature["id"])
def test_each_signature_has_a_phrase_for_each_of_the_four_states(signature):
    assert set(signature["phrases"]) == STATES


@pytest.mark.parametrize(("state", "phrase"), PHRASES)
def test_a_phrase_says_no_more_than_the_seed_allows(state, phrase):
    said_with = {
        "present": "There are signs ",
        "not found": " looked for and not found on the evidence held.",
        "not known": "The evidence held does not settle whether ",
        "contested": "The evidence disagrees ",
    }
    assert said_with[state] in phrase
    assert not TOO_STRONG.search(phrase)


@pytest.mark.parametrize(("state", "phrase"), PHRASES)
def test_a_phrase_is_one_sentence_about_the_authority(state, phrase):
    assert phrase.format(authority="Anyshire").count("Anyshire") == 1, state
    assert re.fullmatch(r"[A-Z][^.]*\.", phrase), state


# The figures by year


def test_the_years_follow_one_another_and_each_has_the_five_census_figures():
    assert [year["year"] for year in CENSUS] == list(range(2017, 2026))
    assert all(str(year["day"]) == f"{year['year']}-09-30" for year in CENSUS)
    assert all(set(year["figures"]) == set(IN_DRAFT) for year in CENSUS)


@pytest.mark.parametrize(("year", "indicator", "figures"), FIGURES)
def test_the_figures_grow_more_adverse(year, indicator, figures):
    assert figures["median"] < figures["worst quarter"] < figures["worst tenth"], (year, indicator)


@pytest.mark.parametrize(("year", "indicator", "figures"), [f for f in FIGURES if f.values[1] in IN_DRAFT])
def test_the_census_figures_are_those_computed_from_the_published_file(year, indicator, figures, shared):
    computed = read(shared / "domain" / "thresholds_by_year.yaml")[year][IN_DRAFT[indicator]]
    assert figures == {name: computed[draft] for name, draft in FIGURE_IN_DRAFT.items()}


@pytest.mark.parametrize(("year", "indicator", "figures"), [f for f in FIGURES if f.values[1] in IN_TABLE])
def test_the_other_figures_are_worked_out_from_the_published_table(year, indicator, figures, shared):
    """Percentiles between neighbours in proportion, halves rounded up, without the two smallest authorities."""
    values = sorted(published(shared)[IN_TABLE[indicator], f"{year}-03-31"])
    for name, share in (("median", 0.5), ("worst quarter", 0.75), ("worst tenth", 0.9)):
        place = share * (len(values) - 1)
        below = values[int(place)]
        exact = below + (values[min(int(place) + 1, len(values) - 1)] - below) * (place - int(place))
        assert figures[name] == math.floor(exact * 10 + 0.5 + 1e-9) / 10, (name, exact)
    assert figures["authorities"] == len(values)


@cache
def published(shared):
    """By indicator and day, the value of each authority; authorities that make one return once."""
    found, joint = defaultdict(list), {}
    with (shared / "data" / "observations.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["authority_code"] not in ("E09000001", "E06000053", "E92000001"):
                key = row["indicator"], row["period_end"]
                twin = (*key, row["value"], "[joint return]" in row["source"] + row["authority"])
                if not (twin[-1] and joint.setdefault(twin, row["authority_code"]) != row["authority_code"]):
                    found[key].append(float(row["value"]))
    return found


def test_no_year_is_left_out(shared):
    computed = read(shared / "domain" / "thresholds_by_year.yaml")
    assert [year["year"] for year in CENSUS] == sorted(computed)


def test_the_figures_carry_their_basis_and_a_source_that_exists():
    assert THRESHOLDS["basis"] == "derived from statistics"
    assert {year["source"] for year in THRESHOLDS["years"]} <= {source["id"] for source in SOURCES}


# Sources


def test_each_source_has_an_id_of_its_own():
    assert [id for id, times in Counter(source["id"] for source in SOURCES).items() if times > 1] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["id"])
def test_each_source_says_what_is_recorded_and_what_is_not(source):
    assert list(source) == ["id", "code", "title", "publisher", "published", "url"]
    assert all(isinstance(value, str) and value for value in source.values())
    assert re.fullmatch(r"[a-z0-9-]+", source["id"])
    assert source["url"] == "not recorded" or source["url"].startswith(("https://", "http://"))
    assert source["published"] == "not recorded" or re.fullmatch(r"\d{4}(-\d\d){0,2}", source["published"])


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["id"])
def test_a_title_says_what_a_document_is_and_not_how_its_file_is_called(source):
    assert not re.search(r"\w\.(csv|md|ods|parquet|pdf|qmd|rds|xlsx?)\b", source["title"])


def test_every_source_of_the_list_is_here_with_its_address(shared):
    listed = (shared / "domain" / "domain.md").read_text(encoding="utf-8").split("\n## 7 ")[1]
    rows = re.findall(r"^- ([A-Z0-9-]+): (\S+)(?: :(\S+))?", listed, flags=re.MULTILINE)
    addresses = {code: f"{address}/blob/HEAD/{file}" if file else address for code, address, file in rows}
    here = {source["code"]: source["url"] for source in SOURCES if source["code"] != "none"}
    assert here == addresses | {"SEED": "not recorded"}


def test_the_open_government_licence_is_acknowledged():
    assert ATTRIBUTIONS == [
        "Contains public sector information licensed under the Open Government Licence v3.0 "
        "(Department for Education, Ofsted, MHCLG, ONS)."
    ]
