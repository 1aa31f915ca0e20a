CREATE INDEX audit_rows_actor ON audit_rows (actor, id);
CREATE INDEX audit_rows_action ON audit_rows (action, id);
CREATE INDEX audit_rows_thing ON audit_rows (thing, id);

-- What is noted stands. Nothing changes a row, and nothing takes one away before it is a year old;
-- older ones may be forgotten, if whoever runs the server says so.
CREATE FUNCTION audit_rows_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at <= (EXTRACT(EPOCH FROM now())::bigint - 31536000) * 1000000 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is only ever added to, and keeps every row for a year';
END $$;
CREATE TRIGGER audit_rows_stand BEFORE UPDATE OR DELETE ON audit_rows
    FOR EACH ROW EXECUTE FUNCTION audit_rows_stand();
CREATE FUNCTION audit_rows_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to, and keeps every row for a year';
END $$;
CREATE TRIGGER audit_rows_whole BEFORE TRUNCATE ON audit_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_rows_whole();
