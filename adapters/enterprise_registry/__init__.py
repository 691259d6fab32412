"""A simulated register of enterprises (``enterprise_registry``): the other side of a look-up, for tests and trials."""
