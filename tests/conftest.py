"""What several test files share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.assess import Assessor
from kb.casefiles import read_case
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.load import load

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
"""No test asks how long anything takes: that is what bench/ is for."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public material beside the repository; a test that asks for it is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of public material, shared, is not beside the repository")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files anew; then look at each of them")


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The shipped knowledge base, which has no problems."""
    loaded, problems = load()
    assert problems == ()
    return loaded


@pytest.fixture(scope="session")
def assessor(knowledge: Knowledge) -> Assessor:
    """The shipped rules ready to run, both engines where both are there."""
    return Assessor(knowledge)


@pytest.fixture(scope="session")
def cases(knowledge: Knowledge) -> dict[str, Case]:
    """The shipped cases by id."""
    found: dict[str, Case] = {}
    for path in sorted(EXAMPLES.glob("*.yaml")):
        case, problems = read_case(path, knowledge.vocabulary, f"examples/{path.name}")
        assert problems == ()
        assert case is not None
        found[case.id] = case
    return found


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Holds a text against the golden file of that name; with --update writes it."""
    def hold(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{name} is missing: run pytest --update, and look at what it wrote"
        assert text == path.read_text(encoding="utf-8")
    return hold
