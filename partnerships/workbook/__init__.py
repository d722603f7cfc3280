"""The pairing report that the two provinces' offices exchange: a row a pairing, in and out (dossier §6.2)."""
