"""Pages of conversations: the list, one conversation with its reply, a new one, a forward, a file in one."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from naer.events.instant import Instant, local
from naer.messages.medcom.carecommunication_codes import ATTACHMENT_TYPES
from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import (
    can_receive,
    conversation_list,
    conversations,
    correspondence,
    dead_letters,
    letters,
    receivers,
    refusal_words,
    thread_marks,
)
from naer.site.messaging import conversation_words as words
from naer.site.messaging.conversation_forms import (
    AnswerForm,
    ForwardForm,
    ReadingForm,
    ReplyForm,
    WriteForm,
)
from naer.site.messaging.conversations import Conversation
from naer.site.messaging.correspondence import Subject
from naer.site.messaging.drafts import Written
from naer.site.messaging.models import StoredLetter, Thread
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.pathways.courses import courses
from naer.site.ui.requests import new_id, now_of, person
from naer.site.ui.times import ZONE

PAGE = 25
_PHONE = "phone"
"""Where the session keeps the telephone number that was given last."""
_UNIT = "from_unit"
"""Where it keeps the ward or team that was given last."""


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The conversations of the reader's organisation: those with something unread, or all.

    For every citizen it names, a look is written down.
    """
    user, now = person(request), now_of(request)
    if not rules.converses(user):
        raise PermissionDenied
    which = (
        conversation_list.ALL
        if request.GET.get("show") == conversation_list.ALL
        else conversation_list.UNREAD
    )
    page = Pages(conversation_list.listed(user, now, which), PAGE, request.GET.get("page", "1"), DEEP).asked()
    shown = {thread.citizen_id for thread in page}
    rules.looked_at(user, shown, "conversations", now, "look-list")
    context = {
        "page": page,
        "rows": conversation_list.rows(page, user.organisation_id or ""),
        "which": which,
        "fresh": conversation_list.unread(user),
        "now": now,
    }
    return render(request, "messaging/conversations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """One conversation, and the form that answers it."""
    user, now = person(request), now_of(request)
    thread = rules.open_thread(user, pk, "look-thread", now)
    shown = conversations.conversation(user, thread)
    standard = words.CARE if shown.care else shown.letters[-1][0].standard
    form = ReplyForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        standard=standard,
        initial={_PHONE: request.session.get(_PHONE, "")},
        label_suffix="",
    )
    if request.method == "POST" and request.POST.get("latest", "") != shown.newest.message_id:
        form.add_error(None, _("Something was written meanwhile. Read it, then send your reply."))
    if form.is_valid():
        written = _written(request, form.cleaned_data, form.attached)
        try:
            latest = correspondence.latest(shown.letters)
            correspondence.reply(user, thread, written, answers=latest, now=now, new_id=new_id)
        except (UnwritableError, ActionRefusedError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("Your reply leaves in a minute. Until then you can take it back."))
            return redirect("conversation", pk)
    context = _context(user, shown, pk, now) | {"form": form}
    return render(request, "messaging/conversation.html", context, status=422 if form.errors else 200)


def _context(user: User, shown: Conversation, pk: int, now: Instant) -> dict[str, Any]:
    known = rules.may_see(user, shown.citizen, now)
    return {
        "conversation": shown,
        "pk": pk,
        "known": known,
        "now": now,
        "reading": _reading(user, shown, now),
        "may_forward": shown.care,
        "may_ask": rules.may(user, "requests") and user.role in (User.Role.COORDINATOR, User.Role.NURSE),
    }


def _reading(user: User, shown: Conversation, now: Instant) -> dict[str, Any] | None:
    """The answer of a municipality that somebody is to read: the message, and what its words seem to say."""
    found = can_receive.to_be_read(user, shown.letters)
    if found is None:
        return None
    row, letter = found
    proposed = can_receive.proposed(letter)
    said = can_receive.reading(row, now)
    initial: dict[str, Any] = {}
    if proposed is not None:
        initial = {"can": "yes" if proposed.can_receive else "no", "since": _local(proposed.since)}
    form = ReadingForm(None, now=now, initial=initial, label_suffix="")
    since = can_receive.since_of(said) if said is not None else None
    return {"row": row, "form": form, "proposed": proposed, "said": said, "since": since}


def _local(instant: Instant | None) -> dt.datetime | None:
    return local(instant, ZONE).replace(tzinfo=None, second=0, microsecond=0) if instant is not None else None


@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a conversation as read or unread, take back what has not left, or read a municipality's answer."""
    user, now = person(request), now_of(request)
    act = request.POST.get("act", "")
    thread = rules.open_thread(user, pk, "read-thread" if act in ("read", "unread") else "look-thread", now)
    match act:
        case "read":
            thread_marks.mark_read(user, thread, now=now)
            messages.success(request, _("Marked as read."))
        case "unread":
            thread_marks.mark_unread(user, thread, now=now)
            messages.success(request, _("Marked as unread. It stands in the list again."))
            return redirect("conversations")
        case "take-back":
            _take_back(request, user, thread, now)
        case "reading":
            _confirm(request, user, thread, now)
        case _:
            raise Http404
    return redirect("conversation", pk)


def _letter(request: HttpRequest, thread: Thread) -> StoredLetter:
    given = request.POST.get("letter", "")
    found = thread.letters.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None
    if found is None:
        raise Http404
    return found


def _take_back(request: HttpRequest, user: User, thread: Thread, now: Instant) -> None:
    letter = _letter(request, thread)
    if thread_marks.take_back(user, letter, now=now, new_id=new_id):
        messages.success(request, _("Taken back. It was never sent."))
    elif letter.outgoing is not None and "take-back" in dead_letters.possible(letter.outgoing):
        messages.error(request, _("A later message repeats it. Take that one back first."))
    else:
        messages.error(request, _("It has left already. Write to them what was wrong."))


def _confirm(request: HttpRequest, user: User, thread: Thread, now: Instant) -> None:
    form = ReadingForm(request.POST, now=now)
    if not form.is_valid():
        messages.error(request, _("Say yes or no, and write the time as a day and a time."))
        return
    can, since = form.said
    try:
        can_receive.confirm_answer(user, thread, _letter(request, thread), can, since, now=now, new_id=new_id)
    except ActionRefusedError:
        raise Http404 from None
    messages.success(request, _("Recorded as the municipality’s answer."))


@require_safe
def file(request: HttpRequest, pk: int, letter: int, place: int) -> HttpResponse:
    """A file in a conversation, to be saved."""
    user, now = person(request), now_of(request)
    thread = rules.open_thread(user, pk, "look-attachment", now)
    row = conversations.visible_letter(user, thread, letter)
    found = letters.attachment(row, place) if row is not None and place < 10_000 else None
    if row is None or found is None:
        raise Http404
    kind, data = found
    safe = kind if kind in ATTACHMENT_TYPES else "application/octet-stream"
    answer = HttpResponse(data, content_type=safe)
    ending = safe.rpartition("/")[2] if safe in ATTACHMENT_TYPES else "bin"
    answer["Content-Disposition"] = f'attachment; filename="naer-{letter}-{place}.{ending}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def forward(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass messages of a conversation on to somebody else."""
    user, now = person(request), now_of(request)
    thread = rules.open_thread(user, pk, "look-thread", now)
    shown = conversations.conversation(user, thread)
    if not shown.care:
        raise Http404
    form = ForwardForm(
        request.POST if request.method == "POST" else None,
        letters=conversations.choices(shown, now),
        initial={_PHONE: request.session.get(_PHONE, "")},
        label_suffix="",
    )
    form.offer(*receivers.offered(user, shown.citizen, words.CARE))
    if form.is_valid():
        given = form.cleaned_data
        try:
            sent = correspondence.forward(
                user,
                thread,
                frozenset(given["letters"]),
                given["receiver"],
                _written(request, given, []),
                to_unit=given["unit"],
                now=now,
                new_id=new_id,
            )
        except (UnwritableError, ActionRefusedError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("It leaves in a minute. Until then you can take it back."))
            return redirect("conversation", sent.pk)
    context = _context(user, shown, pk, now) | {"form": form}
    return render(request, "messaging/forward.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, key: str) -> HttpResponse:
    """Begin a conversation about a citizen."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "write", now)
    if not rules.relation(user, found, now, "send"):
        raise Http404
    standard = receivers.standard_of(user)
    form = WriteForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        standard=standard,
        initial={_PHONE: request.session.get(_PHONE, ""), _UNIT: request.session.get(_UNIT, "")},
        label_suffix="",
    )
    form.offer(*receivers.offered(user, found, standard))
    if form.is_valid():
        given = form.cleaned_data
        subject = Subject(
            given["category"],
            given["topic"],
            priority=given.get("priority") or "",
            to_unit=given["unit"],
            from_unit=given.get("from_unit") or "",
        )
        request.session[_UNIT] = subject.from_unit
        try:
            sent = correspondence.begin(
                user,
                found,
                given["receiver"],
                _written(request, given, form.attached),
                subject,
                pathway=next(iter(courses(key, now)), ""),
                now=now,
                new_id=new_id,
            )
        except (UnwritableError, ActionRefusedError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("Your message leaves in a minute. Until then you can take it back."))
            return redirect("conversation", sent.pk)
    context = {"citizen": found, "form": form, "now": now, "care": standard == words.CARE}
    return render(request, "messaging/write.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def say_if_receive(request: HttpRequest, key: str) -> HttpResponse:
    """The municipality says whether it can receive a citizen who is ready for discharge."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "can receive", now)
    hospital = receivers.hospital_of(found, now)
    if not can_receive.may_say(user, found, now) or hospital is None:
        raise Http404
    care = receivers.standard_of(user) == words.CARE
    form = AnswerForm(
        request.POST if request.method == "POST" else None,
        now=now,
        care=care,
        initial={_PHONE: request.session.get(_PHONE, "")},
        label_suffix="",
    )
    if form.is_valid():
        can, since = form.said
        given = form.cleaned_data
        text = can_receive.wording(can, since, given["text"], care=care)
        try:
            sent = can_receive.answer_ready(
                user,
                found,
                hospital.key,
                can,
                since,
                _written(request, given | {"text": text}, []),
                pathway=next(iter(courses(key, now)), ""),
                now=now,
                new_id=new_id,
            )
        except (UnwritableError, ActionRefusedError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("Your answer is recorded, and leaves in a minute."))
            return redirect("conversation", sent.pk)
    context = {"citizen": found, "hospital": hospital, "form": form, "now": now, "care": care}
    return render(request, "messaging/can_receive.html", context, status=422 if form.errors else 200)


def _written(request: HttpRequest, given: Mapping[str, Any], files: Any) -> Written:
    """What was written; the telephone number is kept for the next time."""
    phone = str(given.get("phone") or "")
    if phone:
        request.session[_PHONE] = phone
    return Written(text=given["text"], phone=phone, files=files)


def _refused(error: Exception) -> str:
    """Why it could not be sent, in the reader's language, with the standard's own words."""
    return _("It could not be sent, and nothing was changed. %(why)s") % {"why": refusal_words.why(error)}
