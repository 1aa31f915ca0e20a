-- The reports that still hold something by which their reporter can be known; few, once old ones are purged.
CREATE INDEX report_contents_personal ON report_contents (report_id)
    WHERE phone IS NOT NULL OR email IS NOT NULL OR account IS NOT NULL;
