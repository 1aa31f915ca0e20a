-- Where somebody is logged in, as far as the browser says it, and how they said who they are.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN login TEXT NOT NULL DEFAULT 'password';

-- A link by which somebody chooses a password and comes in with a name and a role.
CREATE TABLE staff_invitations (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    author_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);

-- The secret that somebody's authenticator shares with the server: it makes codes, so it cannot be a
-- hash. `last_step` is the time step of the latest code taken, so that no code works twice.
CREATE TABLE second_factors (
    person_id BIGINT PRIMARY KEY NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL,
    used_at BIGINT
);
CREATE INDEX recovery_codes_person ON recovery_codes (person_id);

-- Between the password and the second factor.
CREATE TABLE login_steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    secret_hash TEXT NOT NULL,
    next TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- How much an account or an address owes for failed log-ins: the moment at which nothing is owed any
-- more. The key is a keyed hash of a name, or one of a million buckets that addresses fall into.
CREATE TABLE login_debts (
    key TEXT PRIMARY KEY NOT NULL,
    clear_at BIGINT NOT NULL
);
CREATE INDEX login_debts_clear ON login_debts (clear_at);

-- Who somebody is at the organisation's own log-in (OpenID Connect).
CREATE TABLE identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_person ON identities (person_id);

-- On the way to that log-in and back. Taken out when used, so that no answer of it works twice.
CREATE TABLE provider_logins (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    secret_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    person_id BIGINT REFERENCES people (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
