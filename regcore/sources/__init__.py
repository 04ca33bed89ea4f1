"""Tables that need not fit into memory: whoever keeps them adds up, we solve.

Nothing else of this project knows an engine.
"""

from regcore.sources.allowed import Allowed, tables_of_the_house
from regcore.sources.connecting import connect
from regcore.sources.source import Source

__all__ = ["Allowed", "Source", "connect", "tables_of_the_house"]
