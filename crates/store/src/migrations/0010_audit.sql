-- Who did what, and when: entries that each carry the hash of the one before, so that none can be
-- changed, left out or put elsewhere unnoticed (store/audit.rs).
CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY,     -- from 1, without gaps
    at       TEXT NOT NULL,
    who      TEXT NOT NULL,           -- account of the operating system, or 'daemon'
    what     TEXT NOT NULL,
    subject  TEXT NOT NULL,           -- 'run 3', 'mail 5', 'schedule weekly', 'state'
    detail   TEXT NOT NULL,           -- JSON: hashes and numbers, never persons
    previous TEXT NOT NULL,           -- hash of the entry before
    hash     TEXT NOT NULL
);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- What is older than the log has no entry in it.
INSERT INTO note (name, text) SELECT 'audit_since', json_object(
    'run', (SELECT COALESCE(MAX(id), 0) FROM run),
    'mail', (SELECT COALESCE(MAX(id), 0) FROM outbox));
