"""The Processing provider ``ceasefire`` and its algorithms, one a file."""
