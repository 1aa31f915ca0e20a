-- Templates of surveys that were made here; the built-in ones stand in the program.
CREATE TABLE survey_templates (
    key TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    demonstration BOOLEAN NOT NULL
);

-- Each version of a template as it was asked. Only ever added to while there are answers to it.
CREATE TABLE survey_template_versions (
    template TEXT NOT NULL REFERENCES survey_templates (key) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    author_id BIGINT,
    PRIMARY KEY (template, version)
);

-- Who is to be told of a survey, decided once. The link's secret is derived from the salt and the
-- key of the instance; here is its hash alone.
CREATE TABLE invitations (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    window_id BIGINT NOT NULL REFERENCES windows (id),
    exposure TEXT NOT NULL,
    report_id BIGINT REFERENCES reports (id) ON DELETE SET NULL,
    me_too_id BIGINT REFERENCES me_toos (id) ON DELETE SET NULL,
    person_hash TEXT NOT NULL,
    salt TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    told_at BIGINT,
    remind_at BIGINT,
    reminded_at BIGINT,
    reminder_told_at BIGINT,
    opened_at BIGINT,
    revoked_at BIGINT,
    demonstration BOOLEAN NOT NULL,
    UNIQUE (window_id, person_hash)
);
CREATE INDEX invitations_window ON invitations (window_id, id);
CREATE INDEX invitations_report ON invitations (report_id);
CREATE INDEX invitations_me_too ON invitations (me_too_id);
CREATE INDEX invitations_remind ON invitations (remind_at);

-- How people of an uploaded list can be reached; those who reported are reached as their report says.
CREATE TABLE invitation_contacts (
    invitation_id BIGINT PRIMARY KEY NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    contact TEXT NOT NULL
);

ALTER TABLE responses ADD COLUMN invitation_id BIGINT REFERENCES invitations (id);
ALTER TABLE responses ADD COLUMN browser_hash TEXT;
ALTER TABLE responses ADD COLUMN completed_at BIGINT;
CREATE UNIQUE INDEX responses_invitation ON responses (invitation_id);
CREATE UNIQUE INDEX responses_browser ON responses (window_id, browser_hash);
UPDATE responses SET completed_at = submitted_at WHERE complete;

ALTER TABLE windows ADD COLUMN survey_opened_at BIGINT;
ALTER TABLE windows ADD COLUMN survey_closed_at BIGINT;
ALTER TABLE windows ADD COLUMN survey_remind_days INTEGER NOT NULL DEFAULT 3;
