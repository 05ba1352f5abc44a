"""Signed receipts: KassenSichV, DSFinV-K. The signer in here is software and not certified."""
