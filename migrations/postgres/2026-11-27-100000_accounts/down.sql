DROP TABLE provider_logins;
DROP TABLE identities;
DROP TABLE login_debts;
DROP TABLE login_steps;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP TABLE staff_invitations;
ALTER TABLE sessions DROP COLUMN login;
ALTER TABLE sessions DROP COLUMN device;
