"""What is told upward: a job ended. Sent with ``job`` inside the transaction that wrote its end, whatever the end is."""

from django.dispatch import Signal

job_ended = Signal()  #: job: the `Job` as it is written: state done, failed or cancelled, with result and faults
