-- What was on record before a seed was known, so that neither could be chosen to suit the other: of the keys of all
-- records of a unit their number and one digest. Never changed.
CREATE TABLE recheck_list (
    id           INTEGER PRIMARY KEY,
    unit         TEXT    NOT NULL,      -- code
    cut_off      TEXT    NOT NULL,      -- last registration day of the records
    population   INTEGER NOT NULL,      -- records
    keys         TEXT    NOT NULL,      -- SHA-256 of their keys, sorted, one a line
    listed_by    TEXT    NOT NULL,
    listed_at    TEXT    NOT NULL
);

-- The list that a sample was drawn from; NULL where none was on record before its seed.
ALTER TABLE recheck ADD COLUMN list INTEGER REFERENCES recheck_list (id);

-- Records by wrong field, as JSON; NULL where no field was named.
ALTER TABLE recheck ADD COLUMN fields TEXT;
