"""Any CSV file to a table: refusals, decoding, dialect, layout, cells, numbers."""

from regcore.intake.formats.plain_text import first_lines
from regcore.intake.reader import Intake, IntakeError, Reading, read
from regcore.intake.watch import Watch

__all__ = ["Intake", "IntakeError", "Reading", "Watch", "first_lines", "read"]
