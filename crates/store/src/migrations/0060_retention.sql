-- The archived files that hold the large attachments of a mail, each stored once for all mails that carry it.
CREATE TABLE part (
    message TEXT NOT NULL,             -- SHA-256 of the mail, as in outbox
    sha256  TEXT NOT NULL,             -- of the attachment
    PRIMARY KEY (message, sha256)
) WITHOUT ROWID;
CREATE INDEX part_sha256 ON part (sha256);

-- Since when the text of a mail, or the counts and correction lists of a run, are no longer kept
-- (state.keep_details).
ALTER TABLE outbox ADD COLUMN pruned_at INTEGER;
ALTER TABLE run    ADD COLUMN pruned_at INTEGER;
