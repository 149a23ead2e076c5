"""The schema as numbered migrations; only ``massivesms.store`` reads this room."""
