"""How the documentation is built: Sphinx with Markdown, warnings are errors."""

project = "Wirewatch"
author = "The Wirewatch developers"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
myst_heading_anchors = 3
