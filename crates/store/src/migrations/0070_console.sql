-- People who sign in to the console. Every change of a row is in the audit log.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    -- Code of the unit that the role `unit` answers for.
    unit TEXT,
    -- Argon2id, as a PHC string.
    password TEXT NOT NULL,
    -- Until when (ms) a one-time password may be used; NULL once the person has chosen one.
    one_time_until INTEGER,
    -- When the password was set.
    password_at TEXT NOT NULL,
    disabled_at TEXT,
    created_at TEXT NOT NULL
);

-- Who is signed in. `digest` is the SHA-256 of the cookie, so that the database holds no key to a session.
CREATE TABLE session (
    digest TEXT PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    began_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    -- When the password was last given.
    confirmed_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    device TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_person ON session (person);

-- Tries that failed, for an hour. `name` is the SHA-256 of what was typed: that may have been a password.
CREATE TABLE sign_in_failure (
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX sign_in_failure_name ON sign_in_failure (name);
CREATE INDEX sign_in_failure_address ON sign_in_failure (address);

-- What people have asked the daemon to run.
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    report TEXT NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    -- 1: only to look at, nothing is ever sent.
    record_only INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    -- asked | running | done | failed | withdrawn
    state TEXT NOT NULL DEFAULT 'asked',
    -- Token of the lease it runs under.
    token INTEGER,
    records INTEGER,
    expected INTEGER,
    run INTEGER REFERENCES run (id),
    problem TEXT,
    changed_at TEXT NOT NULL
);
CREATE INDEX request_state ON request (state);
CREATE INDEX run_report ON run (report, id);
