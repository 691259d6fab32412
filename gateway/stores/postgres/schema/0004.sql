-- Room in a page is of use where an update leaves all indexed columns alone. A delivery's state stands in ten indexes, so
-- none of its updates does (docs/adr/0034): full pages are fewer. What is updated otherwise finds room that vacuum has made.
ALTER TABLE delivery RESET (fillfactor);
ALTER TABLE status SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE dossier SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
