"""What the two processes share: framed JSON, sockets, and the one table of what lowdb offers to an editor."""
