-- Correction lists as pulled, for the mails to the owning units: record keys and what is wrong, JSON.
CREATE TABLE correction (
    run  INTEGER NOT NULL REFERENCES run (id),
    unit TEXT    NOT NULL,          -- code
    list TEXT    NOT NULL,
    PRIMARY KEY (run, unit)
) WITHOUT ROWID;
