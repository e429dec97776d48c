"""Parts of sentences: events, conditions, lengths, limits, days and parties, in one language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from naer.agreement.conditions import Condition, Conditions
from naer.agreement.deadlines import Ahead, AtOnce, ByClock, Duration, Within
from naer.agreement.explain_words import KindWords, Words
from naer.agreement.language import Agreement, Anchor, Pattern
from naer.events.calendar import DayMark, WorkCalendar

_MIDNIGHT = 1440


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases about one agreement in the words of one language."""

    words: Words
    agreement: Agreement

    def say(self, name: str, /, **fields: object) -> str:
        """A template of the language, filled in."""
        return self.words.say[name].format(**fields)

    def quote(self, text: object) -> str:
        """A text in the language's quotation marks."""
        return self.say("quote", text=text)

    def listed(self, parts: Iterable[str], last: str = "or") -> str:
        """`a, b or c`; a part that is there twice is said once."""
        unique = list(dict.fromkeys(parts))
        if len(unique) < 2:
            return "".join(unique)
        return ", ".join(unique[:-1]) + self.words.say[last] + unique[-1]

    # Events

    def kind(self, name: str) -> KindWords:
        """The words for a kind; one of the agreement's own is quoted, even when the vocabulary has it."""
        known = self.words.kinds.get(name) if name not in self.agreement.events else None
        if known is not None:
            return known
        own, quoted = self.words.own_kind, self.quote(name)
        return KindWords(
            own.when.format(name=quoted), own.noun.format(name=quoted), own.do.format(name=quoted)
        )

    def when(self, patterns: Sequence[Pattern], joiner: str) -> str:
        """`the citizen is admitted or when …`; `joiner` is "or when", "or if" or "or"."""
        clauses = [
            self._narrowed(self.kind(name).when, pattern.where)
            for pattern in patterns
            for name in pattern.kinds
        ]
        return self.words.say[joiner].join(dict.fromkeys(clauses))

    def noun(self, patterns: Sequence[Pattern]) -> str:
        """`the admission or the discharge`."""
        return self.listed(
            self._narrowed(self.kind(name).noun, pattern.where)
            for pattern in patterns
            for name in pattern.kinds
        )

    def do(self, patterns: Sequence[Pattern]) -> str:
        """`send the admission report or phone`, with the infinitive's mark where the language repeats it."""
        duties = dict.fromkeys(
            self._narrowed(self.kind(name).do, pattern.where)
            for pattern in patterns
            for name in pattern.kinds
        )
        told = ""
        for duty in duties:
            comma = "," if "," in told else ""
            told += f"{comma}{self.words.say['or to']}{duty}" if told else duty
        return told

    def _narrowed(self, text: str, where: Conditions) -> str:
        if not where:
            return text
        return f"{text} ({self.say('only when', what=self.conditions(where))})"

    # Conditions

    def conditions(self, conditions: Conditions) -> str:
        """`the ward is “A” and the number of the visit is at least 2`, as a subordinate clause."""
        return self.words.say["and when"].join(self._condition(one) for one in conditions)

    def _condition(self, condition: Condition) -> str:
        name, value = self.attribute(condition.attribute), condition.value
        if condition.operator == "exists":
            return self.say("given" if value else "not given", name=name)
        if condition.operator == "in":
            return self.say("==", name=name, value=self.listed(self._value(one) for one in value))
        if condition.operator in ("==", "!=") and isinstance(value, bool):
            truths = self.words.truths.get(condition.attribute)
            if truths:
                return truths[0 if value is (condition.operator == "==") else 1]
        return self.say(condition.operator, name=name, value=self._value(value))

    def _value(self, value: object) -> str:
        if isinstance(value, bool):
            return self.words.values["true" if value else "false"]
        if isinstance(value, str):
            return self.words.values.get(value) or (value if value.isdigit() else self.quote(value))
        return str(value)

    def attribute(self, name: str) -> str:
        """An attribute as a definite noun."""
        return self.words.attributes.get(name) or self.say("own attribute", name=self.quote(name))

    # Parties

    def party(self, name: str | None) -> str:
        """`the hospital`; the name is added where two parties have one role."""
        if name is None:
            return self.words.say["nobody"]
        party = self.agreement.parties.get(name)
        role = self.words.roles.get(party.role) if party else None
        if party is None or role is None:
            return self.quote(name)
        same = [one for one in self.agreement.parties.values() if one.role == party.role]
        return role if len(same) == 1 else f"{role} ({self.quote(name)})"

    # Lengths and limits

    def length(self, duration: Duration) -> str:
        """`5 working days`."""
        one, many = self.words.units[duration.unit]
        return f"{duration.amount} {one if duration.amount == 1 else many}"

    def clock(self, minute: int) -> str:
        """A clock time as the language writes it."""
        return self.say("clock", hour=minute // 60, minute=minute % 60)

    def within(self, limit: Within) -> str:
        """`within 24 hours`, `by 12:00 the next working day`, `at once`."""
        match limit:
            case AtOnce():
                return self.words.say["at once"]
            case Duration():
                return self.say("within", length=self.length(limit))
            case ByClock():
                name = "by end" if limit.minute == _MIDNIGHT else "by clock"
                if limit.days > 1:
                    unit = "working days" if limit.working else "days"
                    day = self.say("later", length=self.length(Duration(limit.days, unit)))
                    name = "by later end" if limit.minute == _MIDNIGHT else "by later"
                elif limit.days == 1:
                    day = self.words.say["next working day" if limit.working else "next day"]
                else:
                    day = self.words.say["same day"]
                return self.say(name, clock=self.clock(limit.minute), day=day)

    def ahead(self, limit: Ahead, noun: str) -> str:
        """`by the end of the day before the discharge`, `at least 2 hours before the discharge`."""
        if isinstance(limit, Duration):
            return self.say("ahead", length=self.length(limit), noun=noun)
        ends = limit.minute == _MIDNIGHT
        if limit.days == 0:
            day = "ahead same day end" if ends else "ahead same day"
        else:
            day = "ahead working day before" if limit.working else "ahead day before"
        name = "ahead end" if ends else "ahead clock"
        return self.say(name, clock=self.clock(limit.minute), day=self.words.say[day], noun=noun)

    def anchor(self, anchor: Anchor, trigger: str) -> str:
        """Where the clock starts; `trigger` is the noun of what opened the obligation."""
        noun = self.noun([anchor.last]) if anchor.last else ""
        if anchor.attribute is not None:
            name = self.attribute(anchor.attribute)
            said = "anchor last attribute" if noun else "anchor attribute"
            return self.say(said, name=name, noun=noun)
        if noun:
            return self.say("anchor last", noun=noun)
        return trigger if anchor.time == "at" else self.words.say[f"anchor {anchor.time}"]

    # Calendars

    def calendar(self, calendar: WorkCalendar) -> list[str]:
        """Sentences about working days and opening hours."""
        told = [self.say("calendar", spans=self.listed(self._spans(calendar), "and"))]
        told.append(self.words.say["no holidays" if calendar.public else "holidays"])
        if calendar.closed:
            told.append(self.say("closed days", days=self._dates(calendar.closed)))
        if calendar.open:
            told.append(self.say("open days", days=self._dates(calendar.open)))
        return told

    def _spans(self, calendar: WorkCalendar) -> Iterable[str]:
        """Runs of weekdays that open and close alike."""
        runs: list[list[int]] = []
        for day in sorted(calendar.hours):
            if runs and runs[-1][-1] == day - 1 and calendar.hours[runs[-1][0]] == calendar.hours[day]:
                runs[-1].append(day)
            else:
                runs.append([day])
        for run in runs:
            first, last = self.words.weekdays[run[0]], self.words.weekdays[run[-1]]
            days = first if len(run) == 1 else self.say("days", first=first, last=last)
            opens, closes = calendar.hours[run[0]]
            said = "span all day" if (opens, closes) == (0, _MIDNIGHT) else "span"
            yield self.say(said, days=days, opens=self.clock(opens), closes=self.clock(closes))

    def _dates(self, marks: Iterable[DayMark]) -> str:
        return self.listed((self.date(mark) for mark in sorted(marks, key=_by_date)), "and")

    def date(self, mark: DayMark) -> str:
        """`24 December`, or with its year."""
        month, day = mark[-2:]
        name = self.words.months[month - 1]
        if len(mark) == 3:
            return self.say("date year", day=day, month=name, year=mark[0])
        return self.say("date", day=day, month=name)


def _by_date(mark: DayMark) -> tuple[int, ...]:
    return (mark[0], *mark[1:]) if len(mark) == 3 else (0, *mark)
