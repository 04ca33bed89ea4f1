"""Any CSV file to a table: refusals, decoding, dialect, layout, cells, numbers."""

from regcore.intake.opening import first_lines
from regcore.intake.reader import Intake, IntakeError, Reading, read

__all__ = ["Intake", "IntakeError", "Reading", "first_lines", "read"]
