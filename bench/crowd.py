"""A busy organization: 200 members, a million messages of a year, and everything that goes with them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from accounts.models import Group, GroupMembership, Membership, Organization, Role, User
from chat.models import Job
from inference.usage_rollup import roll_up
from tests.access.world import World
from tests.database import committed, connect

MEMBERS, GROUPS, MESSAGES = 200, 12, 1_000_000
PER_CONVERSATION = 20
HITS, REVIEWS, EVENTS, JOBS = 50_000, 500, 1_000_000, 300
DAYS = 365
# Each table is filled by one statement; ids are digests of numbers, so that one table finds another's.
STATEMENTS = (
    """
    CREATE TEMP TABLE person AS
    SELECT row_number() OVER (ORDER BY user_id) - 1 AS number, user_id
    FROM accounts_membership WHERE organization_id = %(place)s AND deactivated_at IS NULL
    """,
    """
    INSERT INTO chat_conversation (id, organization_id, owner_id, title, titled_by_owner, is_temporary, created_at,
        updated_at, head_id, options)
    SELECT md5('c' || i)::uuid, %(place)s, user_id, 'Conversation ' || i, false, false, at, at,
        md5('m' || (i + 1) * %(each)s - 1)::uuid, '{}'
    FROM generate_series(0, %(messages)s / %(each)s - 1) i
    JOIN person ON number = i %% (SELECT count(*) FROM person),
    LATERAL (SELECT now() - (%(messages)s - i * %(each)s) * interval '31 seconds' AS at) t
    """,
    """
    INSERT INTO chat_message (id, conversation_id, parent_id, role, release, parts, created_at, coverage)
    SELECT md5('m' || i)::uuid, md5('c' || i / %(each)s)::uuid,
        CASE WHEN i %% %(each)s > 0 THEN md5('m' || i - 1)::uuid END,
        CASE WHEN i %% 2 = 0 THEN 'user' ELSE 'assistant' END, 'released',
        jsonb_build_array(jsonb_build_object('type', 'text', 'text', repeat('The quick brown fox ' || i || ' ', 8))),
        now() - (%(messages)s - i) * interval '31 seconds', '{}'
    FROM generate_series(0, %(messages)s - 1) i
    """,
    """
    INSERT INTO chat_generation (id, message_id, organization_id, user_id, state, epoch, queued_at, claimed_at,
        first_token_at, ended_at, sequence, model, words, usage, options, caps, charged, manifest)
    SELECT md5('g' || i)::uuid, md5('m' || i)::uuid, %(place)s, user_id, 'done', 1, at, at, at,
        at + interval '9 seconds', 40, 'Hermes 4 70B', '', '{}', '{}', '{}', 0, '{}'
    FROM generate_series(1, %(messages)s - 1, 2) i
    JOIN person ON number = (i / %(each)s) %% (SELECT count(*) FROM person),
    LATERAL (SELECT now() - (%(messages)s - i) * interval '31 seconds' AS at) t
    """,
    """
    INSERT INTO inference_ledgerentry (id, purpose, outcome, organization_id, user_id, conversation_id, generation_id,
        epoch, call, groups, chat_model_id, model, reserved_tokens, reservation, prompt_tokens, cached_tokens,
        answer_tokens, reasoning_tokens, estimated, created_at, settled_at, queue_ms, first_token_ms, total_ms)
    SELECT md5('l' || i)::uuid, 'answer', CASE WHEN i %% 97 = 0 THEN 'withheld' ELSE 'done' END, %(place)s, user_id,
        md5('c' || i / %(each)s)::uuid, md5('g' || i)::uuid, 1, 1, '{}', %(model)s, 'Hermes 4 70B', 0, '[]',
        900 + i %% 700, 300, 200 + i %% 500, i %% 300, false, at, at + interval '9 seconds', i %% 400,
        200 + i %% 900, 9000
    FROM generate_series(1, %(messages)s - 1, 2) i
    JOIN person ON number = (i / %(each)s) %% (SELECT count(*) FROM person),
    LATERAL (SELECT now() - (%(messages)s - i) * interval '31 seconds' AS at) t
    """,
    """
    INSERT INTO moderation_hitrecord (organization_id, at, version_id, rule, category, verdict, severity, channel,
        user_id, role, groups, generation_id, message_id, count, shadow, exempt, failed)
    SELECT %(place)s, now() - i * interval '600 seconds', NULL, 'rule-' || i %% 12, 'category-' || i %% 5,
        (ARRAY['block', 'redact', 'flag', 'hold'])[1 + i %% 4], 1 + i %% 3, (ARRAY['prompt', 'answer'])[1 + i %% 2],
        user_id, 'member', '[]', md5('g' || 2 * i + 1)::uuid, md5('m' || 2 * i + 1)::uuid, 1, false, false, false
    FROM generate_series(1, %(hits)s) i JOIN person ON number = i %% (SELECT count(*) FROM person)
    """,
    """
    INSERT INTO chat_review (id, organization_id, author_id, conversation_id, message_id, generation_id, channel,
        rule, category, verdict, state, sealed, created_at, appealed_at, appeal, decision)
    SELECT md5('r' || i)::uuid, %(place)s, user_id, md5('c' || i)::uuid, md5('m' || i * %(each)s + 1)::uuid,
        md5('g' || i * %(each)s + 1)::uuid, 'answer', 'rule-1', 'category-1', 'block',
        CASE WHEN i %% 5 = 0 THEN 'open' ELSE 'upheld' END, '', now() - i * interval '1 hour', now(), 'A novel.', ''
    FROM generate_series(1, %(reviews)s) i JOIN person ON number = i %% (SELECT count(*) FROM person)
    """,
    """
    INSERT INTO audit_label (id, kind, text)
    SELECT user_id, 'person', email FROM person JOIN accounts_user ON accounts_user.id = user_id
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO audit_event (id, at, action, organization_id, actor_id, target_type, target_id, request_id, facts)
    SELECT md5('e' || i)::uuid, now() - (%(events)s - i) * interval '31 seconds',
        (ARRAY['chat.prompt.submitted', 'chat.answer.done', 'accounts.signed_in', 'chat.job.asked'])[1 + i %% 4],
        %(place)s, user_id, 'conversation', md5('c' || i / 20)::text, '', '{}'
    FROM generate_series(1, %(events)s) i JOIN person ON number = i %% (SELECT count(*) FROM person)
    """,
    """
    INSERT INTO audit_seal (event, chain, number, digest, at)
    SELECT md5('e' || i)::uuid, %(place)s, 1000000 + i, decode(repeat('ab', 32), 'hex'), now()
    FROM generate_series(1, %(events)s) i
    """,
    "DROP TABLE person",
)


def fill(world: World) -> None:
    """Let the world's organization grow, past all triggers, and tell the database's planner."""
    place = Organization.objects.get(slug=world.slug)
    with committed():
        _people(place)
        _jobs(place)
    facts = {
        "place": place.id,
        "model": world.places["chat_model_id"],
        "messages": MESSAGES,
        "each": PER_CONVERSATION,
        "hits": HITS,
        "reviews": REVIEWS,
        "events": EVENTS,
    }
    with connect("postgres") as owner:
        # No triggers and no foreign keys: a million rows by hand are right by their making.
        owner.execute("SET session_replication_role = replica")
        for statement in STATEMENTS:
            owner.execute(statement.encode(), facts)
        owner.execute("VACUUM ANALYZE")
    _roll_up()


def _people(place: Organization) -> None:
    chance = random.Random(200)
    missing = MEMBERS - place.memberships.count()
    people = [User(email=f"person{at}@crowd.example", name=f"Person {at}", password="!") for at in range(missing)]
    User.objects.bulk_create(people)
    roles = [Role.ADMIN] * 5 + [Role.REVIEWER] * 10 + [Role.MEMBER] * missing
    joined = [Membership(organization=place, user=one, role=role) for one, role in zip(people, roles, strict=False)]
    Membership.objects.bulk_create(joined)
    groups = [Group(organization=place, name=f"Group {at}") for at in range(GROUPS)]
    Group.objects.bulk_create(groups)
    GroupMembership.objects.bulk_create(
        [GroupMembership(group=chance.choice(groups), membership=one) for one in joined], ignore_conflicts=True
    )


def _jobs(place: Organization) -> None:
    now = datetime.now(UTC)
    states = list(Job.State)
    Job.objects.bulk_create(
        Job(kind="retention", organization=place, state=states[at % 5], key=f"bench-{at}", created_at=now)
        for at in range(JOBS)
    )


def _roll_up() -> None:
    today = datetime.now(UTC).date()
    with committed():
        for ago in range(DAYS):
            roll_up(today - timedelta(days=ago))
