-- Leases and claims by what is known: the lease by the steady clock of one start of the machine, a claim by the
-- sender that holds it and the lease token it was taken under.
ALTER TABLE lease ADD COLUMN boot TEXT NOT NULL DEFAULT '';   -- which start; expires_at counts from it
ALTER TABLE outbox ADD COLUMN claim_token INTEGER;            -- NULL = a command, which needs no lease

-- Whether somebody was told that a mail is dead or uncertain; what was so before has been.
ALTER TABLE outbox ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET told = 1 WHERE state IN ('dead', 'uncertain');
