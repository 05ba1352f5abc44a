"""Work behind the pages: outbox relay, queues, worker, schedule."""
