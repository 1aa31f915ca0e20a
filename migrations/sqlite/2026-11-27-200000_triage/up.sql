-- Triage: which report says the same, by when support answers and resolves, what many reports have in
-- common, acts on many of them, answers and filters kept under a name, and alarms.

-- The report that says the same; named only while the status is duplicate.
ALTER TABLE reports ADD COLUMN duplicate_of_id BIGINT;
-- What was promised, kept as it was promised.
ALTER TABLE reports ADD COLUMN answer_due_at BIGINT;
ALTER TABLE reports ADD COLUMN resolution_due_at BIGINT;
CREATE INDEX reports_answer_due ON reports (answer_due_at, id) WHERE first_answer_at IS NULL AND resolved_at IS NULL;
CREATE INDEX reports_resolution_due ON reports (resolution_due_at, id) WHERE resolved_at IS NULL;
CREATE INDEX reports_duplicate_of ON reports (duplicate_of_id) WHERE duplicate_of_id IS NOT NULL;

-- How many points of urgency a report about it gets.
ALTER TABLE components ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;

-- How many people met the same lately; 0 stands for none. Counted again by the clock.
CREATE TABLE report_spread (
    window_id BIGINT NOT NULL,
    component_id BIGINT NOT NULL,
    known_issue_id BIGINT NOT NULL,
    people_10 BIGINT NOT NULL,
    people_60 BIGINT NOT NULL,
    people_day BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    PRIMARY KEY (window_id, component_id, known_issue_id)
);

-- Answers that are written once and used often; title and body are in texts.
CREATE TABLE canned_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    demonstration BOOLEAN NOT NULL
);

CREATE TABLE saved_filters (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_filters_name ON saved_filters (person_id, name);

-- An act on many reports: chosen when it was asked for, done in steps once it is confirmed.
CREATE TABLE bulk_acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    author TEXT NOT NULL,
    author_id BIGINT,
    created_at BIGINT NOT NULL,
    changes TEXT NOT NULL,
    query TEXT NOT NULL,
    selection TEXT NOT NULL,
    total BIGINT NOT NULL,
    undo_of BIGINT,
    begun_at BIGINT,
    finished_at BIGINT,
    progress BIGINT NOT NULL
);

-- What became of each report of an act, and what it was before.
CREATE TABLE bulk_items (
    act_id BIGINT NOT NULL REFERENCES bulk_acts (id) ON DELETE CASCADE,
    report_id BIGINT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    outcome TEXT NOT NULL,
    was TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (act_id, report_id)
);
CREATE INDEX bulk_items_report ON bulk_items (report_id);

-- A function that is reported more than is usual, where nobody announced it. 0 stands for no function.
CREATE TABLE alarms (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    component_id BIGINT NOT NULL,
    window_id BIGINT,
    kind TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    people BIGINT NOT NULL,
    expected DOUBLE PRECISION NOT NULL,
    chance DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    ended_at BIGINT
);
CREATE UNIQUE INDEX alarms_open ON alarms (component_id) WHERE ended_at IS NULL;
