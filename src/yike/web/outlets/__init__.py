"""The outlet register: what is where, open when, known from whom, checked when."""
