DROP TRIGGER audit_rows_unreplaced;
DROP TRIGGER audit_rows_kept;
DROP TRIGGER audit_rows_unchanged;
DROP INDEX audit_rows_thing;
DROP INDEX audit_rows_action;
DROP INDEX audit_rows_actor;
