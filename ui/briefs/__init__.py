"""The panel in which a brief is looked at before it is made, and those made before are kept."""
