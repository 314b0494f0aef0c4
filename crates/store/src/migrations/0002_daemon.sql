-- What the daemon decides by. Instants are milliseconds since 1970-01-01T00:00:00Z, so that they
-- compare as numbers.

-- Who may fill slots now. A new holder gets a higher token; commits under a lower one are refused.
CREATE TABLE lease (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    holder     TEXT    NOT NULL,
    token      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

-- How far each schedule has been looked at. A changed rule starts anew from the present.
CREATE TABLE schedule (
    name           TEXT    PRIMARY KEY,
    rule           TEXT    NOT NULL,      -- with its zone
    observed_until INTEGER NOT NULL,
    paused_at      INTEGER,
    paused_by      TEXT
) WITHOUT ROWID;

-- Every slot that has fallen due, once.
CREATE TABLE slot (
    schedule   TEXT    NOT NULL,
    nominal    TEXT    NOT NULL,          -- local time
    zone       TEXT    NOT NULL,
    due        INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'filled', 'skipped', 'expired')),
    reason     TEXT,                      -- why it was skipped, or the last failure
    attempts   INTEGER NOT NULL DEFAULT 0,
    try_at     INTEGER NOT NULL,
    overdue    INTEGER NOT NULL DEFAULT 0,   -- 1 = the office has been told
    run        INTEGER REFERENCES run (id),
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (schedule, nominal, zone)
) WITHOUT ROWID;
CREATE INDEX slot_open ON slot (state, try_at);

ALTER TABLE run ADD COLUMN nominal    TEXT;       -- local time of the slot
ALTER TABLE run ADD COLUMN late_since TEXT;       -- printed when the run came late
ALTER TABLE run ADD COLUMN verdict    TEXT;       -- of an acceptance: accepted, rectify, cannot_be_judged
ALTER TABLE run ADD COLUMN no_send    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN decided_by TEXT;       -- who approved or rejected it
ALTER TABLE run ADD COLUMN decided_at TEXT;
ALTER TABLE run ADD COLUMN why        TEXT;       -- why it was rejected

-- A number is given once: 第N期 and 发文字号 of scheduled runs.
CREATE UNIQUE INDEX run_number ON run (report, substr(period_to, 1, 4), number)
    WHERE number IS NOT NULL AND slot IS NOT NULL AND state IN ('done', 'approved');

-- A held run has drafts; its released documents come beside them.
ALTER TABLE document ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;

-- The outbox learns to wait, to be claimed by one sender, and to hold mails that belong to no run.
CREATE TABLE outbox_new (
    id         INTEGER PRIMARY KEY,
    run        INTEGER REFERENCES run (id),   -- NULL = an alert
    kind       TEXT    NOT NULL CHECK (kind IN ('report', 'draft', 'alert')),
    unit       TEXT,                          -- the unit whose own page and list it carries
    name       TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    message_id TEXT    NOT NULL UNIQUE,
    sha256     TEXT    NOT NULL,              -- the message bytes in the archive
    state      TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN
               ('pending', 'sending', 'handed', 'sent', 'dead', 'uncertain', 'cancelled')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    answer     TEXT,                          -- last answer of the mail server
    created_at INTEGER NOT NULL,
    try_at     INTEGER NOT NULL,
    claim      TEXT,                          -- the sender at work on it
    claimed_at INTEGER,
    changed_at TEXT    NOT NULL
);
INSERT INTO outbox_new (id, run, kind, name, address, message_id, sha256, state, attempts, answer,
                        created_at, try_at, changed_at)
    SELECT id, run, 'report', name, address, message_id, sha256, state, attempts, answer,
           CAST(strftime('%s', changed_at) AS INTEGER) * 1000,
           CAST(strftime('%s', changed_at) AS INTEGER) * 1000, changed_at
    FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_state ON outbox (state, try_at);
CREATE INDEX outbox_run ON outbox (run);

-- What has to be known beyond a restart, by name: a stopped queue, when the daemon last lived.
CREATE TABLE note (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
) WITHOUT ROWID;
