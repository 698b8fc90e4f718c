"""From articles to what stories and alerts are made of: language, vector, mentions."""
