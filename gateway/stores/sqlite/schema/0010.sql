-- Where a message's document stands in its payload, which repeats it: kept once, not twice. NULL: it is in its own column.
ALTER TABLE message ADD COLUMN document_at INTEGER;
ALTER TABLE message ADD COLUMN document_size INTEGER;
