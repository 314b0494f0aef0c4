-- A schedule is looked at since this instant; an acceptance that fell due before it is not made up for.
ALTER TABLE schedule ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
UPDATE schedule SET since = observed_until;

-- Attempts that began and of which nobody has heard again: the process died.
ALTER TABLE slot ADD COLUMN unfinished INTEGER NOT NULL DEFAULT 0;
