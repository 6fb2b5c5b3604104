"""What the inside and the outside share: JSON messages in frames, over a socket. Knows nothing else of lowdb."""
