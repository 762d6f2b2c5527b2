"""Every way to something that an operator can switch off: what each says while it is there, and once it is not.

A way is made ready first; what it returns is gone through after the switch was moved, and gives the words to look at.
"""

from __future__ import annotations

import html
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from bench.script import prompt_for
from chat import titles
from chat.actions import break_glass
from chat.backtesting import job
from chat.exports.actions import ask_for_export
from chat.jobs import runner
from chat.models import Backtest, BreakGlass, Conversation, Job, Message
from inference.models import ChatModel
from moderation.actions.drafts import create_draft
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.chat.history import message, policy, rule, said, version
from tests.chat.test_titles import asked
from tests.visitor import visitor

REASON = "A complaint about harassment, case 12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """People of one organization, and a model that the scripted engine serves."""

    cast: Cast
    rita: Membership
    model: ChatModel
    browsers: dict[uuid.UUID, Client] = field(default_factory=dict)

    def at(self, name: str, *places: object) -> str:
        return reverse(name, args=[self.cast.organization.slug, *places])

    def read(self, member: Membership, name: str, *places: object, **query: str) -> str:
        """Return what a page says."""
        return _said(self._browser(member).get(self.at(name, *places), query, follow=True))

    def send(self, member: Membership, name: str, *places: object, **typed: object) -> str:
        """Return what the page says that comes of a form."""
        return _said(self._browser(member).post(self.at(name, *places), typed, follow=True))

    def send_json(self, member: Membership, name: str, *places: object, **typed: object) -> str:
        """Return what is answered to a script."""
        browser = self._browser(member)
        return _said(browser.post(self.at(name, *places), typed, content_type="application/json"))

    def _browser(self, member: Membership) -> Client:
        if member.user_id not in self.browsers:
            self.browsers[member.user_id] = visitor()
            self.browsers[member.user_id].force_login(member.user)
        return self.browsers[member.user_id]


def _said(answer: HttpResponseBase) -> str:
    words = "" if answer.streaming else html.unescape(answer.content.decode())  # type: ignore[attr-defined]
    return f"{answer.status_code} {answer.headers['Content-Type']} {words}"


Words = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`on` is said only while the feature is there, `off` only when it is not."""

    feature: str
    on: str
    off: str
    prepare: Callable[[Here], Words]

    def __str__(self) -> str:
        return f"{self.feature}: {self.prepare.__name__}"


WAYS: list[Way] = []
Prepare = Callable[[Here], Words]


def way(feature: str, *, on: str, off: str) -> Callable[[Prepare], Prepare]:
    """Say to which feature a function is a way."""

    def keep(prepare: Prepare) -> Prepare:
        WAYS.append(Way(feature=feature, on=on, off=off, prepare=prepare))
        return prepare

    return keep


# Temporary chats


@way("temporary-chats", on='"offered": true', off='"offered": false')
def the_toggle_of_the_chat(here: Here) -> Words:
    return lambda: here.read(here.cast.bob, "chat:home")


@way("temporary-chats", on='"accepted"', off="Temporary chats are switched off here")
def sending_without_a_socket(here: Here) -> Words:
    facts = {"message": str(uuid.uuid4()), "parent": None, "text": "Hello", "temporary": True, "ref": "1"}
    return lambda: here.send_json(here.cast.bob, "chat:send", uuid.uuid4(), **facts)


# Break-glass

GLASS_OFF = "Break-glass is switched off here"


def _conversation(here: Here) -> Conversation:
    found = said(here.cast.bob, "hello").conversation
    answer = message(found, [{"type": "text", "text": "Hello, Bob"}], timezone.now(), Message.Role.ASSISTANT)
    Conversation.objects.filter(id=found.id).update(head=answer)
    return found


def _requested(here: Here) -> BreakGlass:
    return break_glass.ask(acting=here.rita, conversation_id=_conversation(here).id, reason=REASON, hours=1)


def _opened(here: Here) -> BreakGlass:
    return break_glass.approve(acting=here.cast.alice, glass_id=_requested(here).id)


@way("break-glass", on="Ask to read a conversation", off=GLASS_OFF)
def its_page(here: Here) -> Words:
    return lambda: here.read(here.rita, "console:break-glass")


@way("break-glass", on="Ask to read<span", off=GLASS_OFF)
def the_list_of_conversations(here: Here) -> Words:
    _conversation(here)
    bob = str(here.cast.bob.user_id)
    return lambda: here.read(here.rita, "console:break-glass-conversations", person=bob)


@way("break-glass", on='name="reason"', off=GLASS_OFF)
def the_form_to_ask(here: Here) -> Words:
    conversation = _conversation(here)
    return lambda: here.read(here.rita, "console:ask-break-glass", conversation.id)


@way("break-glass", on="Asked. A second person must approve it.", off=GLASS_OFF)
def asking(here: Here) -> Words:
    conversation = _conversation(here)
    return lambda: here.send(here.rita, "console:ask-break-glass", conversation.id, reason=REASON, hours=1)


@way("break-glass", on="Approved. It is open", off=GLASS_OFF)
def approving(here: Here) -> Words:
    glass = _requested(here)
    return lambda: here.send(here.cast.alice, "console:approve-break-glass", glass.id)


