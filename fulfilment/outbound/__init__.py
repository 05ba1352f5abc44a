"""What leaves: fulfilment orders, picking, parcels, shipments."""
