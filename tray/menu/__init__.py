"""The menu as data, from the AppState. Pure, and knows no toolkit; tray/shell.py draws it."""
