-- One cause behind several reports. Its title, body and workaround are in texts; reports and me_toos
-- are counts that verify counts again.
CREATE TABLE known_issues (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    window_id BIGINT REFERENCES windows (id) ON DELETE SET NULL,
    status TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    resolution_id BIGINT,
    reports BIGINT NOT NULL,
    me_toos BIGINT NOT NULL,
    author_id BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    resolved_at BIGINT,
    demonstration BOOLEAN NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX known_issues_window ON known_issues (window_id, id);
CREATE INDEX known_issues_status ON known_issues (status, id);

CREATE TABLE known_issue_components (
    known_issue_id BIGINT NOT NULL REFERENCES known_issues (id) ON DELETE CASCADE,
    component_id BIGINT NOT NULL REFERENCES components (id),
    PRIMARY KEY (known_issue_id, component_id)
);
CREATE INDEX known_issue_components_component ON known_issue_components (component_id);

-- What staff did with a known issue. Only ever added to.
CREATE TABLE known_issue_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    known_issue_id BIGINT NOT NULL REFERENCES known_issues (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    was TEXT,
    became TEXT,
    author_id BIGINT,
    at BIGINT NOT NULL
);
CREATE INDEX known_issue_events_known_issue ON known_issue_events (known_issue_id, id);

-- Each time that a known issue was resolved: what everybody is told is in texts, who was told below
-- and in me_toos.
CREATE TABLE known_issue_resolutions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    known_issue_id BIGINT NOT NULL REFERENCES known_issues (id) ON DELETE CASCADE,
    author_id BIGINT,
    at BIGINT NOT NULL,
    reports_told BIGINT NOT NULL,
    me_toos_told BIGINT NOT NULL,
    done_at BIGINT,
    reopened_at BIGINT
);
CREATE INDEX known_issue_resolutions_known_issue ON known_issue_resolutions (known_issue_id, id);

CREATE TABLE known_issue_told (
    resolution_id BIGINT NOT NULL REFERENCES known_issue_resolutions (id) ON DELETE CASCADE,
    report_id BIGINT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (resolution_id, report_id)
);
CREATE INDEX known_issue_told_report ON known_issue_told (report_id);

-- One more person with a known issue. Who it is, is only known as a keyed hash of a random cookie,
-- another one for each known issue.
CREATE TABLE me_toos (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    known_issue_id BIGINT NOT NULL REFERENCES known_issues (id) ON DELETE CASCADE,
    person_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    resolution_id BIGINT,
    told_at BIGINT,
    verdict TEXT,
    verdict_at BIGINT,
    link_hash TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    UNIQUE (known_issue_id, person_hash)
);
CREATE INDEX me_toos_known_issue ON me_toos (known_issue_id, id);

CREATE TABLE me_too_contents (
    me_too_id BIGINT PRIMARY KEY NOT NULL REFERENCES me_toos (id) ON DELETE CASCADE,
    phone TEXT,
    email TEXT
);

CREATE TABLE me_too_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    me_too_id BIGINT NOT NULL REFERENCES me_toos (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    was TEXT,
    became TEXT,
    content TEXT,
    author_id BIGINT,
    at BIGINT NOT NULL
);
CREATE INDEX me_too_events_me_too ON me_too_events (me_too_id, id);

ALTER TABLE reports ADD COLUMN known_issue_id BIGINT REFERENCES known_issues (id);
CREATE INDEX reports_known_issue ON reports (known_issue_id, id);
