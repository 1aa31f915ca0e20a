-- What a window taught: somebody's task, and the later window whose figures should show it.
CREATE TABLE improvements (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    title TEXT NOT NULL,
    detail TEXT,
    owner_id BIGINT,
    status TEXT NOT NULL,
    measure TEXT,
    source TEXT NOT NULL,
    source_name TEXT,
    window_id BIGINT REFERENCES windows (id) ON DELETE SET NULL,
    shown_by BIGINT REFERENCES windows (id) ON DELETE SET NULL,
    author_id BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    demonstration BOOLEAN NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX improvements_window ON improvements (window_id);
CREATE INDEX improvements_shown_by ON improvements (shown_by);
CREATE INDEX improvements_source ON improvements (source, source_name);

-- Every notice as the public could read it, from its sequence on to that of the next row, as JSON.
CREATE TABLE notice_versions (
    window_id BIGINT NOT NULL REFERENCES windows (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    kept_at BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (window_id, sequence)
);
