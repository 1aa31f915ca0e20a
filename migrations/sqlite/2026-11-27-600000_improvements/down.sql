DROP TABLE notice_versions;
DROP TABLE improvements;
