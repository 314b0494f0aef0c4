-- Secret of a person's second factor, in hexadecimal.
ALTER TABLE person ADD COLUMN second_factor TEXT;

-- Codes of it that were used: each opens one session.
CREATE TABLE used_code (
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    step   INTEGER NOT NULL,           -- of 30 seconds
    PRIMARY KEY (person, step)
) WITHOUT ROWID;
