CREATE INDEX audit_rows_actor ON audit_rows (actor, id);
CREATE INDEX audit_rows_action ON audit_rows (action, id);
CREATE INDEX audit_rows_thing ON audit_rows (thing, id);

-- What is noted stands. Nothing changes a row, and nothing takes one away before it is a year old;
-- older ones may be forgotten, if whoever runs the server says so.
CREATE TRIGGER audit_rows_unchanged BEFORE UPDATE ON audit_rows
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only ever added to');
END;
CREATE TRIGGER audit_rows_kept BEFORE DELETE ON audit_rows
WHEN OLD.at > (CAST(strftime('%s', 'now') AS INTEGER) - 31536000) * 1000000
BEGIN
    SELECT RAISE(ABORT, 'the audit log keeps every row for a year');
END;
-- INSERT OR REPLACE takes the old row away without asking the trigger above.
CREATE TRIGGER audit_rows_unreplaced BEFORE INSERT ON audit_rows
WHEN EXISTS (SELECT 1 FROM audit_rows WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only ever added to');
END;
