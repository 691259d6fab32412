-- What one person decided about single deliveries counts together with their replays: neither by a replay nor a proposal.
CREATE INDEX act_alone ON act (at) WHERE verb IN ('retry', 'judge')
    AND facts NOT LIKE '%"decision":"cancelled"%' AND facts NOT LIKE '%"replay":"%' AND facts NOT LIKE '%"proposal":"%';
-- A replay counts for as long as it may still send something, and a day longer.
DROP INDEX replay_run_alone;
CREATE INDEX replay_run_alone ON replay_run (ended_at) WHERE proposal IS NULL;
