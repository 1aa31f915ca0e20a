DROP TABLE report_search;
DROP TABLE search_queue;
