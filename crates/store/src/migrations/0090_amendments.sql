-- What an office has worded itself in a held run, the latest last. `text` is NULL where it took the program's own
-- words again; `before` is what stood there until then.
CREATE TABLE amendment (
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL REFERENCES run (id),
    section    TEXT    NOT NULL,        -- title of the section without its number; '' = the opening
    before     TEXT    NOT NULL,
    text       TEXT,
    amended_by TEXT    NOT NULL,
    amended_at TEXT    NOT NULL
);
CREATE INDEX amendment_run ON amendment (run, id);
