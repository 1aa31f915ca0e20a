-- What the reporter of an original was told, an answer or that it is over, is told to those who repeat
-- it, each at most once.
CREATE TABLE duplicate_told (
    event_id BIGINT NOT NULL REFERENCES report_events (id) ON DELETE CASCADE,
    report_id BIGINT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (event_id, report_id)
);
CREATE INDEX duplicate_told_report ON duplicate_told (report_id);

-- The reports whose reporters wrote after the last answer, and since when; the table of reports has no
-- room for another column.
CREATE TABLE report_wrote (
    report_id BIGINT PRIMARY KEY NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    at BIGINT NOT NULL
);
INSERT INTO report_wrote (report_id, at)
SELECT r.id, MIN(m.at) FROM reports r JOIN report_events m ON m.report_id = r.id
WHERE m.kind = 'message' AND m.content IS NOT NULL
    AND (r.first_answer_at IS NOT NULL OR r.status IN ('resolved', 'closed', 'duplicate'))
    AND m.id > COALESCE((SELECT MAX(a.id) FROM report_events a WHERE a.report_id = r.id AND a.kind = 'answer'), 0)
GROUP BY r.id;

-- The me-toos that wrote, or say that it is not fixed, since they were last answered.
CREATE TABLE me_too_wrote (
    me_too_id BIGINT PRIMARY KEY NOT NULL REFERENCES me_toos (id) ON DELETE CASCADE,
    at BIGINT NOT NULL
);
INSERT INTO me_too_wrote (me_too_id, at)
SELECT t.id, MIN(m.at) FROM me_toos t JOIN me_too_events m ON m.me_too_id = t.id
WHERE ((m.kind = 'message' AND m.content IS NOT NULL) OR (m.kind = 'verdict' AND m.became = 'not_fixed' AND t.verdict = 'not_fixed'))
    AND m.id > COALESCE((SELECT MAX(a.id) FROM me_too_events a WHERE a.me_too_id = t.id AND a.kind = 'answer'), 0)
GROUP BY t.id;
