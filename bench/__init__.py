"""Measuring speed and quality; outside data is read by path and never copied in."""
