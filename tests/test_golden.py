"""Golden answers: each was read by a person's eye before it was accepted. Renew with pytest --update."""

from collections.abc import Callable
from datetime import date

import pytest

from engine.assess import Assessor
from explain.answer import overview, why
from explain.render.as_json import render as as_json
from explain.render.picture import dot
from explain.render.text import render
from kb.dossier import Case

Hold = Callable[[str, str], None]
ASKED = [("northamptonshire", "2018-11-30"), ("croydon", "2020-02-03"), ("ashby", "2025-05-20"),
         ("carden", "2025-05-20"), ("essex", "2019-01-31")]


@pytest.mark.parametrize(("name", "day"), ASKED)
def test_why_in_text(name: str, day: str, assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    asked = assessor.assess(cases[name], date.fromisoformat(day))
    text = render(why(asked)).replace("durable-rules, confirmed by the bit-plane evaluator", "ENGINE")
    golden(f"why-{name}-{day}.txt", text.replace("the bit-plane evaluator alone", "ENGINE"))


@pytest.mark.parametrize(("name", "day"), ASKED[:3])
def test_the_picture_s_text(name: str, day: str, assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    asked = assessor.assess(cases[name], date.fromisoformat(day))
    golden(f"why-{name}-{day}.dot", dot(why(asked), asked))


def test_assess_in_text(assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    asked = assessor.assess(cases["essex"], date(2019, 1, 31))
    text = render(overview(asked)).replace("durable-rules, confirmed by the bit-plane evaluator", "ENGINE")
    golden("assess-essex-2019-01-31.txt", text.replace("the bit-plane evaluator alone", "ENGINE"))


def test_json_says_the_same_as_text(assessor: Assessor, cases: dict[str, Case]) -> None:
    import json

    asked = assessor.assess(cases["ashby"], date(2025, 5, 20))
    told = json.loads(as_json(why(asked)))
    assert told["answer"] == "Watch"
    assert told["chain"][0]["state"] == "present"
