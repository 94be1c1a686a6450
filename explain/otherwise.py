"""What would have to be otherwise, in words: an indicator's value with another, in its own unit."""

from __future__ import annotations

from engine.alternatives import Alternative
from engine.assess import Assessment
from engine.evidence import limit_for, times
from explain import words
from kb.conditions import Comparator, Test
from kb.dates import first_day_beyond, long_date
from kb.dossier import Observation
from kb.model import Indicator, Reading

WORDED = ("scale", "grade", "yes/no")


class Otherwise:
    """Tells the alternatives of one assessment."""

    def __init__(self, assessment: Assessment) -> None:
        self.it, self.vocabulary = assessment, assessment.knowledge.vocabulary

    def title(self, one: Alternative) -> str:
        """What it is a value of: an indicator with its area, or a protective sign."""
        if one.indicator in self.vocabulary.protective:
            return self.vocabulary.protective[one.indicator].title
        indicator = self.vocabulary.indicators[one.indicator]
        area = words.several([word for _, word in one.of])
        return f"{indicator.short} ({area})" if area else indicator.short

    def change(self, one: Alternative) -> str:
        """`from 34.0 per cent to below 23.0 per cent (start of the worst quarter of 2017)`."""
        indicator = self.vocabulary.indicators[one.indicator]
        if indicator.reading is Reading.OCCURRENCES:
            return self._counted(one, indicator)
        said = [words.amount(o.value, indicator) if o.value is not None else "no value" for o in one.held]
        now = words.several(list(dict.fromkeys(said)))
        return f"from {now} to {self.bound(one)}" if now else f"not known now; if it were {self.bound(one)}"

    def bound(self, one: Alternative) -> str:
        """The values that would do, by the threshold that they cross."""
        indicator = self.vocabulary.indicators[one.indicator]
        value = words.amount(one.value, indicator)
        if indicator.unit.id in WORDED:
            return value if indicator.unit.id == "yes/no" else f"{value} or {self._way(one, indicator)}"
        crossed = self._crossed(one)
        if crossed is None:
            return f"{value} or {'more' if one.rises else 'less'}"
        test, limit = crossed
        beyond = test.comparator in (Comparator.ABOVE, Comparator.AT_MOST)
        named = f" ({self._name(test, one)})" if isinstance(test.threshold, str) else ""
        told = words.amount(limit, indicator)
        if one.rises:
            return f"{f'above {told}' if beyond else f'{told} or more'}{named}"
        return f"{f'{told} or less' if beyond else f'below {told}'}{named}"

    def one_step_short(self, one: Alternative) -> str:
        """The last value that does not get so far."""
        return words.amount(one.short or 0.0, self.vocabulary.indicators[one.indicator])

    def _way(self, one: Alternative, indicator: Indicator) -> str:
        """Whether a step on a scale of words goes to the better or to the worse."""
        return "worse" if one.rises == (indicator.adverse == "high") else "better"

    def _crossed(self, one: Alternative) -> tuple[Test, float] | None:
        """The test that changes sides last on the way, and its threshold; None of a rise."""
        found = [(limit, str(test), test) for test in one.crossed if test.rise_over is None for limit in [
            limit_for(test, self._seen(one), self.vocabulary, self.it.as_at)] if limit is not None]
        if not found or any(test.rise_over is not None for test in one.crossed):
            return None
        limit, _, test = max(found) if one.rises else min(found)
        return test, limit

    def _seen(self, one: Alternative) -> Observation:
        """An observation of the time that the value is about."""
        return one.held[0] if one.held else one.evidence[-1]

    def _name(self, test: Test, one: Alternative) -> str:
        name = test.threshold if test.threshold == "median" else f"start of the {test.threshold}"
        return f"the {name} of {self._seen(one).about.end.year}"

    def _counted(self, one: Alternative, indicator: Indicator) -> str:
        """How often, and when the earliest leaves the period by itself."""
        test = one.crossed[0]
        months = test.window or indicator.validity
        wanted = 1.0 if isinstance(test.threshold, str) else test.threshold
        often = times(one.held)
        if one.rises:
            now = f"from {words.often(often)} to " if often else "not on record now; if it were "
            return f"{now}{words.often(wanted)} in {months} months"
        if not often:
            return f"not known now; if there were none in {months} months"
        leaves = min(first_day_beyond(o.about, months) for o in one.held)
        fewer = "none" if wanted == 1 else f"fewer than {wanted:g}"
        return f"from {words.often(often)} to {fewer} in {months} months " \
               f"(what is past stays on record; the earliest leaves that period on {long_date(leaves)})"
