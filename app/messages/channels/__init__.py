"""How messages leave: one module per channel, each with `send`, idempotent by the message's id."""

from collections.abc import Callable, Mapping, Sequence

from app.messages.channels import mail, sms
from app.messages.models import Message
from config import Config

Papers = Sequence[tuple[str, bytes]]
Channel = Callable[[Message, Papers, Config], None]

CHANNELS: Mapping[str, Channel] = {"mail": mail.send, "sms": sms.send}
"""A channel hands a message over or raises; the event behind it is tried again later."""
