"""The invented news day that `wirewatch demo` serves, and what must come of it.  Data and its renderers only."""
