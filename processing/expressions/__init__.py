"""Expression functions: the contact line, and the clauses of an agreement, for one place."""
