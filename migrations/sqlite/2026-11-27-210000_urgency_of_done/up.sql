-- What is done is not urgent; what is open is weighed anew by the clock.
UPDATE reports SET urgency = 0 WHERE status IN ('resolved', 'closed', 'duplicate');
