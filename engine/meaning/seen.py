"""Where a finding is seen in real cases: the first of some cases and dates at which what it says holds."""

from __future__ import annotations

from collections.abc import Sequence

from engine.assess import Asked, Assessor
from engine.meaning.analysis import Analysis


def seen(analysis: Analysis, asked: Sequence[Asked]) -> tuple[Asked | None, ...]:
    """For each finding the first case and date (in either reading of disputed evidence), by one evaluation of all.

    None for what too little evidence reaches: in a case there is always more.
    """
    sought = [finding.wants if finding.head is None else () for finding in analysis.findings]
    if not asked or not any(sought):
        return (None,) * len(analysis.findings)
    meaning = analysis.meaning
    found = Assessor(meaning.knowledge, "bits", meaning.program).assess_all(asked)
    planes, full = found[0].model.planes, (1 << 2 * len(asked)) - 1
    first: list[Asked | None] = []
    for wants in sought:
        held = full if wants else 0
        for want in wants:
            plane = planes[want.node][0]
            held &= plane if want.there else full & ~plane
        either = (held | held >> len(asked)) & ((1 << len(asked)) - 1)
        first.append(asked[(either & -either).bit_length() - 1] if either else None)
    return tuple(first)
