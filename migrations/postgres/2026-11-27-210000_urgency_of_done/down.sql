-- As urgency was before: the severity, or what the impact suggests.
UPDATE reports SET urgency = CASE severity
    WHEN 'critical' THEN 40 WHEN 'high' THEN 30 WHEN 'medium' THEN 20 WHEN 'low' THEN 10
    ELSE CASE impact WHEN 'data_loss' THEN 39 WHEN 'blocked' THEN 29 WHEN 'slowed' THEN 19 WHEN 'cosmetic' THEN 9 ELSE 5 END
END;
