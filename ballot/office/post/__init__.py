"""Messages to practices: who gets which, putting them into the outbox, sending them, and what became of them."""
