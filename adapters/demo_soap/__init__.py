"""A simulated SOAP ministry (``business_registry``): the other side, for the demo and for tests."""
