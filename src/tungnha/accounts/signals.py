"""What rooms above are told about sign-ins, so that whatever they hand out ends together with them."""

from django.dispatch import Signal

access_reset = Signal()
"""Everything with which a person could come in was taken away. Sent with `user`, inside the transaction that does it."""
