-- Reports whose words are to be put into the index (again): written in the transaction that changes
-- what a report says, taken away when the index says it too.
CREATE TABLE search_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    report_id BIGINT NOT NULL
);

-- The words of each report, cut by src/domain/search_tokens.rs and parted by blanks; the row's number
-- is the report's. Nothing of it is ever read back, so only the index is kept. Made again from the
-- reports whenever it is missing, so no backup needs it.
CREATE VIRTUAL TABLE report_search USING fts5(
    said,
    private,
    content = '',
    contentless_delete = 1,
    tokenize = 'ascii'
);
