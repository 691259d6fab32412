-- Systems that are asked how their dossiers stand.
CREATE TABLE asked_system (
    system TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What each of them has taken and not finished: a round of questions reads this in order, whatever is finished.
CREATE TABLE open_dossier (
    system TEXT NOT NULL,
    dossier_id TEXT NOT NULL,
    PRIMARY KEY (system, dossier_id)
) STRICT, WITHOUT ROWID;
