"""How the demo theatre is made: its land, its people who watch, and what happens there."""
