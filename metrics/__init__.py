"""Roll-ups, dashboards, explain: reads every room's declared indicators."""
