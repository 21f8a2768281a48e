"""Tables as they lie in files, read row by row and written row by row.

Cells come through as they were written: `NA`, `null` and `007` stay those two, four and three characters. A row that is
no row of its format is a `RowError` in its place, and the rows behind it are read.
"""
