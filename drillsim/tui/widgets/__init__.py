"""Widgets that render view models; they count, sort and decide nothing."""
