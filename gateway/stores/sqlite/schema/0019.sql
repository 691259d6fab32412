-- What a key that counts once was used for: shown again with the same content it is a repetition, with another a forgery.
ALTER TABLE seen ADD COLUMN content TEXT NOT NULL DEFAULT '';
