"""What the analyst sees: docks, dialogs and the runner of algorithms."""
