"""How right the diagnosis is: the whole matrix of faults, checked over real sockets and scored."""
