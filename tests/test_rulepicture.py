"""The picture of a rule: it says what the sentences say, and no line runs through a box."""

from __future__ import annotations

import re

import pytest

from explain.rulepages import pages
from kb.knowledge import Knowledge
from web.boxes import Box, Line
from web.rulepicture import Picture, rule_picture


@pytest.fixture(scope="module")
def drawn(knowledge: Knowledge) -> dict[str, Picture]:
    """Every picture of the shipped rules, by the id of the rule or signature."""
    ids = [*knowledge.vocabulary.signatures, *(r.id for r in knowledge.rules if r.head.kind != "signature")]
    return {page.id: rule_picture(page) for id in ids for page in pages(id, knowledge, ()) if page.when}


def said(box: Box) -> str:
    return " ".join(box.lines)


def end(line: Line) -> tuple[float, float]:
    *_, x, y = (float(number) for number in re.findall(r"[\d.]+", line.path))
    return x, y


def test_signatures_of_which_the_same_is_asked_are_one_box_that_says_what_is_asked(drawn: dict[str, Picture]) -> None:
    judged = [said(box) for box in drawn["no-combination-found"].boxes]
    assert "A1, A2, A3, A4, A5: each judged, either way: present, weak or stronger" in judged
    assert not any(": each present" in text for text in judged)
    assert any(": each present, moderate or stronger" in said(box) for box in drawn["leading-the-service"].boxes)


def test_boxes_keep_apart_and_inside(drawn: dict[str, Picture]) -> None:
    for id, picture in drawn.items():
        for place, one in enumerate(picture.boxes):
            assert 0 < one.x < one.right < picture.width, (id, one)
            assert 0 < one.y < one.bottom < picture.height, (id, one)
            for other in picture.boxes[place + 1:]:
                apart = one.right < other.x or other.right < one.x or one.bottom < other.y or other.bottom < one.y
                assert apart, (id, said(one), said(other))


def test_what_leads_to_a_box_comes_to_its_side_and_what_stops_it_to_its_foot(drawn: dict[str, Picture]) -> None:
    stopped = 0
    for id, picture in drawn.items():
        top = picture.boxes[-1]
        sides = {(box.x, box.middle) for box in picture.boxes}
        for line in picture.lines:
            x, y = end(line)
            if "stops" in line.looks:
                stopped += 1
                assert top.x < x < top.right, id
                assert top.bottom < y, id
            else:
                assert any(abs(x - a) < 1 and abs(y - b) < 1 for a, b in sides), id
    assert stopped > 10
