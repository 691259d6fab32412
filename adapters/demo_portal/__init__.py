"""A simulated portal: hands dossiers over and is told everything by webhooks, for the demo and for tests."""
