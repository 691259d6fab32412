"""A million dossiers with a history: how they are made, and what is asked about them."""
