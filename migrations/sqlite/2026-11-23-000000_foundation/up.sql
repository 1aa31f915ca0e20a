-- What this server is called and the keys that are its own.
CREATE TABLE instance (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

-- A session is found by its id and then compared by the hash of its secret.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT
);

-- Texts that people write in several languages: one row for each thing, field and language.
CREATE TABLE texts (
    thing TEXT NOT NULL,
    thing_id BIGINT NOT NULL,
    field TEXT NOT NULL,
    language TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (thing, thing_id, field, language)
);

CREATE TABLE components (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    demonstration BOOLEAN NOT NULL
);

CREATE TABLE windows (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    sequence BIGINT NOT NULL,
    state TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    scheduled_start BIGINT NOT NULL,
    scheduled_end BIGINT,
    announced_at BIGINT,
    started_at BIGINT,
    completed_at BIGINT,
    cancelled_at BIGINT,
    backup_finished_at BIGINT,
    data_checked_at BIGINT,
    finish_before BIGINT,
    follow_up_hours INTEGER NOT NULL,
    start_by_clock BOOLEAN NOT NULL,
    complete_by_clock BOOLEAN NOT NULL,
    survey_template TEXT NOT NULL,
    survey_days INTEGER NOT NULL,
    support TEXT NOT NULL,
    imported_as TEXT UNIQUE,
    demonstration BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX windows_state ON windows (state, scheduled_start);
CREATE INDEX windows_start ON windows (scheduled_start, id);

-- The times that a window was announced for before it was moved.
CREATE TABLE window_moves (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    window_id BIGINT NOT NULL REFERENCES windows (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    scheduled_start BIGINT NOT NULL,
    scheduled_end BIGINT,
    time_zone TEXT NOT NULL,
    moved_at BIGINT NOT NULL,
    author_id BIGINT
);
CREATE INDEX window_moves_window ON window_moves (window_id);

CREATE TABLE window_components (
    window_id BIGINT NOT NULL REFERENCES windows (id) ON DELETE CASCADE,
    component_id BIGINT NOT NULL REFERENCES components (id),
    position INTEGER NOT NULL,
    impact TEXT NOT NULL,
    interruption_start BIGINT,
    interruption_end BIGINT,
    tested_at BIGINT,
    tested_by BIGINT,
    PRIMARY KEY (window_id, component_id)
);
CREATE INDEX window_components_component ON window_components (component_id);

CREATE TABLE updates (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    window_id BIGINT NOT NULL REFERENCES windows (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    posted_at BIGINT NOT NULL,
    author_id BIGINT
);
CREATE INDEX updates_window ON updates (window_id, posted_at);

-- The counted fact of a report. What was said is in report_contents and can be erased.
CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    window_id BIGINT REFERENCES windows (id),
    filed_under BIGINT REFERENCES windows (id),
    stage TEXT,
    component_id BIGINT REFERENCES components (id),
    category TEXT NOT NULL,
    impact TEXT NOT NULL,
    severity TEXT,
    urgency INTEGER NOT NULL,
    status TEXT NOT NULL,
    occurred_at BIGINT,
    precision TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    written_at BIGINT,
    time_zone TEXT,
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    assignee_id BIGINT REFERENCES people (id),
    entered_by BIGINT,
    notice_sequence BIGINT,
    first_answer_at BIGINT,
    resolved_at BIGINT,
    verdict TEXT,
    link_hash TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    imported_as TEXT UNIQUE,
    demonstration BOOLEAN NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX reports_window_newest ON reports (window_id, received_at, id);
CREATE INDEX reports_window_urgent ON reports (window_id, urgency, received_at, id);
CREATE INDEX reports_newest ON reports (received_at, id);
CREATE INDEX reports_urgent ON reports (urgency, received_at, id);
CREATE INDEX reports_component ON reports (component_id, received_at);
CREATE INDEX reports_filed_under ON reports (filed_under);
CREATE INDEX reports_assignee ON reports (assignee_id);
CREATE INDEX reports_status ON reports (status, received_at, id);

CREATE TABLE report_contents (
    report_id BIGINT PRIMARY KEY NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    description TEXT NOT NULL,
    error_message TEXT,
    account TEXT,
    phone TEXT,
    email TEXT,
    device TEXT
);

-- Everything that happened to a report, in the order in which it happened. Only ever added to.
CREATE TABLE report_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    report_id BIGINT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    was TEXT,
    became TEXT,
    content TEXT,
    author_id BIGINT,
    at BIGINT NOT NULL
);
CREATE INDEX report_events_report ON report_events (report_id, id);

-- Counts kept in the transaction that changes what they count; 0 and '' stand for none.
CREATE TABLE report_counters (
    window_id BIGINT NOT NULL,
    stage TEXT NOT NULL,
    component_id BIGINT NOT NULL,
    category TEXT NOT NULL,
    impact TEXT NOT NULL,
    status TEXT NOT NULL,
    reports BIGINT NOT NULL,
    PRIMARY KEY (window_id, stage, component_id, category, impact, status)
);
CREATE TABLE report_minutes (
    window_id BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    reports BIGINT NOT NULL,
    PRIMARY KEY (window_id, minute)
);

CREATE TABLE responses (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    window_id BIGINT NOT NULL REFERENCES windows (id),
    template TEXT NOT NULL,
    template_version INTEGER NOT NULL,
    submitted_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    language TEXT NOT NULL,
    invited BOOLEAN NOT NULL,
    exposure TEXT NOT NULL,
    saw_notice BOOLEAN,
    csat INTEGER,
    nps INTEGER,
    ces INTEGER,
    comment TEXT,
    answers TEXT NOT NULL,
    complete BOOLEAN NOT NULL,
    edit_hash TEXT NOT NULL,
    imported_as TEXT UNIQUE,
    demonstration BOOLEAN NOT NULL
);
CREATE INDEX responses_window ON responses (window_id, submitted_at, id);
CREATE INDEX responses_newest ON responses (submitted_at, id);

-- One row for each key that a sender may repeat; the random key is kept only as a hash.
CREATE TABLE idempotency_keys (
    key_hash TEXT PRIMARY KEY NOT NULL,
    command_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- What the clock and long work ask for.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    progress BIGINT NOT NULL,
    done_at BIGINT,
    attempts INTEGER NOT NULL,
    problem TEXT
);
CREATE INDEX jobs_due ON jobs (done_at, due_at);

-- Every public or live change, in the order of commit; memory copies follow it.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    window_id BIGINT,
    at BIGINT NOT NULL
);

-- Who did what to which thing when. Only ever added to.
CREATE TABLE audit_rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    thing TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_rows_at ON audit_rows (at, id);
