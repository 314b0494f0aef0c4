-- The register of numbers 文号登记. A number is given once within its scope: a prefix and year of 公文
-- (荔街〔2016〕), or a report and, where its issues start again each year, the year of issue (weekly 2016).
-- Only released runs have a scope; the number of a held one is a proposal.
DROP INDEX run_number;
ALTER TABLE run ADD COLUMN number_scope  TEXT;
ALTER TABLE run ADD COLUMN number_serial INTEGER;
-- Whether a person has said which round 轮次 an acceptance is; otherwise it was counted.
ALTER TABLE run ADD COLUMN round_given   INTEGER NOT NULL DEFAULT 0;
-- Whether a person has said what a run is compared with; otherwise it is the nearest earlier released one.
ALTER TABLE run ADD COLUMN against_given INTEGER NOT NULL DEFAULT 0;

UPDATE run SET number_scope = substr(number, 1, instr(number, '〕')),
               number_serial = CAST(substr(number, instr(number, '〕') + 1) AS INTEGER)
    WHERE state IN ('done', 'approved') AND number LIKE '%〔____〕%号';
UPDATE run SET number_scope = report || ' ' || substr(COALESCE(decided_at, recorded_at), 1, 4),
               number_serial = CAST(substr(number, CASE WHEN number LIKE 'No. %' THEN 5 ELSE 2 END) AS INTEGER)
    WHERE state IN ('done', 'approved') AND (number LIKE '第%期' OR number LIKE 'No. %');
-- A number that was given twice stays in the register with the run that had it first.
UPDATE run SET number_scope = NULL, number_serial = NULL
    WHERE number_serial < 1 OR EXISTS (SELECT 1 FROM run AS first WHERE first.id < run.id
        AND first.number_scope = run.number_scope AND first.number_serial = run.number_serial);

CREATE UNIQUE INDEX run_number ON run (number_scope, number_serial) WHERE number_scope IS NOT NULL;
