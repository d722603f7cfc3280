"""Pages that gather from all rooms: home by role, search, inbox."""
