"""What a clause says, in plain Danish, Norwegian (Bokmål) or English: whole sentences for people.

    explain(clause, agreement, "da").text

Pure and without I/O. Every key of the language has its sentence; a test fails for one without.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from naer.agreement.deadlines import AtOnce, ByClock, Duration
from naer.agreement.explain_phrases import Phrases
from naer.agreement.explain_words import LANGUAGES, words
from naer.agreement.language import Agreement, Clause, Since, Step, in_language
from naer.agreement.portfolio import Line
from naer.agreement.reading_clause import CLAUSE_KEYS, loosened
from naer.agreement.reading_values import Notes
from naer.events.kinds import KINDS, senders

__all__ = ["LANGUAGES", "PARTS", "Explanation", "Sentence", "explain", "explain_agreement"]

PARTS = (
    "duty", "conditions", "due", "start", "calendar", "earlier", "pause", "release", "repeat", "scope",
    "match", "waiver", "evidence", "escalation", "deviation", "loosening", "verified", "source", "examples",
)  # fmt: skip
"""The parts of an explanation, in the order they are told."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One or more whole sentences about one part of a clause."""

    part: str
    """One of PARTS."""
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A clause in words. `opens`, `limit`, `owed_by` and `owed_to` are short phrases for a list of terms."""

    clause: str
    language: str
    title: str
    opens: str
    """"the citizen is admitted"; empty for a clause that is text."""
    limit: str
    """"within 24 hours"; empty for a clause that is text."""
    owed_by: str
    owed_to: str
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """Everything, as one paragraph."""
        return " ".join(sentence.text for sentence in self.sentences)

    def part(self, name: str) -> str:
        """The sentences of one of PARTS; empty when the clause says nothing about it."""
        return " ".join(sentence.text for sentence in self.sentences if sentence.part == name)


def explain(clause: Clause, agreement: Agreement, language: str) -> Explanation:
    """A clause of an agreement in "da", "nb" or "en".

    Raises:
        ValueError: for another language.
    """
    phrases = Phrases(words(language), agreement)
    telling = _Telling(clause, phrases)
    return Explanation(
        clause=clause.id,
        language=language,
        title=in_language(clause.title, language) or clause.id,
        opens="" if clause.is_text else phrases.when(clause.triggers, "or when"),
        limit="" if clause.is_text else telling.limit(),
        owed_by=phrases.party(clause.owed_by) if clause.owed_by else "",
        owed_to=phrases.party(clause.owed_to) if clause.owed_to else "",
        sentences=tuple(
            Sentence(part, _sentence(text)) for part in PARTS for text in getattr(telling, part)()
        ),
    )


def explain_agreement(line: Line, language: str) -> str:
    """The newest version of an agreement, for a terminal: its head, then every clause.

    Raises:
        ValueError: for a language that is not "da", "nb" or "en".
    """
    agreement = line.versions[-1]
    phrases = Phrases(words(language), agreement)
    title = in_language(agreement.title, language) or agreement.id
    blocks = [f"{title}\n{'=' * len(title)}", *_head(line, agreement, phrases)]
    for clause in agreement.clauses:
        told = explain(clause, agreement, language)
        lines = [told.title, "-" * len(told.title), f"[{clause.id}]"]
        lines += [f"  {sentence.text}" for sentence in told.sentences]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _head(line: Line, agreement: Agreement, phrases: Phrases) -> Iterator[str]:
    say = phrases.say
    told = [say("agreement", id=agreement.id, country=phrases.words.say[agreement.country])]
    if agreement.extends:
        told.append(say("extends", base=agreement.extends))
    start, end = (
        phrases.date((day.year, day.month, day.day)) if day else ""
        for day in (agreement.starts, agreement.ends)
    )
    name = "in force" + ("" if start and end else " from" if start else " to" if end else " always")
    told.append(say(name, start=start, end=end))
    if len(line.versions) > 1:
        told.append(say("versions", count=len(line.versions)))
    if agreement.applies:
        told.append(say("applies", what=phrases.conditions(agreement.applies)))
    if agreement.parties:
        parties = (say(party.of, party=phrases.party(name)) for name, party in agreement.parties.items())
        told.append(say("parties", list="; ".join(parties)))
    for name, activities in agreement.events.items():
        quoted = phrases.listed(phrases.quote(one) for one in activities)
        told.append(say("own events", name=phrases.quote(name), list=quoted))
    yield " ".join(told)


@dataclass(frozen=True, slots=True)
class _Telling:
    """The sentences of one clause: one method for each of PARTS."""

    clause: Clause
    phrases: Phrases

    def given(self, key: str) -> bool:
        """Whether the file gives the key."""
        node = self.clause.node.items().get(key)
        return node is not None and node.value is not None

    def limit(self) -> str:
        """When it must be done, as a phrase."""
        clause, phrases = self.clause, self.phrases
        if clause.before is not None:
            if clause.ahead is not None:
                return phrases.ahead(clause.ahead, phrases.noun([clause.before]))
            return phrases.say("before", when=phrases.when([clause.before], "or when"))
        return phrases.within(clause.within) if clause.within is not None else ""

    def duty(self) -> Iterator[str]:
        clause, phrases = self.clause, self.phrases
        if clause.is_text:
            yield phrases.say("text")
            return
        name = "duty after" if clause.after else "duty before"
        do = phrases.do(clause.deliver)
        if self._done_by_others():
            do = phrases.say("see to it", what=phrases.when(clause.deliver, "or that"))
        yield phrases.say(
            name if clause.owed_to else f"{name} alone",
            when=phrases.when(clause.triggers, "or when"),
            by=phrases.party(clause.owed_by),
            to=phrases.party(clause.owed_to),
            do=do,
        )

    def _done_by_others(self) -> bool:
        """Whether the one who owes it waits for others: none of what fulfils it is theirs to say."""
        party = self.phrases.agreement.parties.get(self.clause.owed_by or "")
        kinds = [kind for pattern in self.clause.deliver for kind in pattern.kinds]
        own = self.phrases.agreement.events
        return party is not None and all(
            kind in KINDS and kind not in own and party.role not in senders(kind) for kind in kinds
        )

    def conditions(self) -> Iterator[str]:
        clause, phrases = self.clause, self.phrases
        if clause.where:
            yield phrases.say("condition", what=phrases.conditions(clause.where))
        if clause.when:
            yield phrases.say(clause.when)
        if clause.since:
            yield from self._since(clause.since)

    def _since(self, since: Since) -> Iterator[str]:
        clause, phrases = self.clause, self.phrases
        origin = since.last or since.first
        if origin is None:
            return
        noun = phrases.noun([origin])
        if since.operator == "at least" and since.length.amount == 0:
            yield phrases.say("since any", noun=noun)
        else:
            yield phrases.say(
                "since to" if clause.before else "since",
                noun=noun,
                which=phrases.words.say["last" if since.last else "first"],
                op=phrases.words.say[since.operator],
                length=phrases.length(since.length),
                end=phrases.noun([clause.before]) if clause.before else "",
            )
        if clause.after and clause.before:
            yield phrases.say("since judged")
        if since.reset:
            yield phrases.say("since reset", noun=phrases.noun([since.reset]))

    def due(self) -> Iterator[str]:
        clause, phrases = self.clause, self.phrases
        if clause.is_text:
            return
        if clause.before is not None:
            if clause.ahead is not None:
                yield phrases.say("due ahead", limit=self.limit())
            elif clause.after:
                yield phrases.say("due before", limit=self.limit())
            if clause.after:
                yield phrases.say("due open", when=phrases.when([clause.before], "or when"))
        elif isinstance(clause.within, AtOnce):
            yield phrases.say("due at once")
        elif clause.within is not None:
            yield phrases.say("due", limit=self.limit())
            if isinstance(clause.within, Duration) and clause.within.unit == "working days":
                yield phrases.say("due working days")

    def start(self) -> Iterator[str]:
        clause, phrases = self.clause, self.phrases
        if self.given("anchor") and clause.anchors:
            trigger = phrases.noun(clause.triggers)
            told = list(dict.fromkeys(phrases.anchor(anchor, trigger) for anchor in clause.anchors))
            if len(told) == 1:
                yield phrases.say("anchor", one=told[0])
            else:
                yield phrases.say("anchors", list=phrases.listed(told, "and"))
        if clause.next_opening:
            yield phrases.say("next opening")

    def calendar(self) -> Iterator[str]:
        if self._counts_work():
            yield from self.phrases.calendar(self.clause.calendar)

    def _counts_work(self) -> bool:
        """Whether the clause's calendar matters to it."""
        clause = self.clause
        lengths = [clause.within, clause.ahead, clause.accept_earlier]
        lengths += [step.length for step in clause.escalate]
        lengths += [clause.since.length] if clause.since else []
        lengths += [clause.deviation.over, clause.deviation.within] if clause.deviation else []
        return (
            self.given("calendar")
            or clause.when is not None
            or clause.next_opening
            or any(isinstance(one, Duration | ByClock) and one.working for one in lengths)
        )

    def earlier(self) -> Iterator[str]:
        if self.clause.accept_earlier:
            yield self.phrases.say("earlier", length=self.phrases.length(self.clause.accept_earlier))

    def pause(self) -> Iterator[str]:
        if self.clause.pause:
            start, end = self.clause.pause.start, self.clause.pause.end
            when = self.phrases.when
            yield self.phrases.say("pause", start=when([start], "or when"), end=when([end], "or when"))

    def release(self) -> Iterator[str]:
        clause, phrases = self.clause, self.phrases
        if clause.unless and not clause.is_text:
            timed = clause.before is None and not isinstance(clause.within, AtOnce)
            when = phrases.when(clause.unless, "or if")
            yield phrases.say("release" if timed else "release open", when=when)
        if self.given("survives"):
            names = [str(one.value) for one in self.clause.node.items()["survives"].each()]
            when = phrases.words.say["or if"].join(phrases.kind(name).when for name in names)
            yield phrases.say("survives", when=when)

    def repeat(self) -> Iterator[str]:
        if self.given("repeat"):
            yield self.phrases.say(f"repeat {self.clause.repeat}")

    def scope(self) -> Iterator[str]:
        if self.clause.scope == "citizen":
            yield self.phrases.say("scope citizen")

    def match(self) -> Iterator[str]:
        if self.clause.match:
            yield self.phrases.say("match", name=self.phrases.attribute(self.clause.match))

    def waiver(self) -> Iterator[str]:
        clause, phrases = self.clause, self.phrases
        if clause.waiver is None:
            return
        by, to = phrases.party(clause.owed_by), phrases.party(clause.owed_to)
        both = phrases.listed([by, to])
        who = {"owed_by": by, "owed_to": to, "both": both}[clause.waiver]
        yield phrases.say("waiver", who=who)

    def evidence(self) -> Iterator[str]:
        if self.clause.partial:
            yield self.phrases.say("partial")

    def escalation(self) -> Iterator[str]:
        for step in self.clause.escalate:
            yield self._step(step)

    def deviation(self) -> Iterator[str]:
        rule, phrases = self.clause.deviation, self.phrases
        if rule is None:
            return
        if rule.over is not None:
            yield phrases.say("deviation over", length=phrases.length(rule.over))
        if rule.within is not None:
            yield phrases.say("deviation times", times=str(rule.times), length=phrases.length(rule.within))
        if rule.over is None and rule.within is None:
            yield phrases.say("deviation each")

    def _step(self, step: Step) -> str:
        clause, phrases = self.clause, self.phrases
        side, _, leader = step.to.partition(".")
        party = phrases.party(clause.owed_by if side == "owed_by" else clause.owed_to)
        to = phrases.say("leader", party=party) if leader else party
        if step.length is None:
            return phrases.say("step at", to=to)
        name = "step trigger" if step.base == "trigger" else "step before" if step.sign < 0 else "step after"
        return phrases.say(name, length=phrases.length(step.length), to=to)

    def loosening(self) -> Iterator[str]:
        if not self.given("may_loosen"):
            return
        keys = loosened(self.clause.node.items()["may_loosen"], Notes())
        if keys == CLAUSE_KEYS:
            yield self.phrases.say("loosen all")
        elif keys:
            names = (self.phrases.words.keys[key] for key in keys if key in self.phrases.words.keys)
            yield self.phrases.say("loosen", keys=self.phrases.listed(names, "and"))

    def verified(self) -> Iterator[str]:
        if self.clause.verified:
            yield self.phrases.say("verified")
        else:
            yield self.phrases.say("unverified text" if self.clause.is_text else "unverified")

    def source(self) -> Iterator[str]:
        yield self.phrases.say("source", source=self.clause.source)

    def examples(self) -> Iterator[str]:
        count = len(self.clause.examples)
        if count:
            yield self.phrases.say("example" if count == 1 else "examples", count=count)


def _sentence(text: str) -> str:
    """A capital first, and no comma before what closes: a noun may end in a clause, and so in a comma."""
    for double, single in ((",,", ","), (",.", "."), (",)", ")"), (",:", ":")):
        text = text.replace(double, single)
    return text[:1].upper() + text[1:]
