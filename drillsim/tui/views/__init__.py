"""View models: what the screens show, worked out from the events of a drill.

This is the one boundary at which untrusted text (names, subjects, notes, bodies) is cleaned; no
widget sees text that did not come from here or from the program itself.
"""
