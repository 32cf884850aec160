"""The model: the words, fields and codes that every other part of the plugin reads."""
