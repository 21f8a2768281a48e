"""Tables in, tables out: whole files of answers graded, streamed, resumed."""
