"""What the proposals tell the floors above, inside the transaction that changes them."""

from __future__ import annotations

from django.dispatch import Signal

proposal_accepted = Signal()  #: proposal=Proposal, deed=Deed; receivers return the keys of the projects they made
