-- What waits to be sent and has an expiry: most deliveries have none.
CREATE INDEX delivery_expires ON delivery (expires_at)
    WHERE expires_at IS NOT NULL AND state IN ('waiting', 'delayed', 'ready');
