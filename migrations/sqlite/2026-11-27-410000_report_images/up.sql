-- Pictures that reporters added, encoded afresh by us; they go with what the report says.
CREATE TABLE report_images (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    report_id BIGINT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX report_images_report ON report_images (report_id, id);
