"""What SOAP costs: the codecs beside zeep, the whole path beside REST."""