@way("break-glass", on="Refused. Nothing can be read.", off=GLASS_OFF)
def refusing(here: Here) -> Words:
    glass = _requested(here)
    return lambda: here.send(here.cast.alice, "console:refuse-break-glass", glass.id)


@way("break-glass", on="Approve<", off=GLASS_OFF)
def the_buttons_to_answer(here: Here) -> Words:
    _requested(here)
    return lambda: here.read(here.cast.alice, "console:break-glass")


@way("break-glass", on="Read<", off=GLASS_OFF)
def the_link_to_read(here: Here) -> Words:
    _opened(here)
    return lambda: here.read(here.rita, "console:break-glass")


@way("break-glass", on="Hello, Bob", off="404 ")
def reading(here: Here) -> Words:
    glass = _opened(here)
    return lambda: here.read(here.rita, "console:read-under-glass", glass.id)


# Exports

EXPORTS_OFF = "Exports are switched off here"


def _exported(here: Here) -> Job:
    said(here.cast.bob, "hello")
    made = ask_for_export(acting=here.cast.bob)
    runner.run(made.id, seconds=60)
    return made


@way("exports", on="Make the file", off=EXPORTS_OFF)
def the_button_to_export(here: Here) -> Words:
    return lambda: here.read(here.cast.bob, "chat:my-jobs")


@way("exports", on="are being put together", off=EXPORTS_OFF)
def asking_for_a_file(here: Here) -> Words:
    return lambda: here.send(here.cast.bob, "chat:my-export")


@way("exports", on="Download, ", off=EXPORTS_OFF)
def the_link_to_the_file(here: Here) -> Words:
    _exported(here)
    return lambda: here.read(here.cast.bob, "chat:my-jobs")


@way("exports", on="application/zip", off=EXPORTS_OFF)
def taking_the_file(here: Here) -> Words:
    made = _exported(here)
    return lambda: here.read(here.cast.bob, "chat:take-export", made.id)


@way("exports", on="done", off=EXPORTS_OFF)
def the_job_that_makes_it(here: Here) -> Words:
    said(here.cast.bob, "hello")
    made = ask_for_export(acting=here.cast.bob)

    def run() -> str:
        runner.run(made.id, seconds=60)
        found = Job.objects.get(id=made.id)
        return f"{found.state} {found.words}"

    return run


# Titles


@way("titles", on="Rivers", off="stands as typed")
def naming_a_conversation(here: Here) -> Words:
    prompt = prompt_for({"text": "Rivers"})
    conversation = asked(here.cast.bob, prompt, here.model)

    def name() -> str:
        titles.give_title(conversation.id)
        found = Conversation.objects.get(id=conversation.id).title
        return "stands as typed" if found == titles.first_words(prompt) else found

    return name


# Backtests

BACKTESTS_OFF = "Backtests are switched off here"


def _backtest(here: Here) -> Backtest:
    draft = version(here.cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon")))
    begun = timezone.now()
    said(here.cast.bob, "a lemon of Bob")
    return Backtest.objects.create(
        organization=here.cast.organization,
        version=draft,
        since=begun,
        until=timezone.now(),
        result={"digest": draft.digest},
    )


def _read(here: Here) -> Backtest:
    found = _backtest(here)
    job.run_turn(found.id)
    return found


@way("backtests", on="New backtest", off=BACKTESTS_OFF)
def the_form_for_a_backtest(here: Here) -> Words:
    return lambda: here.read(here.cast.alice, "console:backtests")


@way("backtests", on="Waiting for its turn", off=BACKTESTS_OFF)
def starting(here: Here) -> Words:
    draft, today = version(here.cast.alice, 1, policy()), timezone.now().date().isoformat()
    typed = {"version": str(draft.id), "since": today, "until": today, "whose": ""}
    return lambda: here.send(here.cast.alice, "console:backtests", **typed)


@way("backtests", on="done", off=BACKTESTS_OFF)
def the_job_that_reads(here: Here) -> Words:
    made = _backtest(here)

    def run() -> str:
        job.run_turn(made.id)
        made.refresh_from_db()
        return f"{made.state} {made.words}"

    return run


@way("backtests", on="Sample texts", off="1 message read")
def the_link_to_samples(here: Here) -> Words:
    made = _read(here)
    return lambda: here.read(here.rita, "console:backtest", made.id)


@way("backtests", on="<mark>lemon</mark>", off="404 ")
def reading_samples(here: Here) -> Words:
    made = _read(here)
    return lambda: here.read(here.rita, "console:backtest-samples", made.id, rule="new")


@way("backtests", on="what a version would have changed", off="Policy")
def the_link_of_the_policy(here: Here) -> Words:
    version(here.cast.alice, 1, policy())
    return lambda: here.read(here.cast.alice, "console:policy")


@way("backtests", on="Backtest it", off="Export YAML")
def the_link_of_a_version(here: Here) -> Words:
    draft = create_draft(acting=here.cast.alice, policy=policy())
    return lambda: here.read(here.cast.alice, "console:policy-version", draft.id)
