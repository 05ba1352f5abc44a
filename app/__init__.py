"""The Flask application: joins catalog, fulfilment and loyalty, and faces people."""
