"""Banks in the formats of others: Moodle XML, GIFT and CSV, and the bank itself as JSON.

A reader takes a path and gives an `Exchanged`: a bank, and what of the file no bank can hold. A writer takes a bank and
gives text. What every format keeps through writing and reading: ids, questions, all references and points; line ends
become line feeds, except in JSON.
"""
