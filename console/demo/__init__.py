"""One run of the invented news day: set up, watched, judged."""
