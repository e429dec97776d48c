"""Marks, states, parties and times in templates."""

from functools import lru_cache

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from naer.agreement import Agreement
from naer.events.instant import Instant
from naer.site.access import actions
from naer.site.messaging import conversation_words
from naer.site.messaging.models import Message
from naer.site.pathways.bounded import MOST
from naer.site.ui import times, words
from naer.site.ui.state import State

register = template.Library()

_SHAPES = frozenset({"hospital", "municipality", "gp", "citizen"})


@register.filter
def many(count: int) -> str:
    """A count; "100+" for what nobody counted to its end."""
    if count > MOST:
        return f"{number_format(MOST, force_grouping=True)}+"
    return str(count)


@register.simple_tag
@lru_cache(maxsize=64)
def mark(name: str) -> SafeString:
    """A shape of the sprite: `s-over`, `p-hospital` …; decoration, the word stands beside it."""
    return format_html('<svg class="g" aria-hidden="true"><use href="#{}"/></svg>', name)


@register.simple_tag
def state(found: State, unverified: bool = False) -> SafeString:
    """Shape and word of a state; a breach of a limit nobody has confirmed says so."""
    shown = format_html(
        '<span class="state" data-state="{}">{}{}</span>', found.name, mark(f"s-{found.name}"), found.words
    )
    return shown + unverified_limit() if unverified and found.breach else shown


@register.simple_tag
def unverified_limit() -> SafeString:
    """What stands beside a breach of a limit that is not confirmed at its source."""
    return format_html(' <span class="unverified">{}</span>', gettext("Limit unverified"))


@register.simple_tag
@lru_cache(maxsize=1024)
def party(role: str, name: str) -> SafeString:
    """Shape and name of a party; a party without a known role has no shape."""
    shape = mark(f"p-{role}") if role in _SHAPES else mark_safe("")
    return format_html('<span class="party">{}{}</span>', shape, name)


@register.simple_tag
def moment(instant: Instant | None, now: Instant) -> SafeString:
    """A point in time, as short as is clear at `now`."""
    if instant is None:
        return mark_safe("")
    return format_html('<time datetime="{}">{}</time>', times.iso(instant), times.when(instant, now))


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, name: str, number: int, anchor: str) -> str:
    """The address of another page of a list; the other parameters stay."""
    wanted = context["request"].GET.copy()
    wanted.pop("seen", None)
    wanted[name] = str(number)
    return f"?{wanted.urlencode()}#{anchor}"


@register.filter
def iso(instant: Instant) -> str:
    return times.iso(instant)


@register.filter
def code(name: str) -> str:
    """What a notification says: admission, discharge …"""
    return words.code(name)


@register.filter
def clock(instant: Instant) -> str:
    return times.clock(instant)


@register.filter
def long_day(instant: Instant) -> str:
    return times.long_day(instant)


@register.filter
def weekday(instant: Instant) -> str:
    """Thu 13 Nov."""
    return times.weekday(instant)


@register.simple_tag
def period(agreement: Agreement) -> str:
    """From when to when an agreement is in force; both days included."""
    return times.period(agreement.starts, agreement.ends)


@register.filter
def role(name: str) -> str:
    """Hospital, municipality, GP or citizen."""
    return words.role(name)


@register.filter
def status(name: str) -> str:
    """Where a citizen is: admitted, on leave …"""
    return words.status(name)


@register.filter
def kind(name: str) -> str:
    """What happened, in a few words."""
    return words.kind(name)


@register.filter
def channel(name: str) -> str:
    """How something came: message, telephone …"""
    return words.channel(name)


@register.filter
def answer(name: str) -> str:
    """What was answered to a message."""
    return words.answer(name)


@register.filter
def standing(name: str) -> str:
    """What became of an event: counts, corrected, cancelled …"""
    return words.standing(name)


@register.filter
def case(name: str) -> str:
    """A kind of case in the municipality."""
    return words.case(name)


@register.filter
def reason(name: str) -> str:
    """Why the content of a message was not kept."""
    return words.reason(name)


@register.filter
def action(name: str) -> str:
    """What somebody did, as a sentence."""
    return actions.sentence(name)


@register.filter
def relation(name: str) -> str:
    """Why somebody could see a citizen."""
    return actions.reason(name)


@register.simple_tag
def acknowledgement(message: Message) -> SafeString:
    """What was answered to a message: shape and word."""
    shapes = {"ok": "kept", "fatal-error": "over", "rejected": "over"}
    name = shapes.get(message.acknowledgement, "soon")
    return state(State(name, words.answer(message.acknowledgement)))


@register.filter
def category(name: str) -> str:
    """What a conversation is about."""
    return conversation_words.category(name)


@register.filter
def dialogue(name: str) -> str:
    """The kind of a Norwegian dialogue message."""
    return conversation_words.kind(name)


@register.filter
def priority(name: str) -> str:
    """Routine, or as soon as possible."""
    return conversation_words.priority(name)


@register.filter
def staff(name: str) -> str:
    """The role of who wrote a message."""
    return conversation_words.staff(name)


@register.filter
def media(kind: str) -> str:
    """What kind of file it is: PDF, JPEG …"""
    return conversation_words.media(kind)


@register.filter
def letter_status(name: str) -> str:
    """How a letter stands to an earlier one."""
    return conversation_words.letter_status(name)
