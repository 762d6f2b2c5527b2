"""The statements that add a day of the ledger up.

A call counts on the day when it was settled: a day that is over does not change any more.
"""

from __future__ import annotations

# A first token or a wait within so many milliseconds; "more" is what took longer than all of them.
BOUNDS = (
    *(50, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000),
    *(7500, 10000, 15000, 20000, 30000, 60000),
)
MORE = "more"

_CALLS = "FROM inference_ledgerentry WHERE settled_at >= %(since)s AND settled_at < %(until)s"

# Three kinds of row: each person's, by model; everybody's, by model and purpose; and the whole day in one row, whose
# people are counted once whatever they used. People's rows are by far the most: they are not told apart by purpose.
DAYS = f"""
INSERT INTO inference_usageday (
    day, organization_id, user_id, chat_model_id, model, purpose, calls, withheld, failed, estimated,
    prompt_tokens, cached_tokens, answer_tokens, reasoning_tokens, people, first_token, queue
)
SELECT %(day)s, organization_id, user_id, chat_model_id, coalesce(model, ''), coalesce(purpose, ''), count(*),
    count(*) FILTER (WHERE outcome IN ('withheld', 'held')), count(*) FILTER (WHERE outcome = 'failed'),
    count(*) FILTER (WHERE estimated),
    coalesce(sum(prompt_tokens::bigint), 0), coalesce(sum(cached_tokens::bigint), 0),
    coalesce(sum(answer_tokens::bigint), 0), coalesce(sum(reasoning_tokens::bigint), 0),
    count(DISTINCT user_id), '{{}}', '{{}}'
{_CALLS}
GROUP BY GROUPING SETS (
    (organization_id, user_id, chat_model_id, model),
    (organization_id, chat_model_id, model, purpose),
    (organization_id)
)
HAVING grouping(user_id) = 1 OR user_id IS NOT NULL
"""

GROUPS = f"""
INSERT INTO inference_usagegroupday (
    day, organization_id, group_id, calls, prompt_tokens, answer_tokens, reasoning_tokens, people
)
SELECT %(day)s, organization_id, group_id, count(*), coalesce(sum(prompt_tokens::bigint), 0),
    coalesce(sum(answer_tokens::bigint), 0), coalesce(sum(reasoning_tokens::bigint), 0), count(DISTINCT user_id)
FROM (SELECT organization_id, user_id, prompt_tokens, answer_tokens, reasoning_tokens, unnest(groups) AS group_id
    {_CALLS}) AS of_groups
GROUP BY organization_id, group_id
"""


def times(column: str, target: str) -> str:
    """Return the statement that puts how long calls took into everybody's rows, by model and purpose."""
    return f"""
    WITH counted AS (
        SELECT organization_id, chat_model_id, model, purpose, count(*) AS calls,
            coalesce((%(bounds)s::int[])[width_bucket({column} - 1, %(bounds)s::int[]) + 1]::text, '{MORE}') AS within
        {_CALLS} AND {column} IS NOT NULL
        GROUP BY organization_id, chat_model_id, model, purpose, within
    ), gathered AS (
        SELECT organization_id, chat_model_id, model, purpose, jsonb_object_agg(within, calls) AS times
        FROM counted GROUP BY organization_id, chat_model_id, model, purpose
    )
    UPDATE inference_usageday AS whole SET {target} = gathered.times FROM gathered
    WHERE whole.day = %(day)s AND whole.user_id IS NULL AND whole.organization_id = gathered.organization_id
        AND whole.chat_model_id IS NOT DISTINCT FROM gathered.chat_model_id
        AND whole.model = gathered.model AND whole.purpose = gathered.purpose
    """


FIRST_TOKEN = times("first_token_ms", "first_token")
QUEUE = times("queue_ms", "queue")
