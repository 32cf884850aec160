"""Reviewing incidents in the panel: keys, reasons, undo, many at once, editing one."""
