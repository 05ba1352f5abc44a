"""Commands of the shop: flask --app wsgi …"""
