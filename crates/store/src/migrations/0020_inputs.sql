-- The files a run was made from. A content that has filled a slot of a report fills no other of it.
CREATE TABLE input (
    run    INTEGER NOT NULL REFERENCES run (id),
    name   TEXT    NOT NULL,          -- as it was named when it was read
    sha256 TEXT    NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
