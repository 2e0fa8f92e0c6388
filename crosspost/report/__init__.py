"""Audit → charts, HTML, PDF, CSV. An `Audit` value is all a report is made from; see `write.write`."""
