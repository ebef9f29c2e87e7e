"""GRAPH_MODE: what is compiled, when it is compiled again, and how that is refused or explained."""
