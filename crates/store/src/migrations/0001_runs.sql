-- A run is immutable once recorded; only its state and the deliveries move on.
CREATE TABLE run (
    id             INTEGER PRIMARY KEY,
    report         TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    slot           TEXT,                -- due instant (UTC) of a scheduled run; NULL = ad hoc
    period_from    TEXT    NOT NULL,
    period_to      TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('done', 'held', 'approved', 'rejected')),
    held           TEXT    NOT NULL DEFAULT '[]',   -- reasons, JSON
    number         TEXT,                -- 发文字号 or 第N期
    round          INTEGER NOT NULL DEFAULT 1,
    against        INTEGER REFERENCES run (id),
    pulled_at      TEXT    NOT NULL,
    recorded_at    TEXT    NOT NULL,
    records        INTEGER NOT NULL,
    units          TEXT    NOT NULL,    -- unit list and baselines as pulled, JSON
    findings       TEXT    NOT NULL,    -- what was found wrong, JSON
    figures        TEXT    NOT NULL,    -- the printed figures, JSON
    provenance     TEXT    NOT NULL,    -- hashes of configuration, templates and fonts, version, JSON
    UNIQUE (report, slot)
);

CREATE TABLE tally (
    run    INTEGER NOT NULL REFERENCES run (id),
    unit   TEXT    NOT NULL,            -- code; '' = unknown
    day    INTEGER NOT NULL,            -- days since 1970-01-01; the least integer = none
    counts BLOB    NOT NULL,            -- little-endian u64 counters, see indicator::tally::Counts
    PRIMARY KEY (run, unit, day)
) WITHOUT ROWID;

CREATE TABLE document (
    run          INTEGER NOT NULL REFERENCES run (id),
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    sha256       TEXT    NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL REFERENCES run (id),
    name       TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    message_id TEXT    NOT NULL UNIQUE,
    sha256     TEXT    NOT NULL,        -- the message bytes in the archive
    state      TEXT    NOT NULL DEFAULT 'pending'
               CHECK (state IN ('pending', 'sent', 'dead', 'uncertain', 'cancelled')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    answer     TEXT,                    -- last answer of the mail server
    changed_at TEXT    NOT NULL,
    UNIQUE (run, address)
);
CREATE INDEX outbox_pending ON outbox (state, id);
