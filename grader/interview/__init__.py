"""An interview as a function of what was said: no state is kept, all of it is read from the messages."""
