"""Two pages, one of which turns between an earlier answer and the one that is being written."""

from __future__ import annotations

import uuid

from bench.script import prompt_for
from tests.cast import Cast
from tests.page import page_of
from tests.rows import in_thread, row_of
from tests.site import Site, wait_until


async def test_an_answer_that_was_left_and_found_again_is_followed_on(scripted_site: Site, cast: Cast) -> None:
    first = await in_thread(page_of, scripted_site, cast.bob)
    second = await in_thread(page_of, scripted_site, cast.bob)
    async with first, second:
        conversation, earlier = await first.ask(prompt_for({"tokens": 400, "rate": 40, "stamp": True}))
        await first.send(action="stop", generation=first.generations[earlier])
        await first.ended(earlier)
        prompt, answer = str((await in_thread(row_of, earlier)).message.parent_id), str(uuid.uuid4())
        await first.send(action="regenerate", conversation=conversation, message=prompt, answer=answer)
        await second.open(conversation)
        await second.until(lambda: len(second.text(answer)) > 100)

        await first.send(action="select", conversation=conversation, message=earlier)
        await second.until(lambda: earlier in second.parts and answer not in second.parts)
        # Meanwhile it is written on, and saved once.
        await in_thread(wait_until, lambda: row_of(answer).sequence > 0, "a save in between")
        await first.send(action="select", conversation=conversation, message=answer)
        await second.until(lambda: answer in second.parts)

        seen = len(second.text(answer))
        await second.until(lambda: len(second.text(answer)) > seen + 100)
        await first.send(action="stop", generation=first.generations[answer])
        assert await second.ended(answer) == "stopped"
        await first.ended(answer)
        row = await in_thread(row_of, answer)
        assert first.parts[answer] == second.parts[answer] == row.message.parts
