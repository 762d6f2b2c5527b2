"""Queue every event for its seal, and make seals and anchors as append-only as events are."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

GRANTS = """
REVOKE UPDATE, DELETE, TRUNCATE ON audit_seal, audit_anchor FROM hermes_app;
REVOKE UPDATE, TRUNCATE ON audit_unsealed FROM hermes_app;
"""

# One row beside the event and no lock: writers do not wait for each other, nor for who seals.
QUEUE = """
CREATE FUNCTION audit_event_waits_for_its_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (event, chain)
    VALUES (NEW.id, coalesce(NEW.organization_id, '00000000-0000-0000-0000-000000000000'));
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_event_is_queued AFTER INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_waits_for_its_seal();
INSERT INTO audit_unsealed (event, chain)
    SELECT id, coalesce(organization_id, '00000000-0000-0000-0000-000000000000') FROM audit_event ORDER BY at, id;
"""

DROP_QUEUE = """
DROP TRIGGER audit_event_is_queued ON audit_event;
DROP FUNCTION audit_event_waits_for_its_seal();
"""

TRIGGERS = """
CREATE TRIGGER {table}_refuses_changes BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only();
CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
"""

DROP_TRIGGERS = """
DROP TRIGGER {table}_refuses_truncate ON {table};
DROP TRIGGER {table}_refuses_changes ON {table};
"""


def guard(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(TRIGGERS.format(table=table), DROP_TRIGGERS.format(table=table))


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0004_seals")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(QUEUE, DROP_QUEUE),
        guard("audit_seal"),
        guard("audit_anchor"),
    ]
