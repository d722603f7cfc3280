"""Pairing programmes of two provinces (牵手计划): who with whom, who went and for how long, what came of it."""
