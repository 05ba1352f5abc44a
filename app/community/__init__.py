"""The way back after delivery: QR cards, their page, customers' photographs."""
