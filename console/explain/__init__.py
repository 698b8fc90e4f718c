"""Why an article is in its story, and why an alert came."""
