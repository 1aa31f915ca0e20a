DROP TRIGGER audit_rows_whole ON audit_rows;
DROP FUNCTION audit_rows_whole();
DROP TRIGGER audit_rows_stand ON audit_rows;
DROP FUNCTION audit_rows_stand();
DROP INDEX audit_rows_thing;
DROP INDEX audit_rows_action;
DROP INDEX audit_rows_actor;
