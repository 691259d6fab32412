"""The SOAP door: one WSDL for all ministries, generated from the model, and the service behind it."""
