"""The outcome of the tests of rules as JUnit XML, which most programs that run tests can show."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from engine.ruletests import Ran
from explain.differences import told
from explain.render.text import clean
from kb.knowledge import Knowledge


def junit(ran: Sequence[Ran], knowledge: Knowledge) -> bytes:
    """One suite: a case for each test, by its rule and name, with the differences where it is not as expected."""
    rules = {rule.id: rule for rule in knowledge.rules}
    differing = [one for one in ran if not one.as_expected]
    counts = {"tests": str(len(ran)), "failures": str(len(differing)), "errors": "0"}
    root = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(root, "testsuite", {"name": "sigrisk test", **counts})
    for one in ran:
        place = one.test.place
        case = ElementTree.SubElement(suite, "testcase", {
            "classname": clean(one.test.rule), "name": clean(one.test.name), "file": clean(place.file),
            "line": str(place.line)})
        if not one.as_expected:
            lines = [clean(line) for line in told(one, rules)]
            ElementTree.SubElement(case, "failure", {"message": lines[0]}).text = "\n".join(lines)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
