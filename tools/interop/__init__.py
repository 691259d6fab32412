"""Foreign SOAP stacks, started for real: each calls the gateway's door, and each is called by the gateway's adapter."""
