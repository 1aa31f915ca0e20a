DROP TABLE me_too_wrote;
DROP TABLE report_wrote;
DROP TABLE duplicate_told;
