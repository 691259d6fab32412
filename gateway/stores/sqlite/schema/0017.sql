-- The route by which a delivery goes; empty for what the gateway itself addresses, and for what was accepted before.
ALTER TABLE delivery ADD COLUMN route TEXT NOT NULL DEFAULT '';
