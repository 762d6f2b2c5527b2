"""Make the audit record append-only, for the application by its role and for everybody by a trigger."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

# The application's role. Where this login may not create roles, an administrator has to.
ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'hermes_app') THEN
        CREATE ROLE hermes_app NOLOGIN;
    END IF;
    IF current_user <> 'hermes_app' AND NOT pg_has_role(current_user, 'hermes_app', 'MEMBER') THEN
        EXECUTE format('GRANT hermes_app TO %I', current_user);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'hermes_app') THEN
        RAISE EXCEPTION 'This login may not create roles. Let an administrator run: CREATE ROLE hermes_app; GRANT hermes_app TO %', current_user;
    END IF;
END
$$;
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO hermes_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hermes_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO hermes_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hermes_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO hermes_app;
REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM hermes_app;
"""

TRIGGER = """
CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit record is append-only: % is refused.', TG_OP;
END
$$;
CREATE TRIGGER audit_event_refuses_changes BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only();
CREATE TRIGGER audit_event_refuses_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
"""

DROP_TRIGGER = """
DROP TRIGGER audit_event_refuses_truncate ON audit_event;
DROP TRIGGER audit_event_refuses_changes ON audit_event;
DROP FUNCTION audit_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0001_initial")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGER, DROP_TRIGGER),
    ]
