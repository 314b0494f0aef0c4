-- Re-checks 抽查: what was drawn of a unit, and what a person found. Of the records only how many they are, and one digest
-- over all their keys, by which a returned list is known. A row is written when the sample is drawn, and once more
-- when its result is recorded; then never again.
CREATE TABLE recheck (
    id           INTEGER PRIMARY KEY,
    unit         TEXT    NOT NULL,      -- code
    number       INTEGER NOT NULL,      -- 1 = the first sample of the unit
    cut_off      TEXT    NOT NULL,      -- last registration day of the records
    seed         TEXT    NOT NULL,
    population   INTEGER NOT NULL,      -- records that it was drawn from
    size         INTEGER NOT NULL,      -- records drawn
    keys         TEXT    NOT NULL,      -- digest of the keys
    drawn_by     TEXT    NOT NULL,
    drawn_at     TEXT    NOT NULL,
    wrong        INTEGER,               -- records that were found wrong, or could not be checked
    unchecked    INTEGER,               -- those of them that could not be checked
    recorded_by  TEXT,
    recorded_at  TEXT,
    UNIQUE (unit, number)
);
