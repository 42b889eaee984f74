"""The terminal screens: they render view models and post what was asked for, and decide nothing."""
