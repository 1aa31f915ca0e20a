DROP INDEX report_contents_personal;
