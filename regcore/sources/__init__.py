"""Tables that need not fit into memory: whoever keeps them adds up, we solve.

Nothing else of this project knows an engine.
"""

from regcore.sources.connecting import connect

__all__ = ["connect"]
