"""Carriers: what they want to know of a parcel, what they give, and papers of our own.

`shapes` says what a carrier is, `dhl` is one, `circuit` keeps a slow one from holding up packers,
`papers` prints label, packing slip and card, `code128` the bars.
"""
