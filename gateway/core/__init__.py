"""What is true without a computer: values and decisions.

No async, no I/O, standard library only; imports nothing else of the gateway.
"""
