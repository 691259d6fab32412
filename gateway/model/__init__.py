"""The canonical model: events, kinds, dossier, status, references, names. May import ``core``."""
