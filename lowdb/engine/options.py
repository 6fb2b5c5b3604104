"""What a person may switch while the program runs."""

from __future__ import annotations


class Options:
    """Read by the engine at each stop; change them at any time."""

    __slots__ = ("follow_forks", "post_mortem", "stop_world")

    def __init__(self, stop_world: bool = True, follow_forks: bool = False, post_mortem: bool = True) -> None:
        self.stop_world = stop_world
        """Hold the other threads while one is stopped."""
        self.follow_forks = follow_forks
        """Debug forked children as well; otherwise they run on with nothing armed."""
        self.post_mortem = post_mortem
        """Stop where an exception ends the program or a thread."""
