"""The tables of the index.  Times are milliseconds since 1970, lists are JSON, message bodies are as on the log.

A change of any table raises `VERSION`: an index of another version is thrown away and built again.
"""

from datetime import datetime

VERSION = 3

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE positions (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, outlet TEXT NOT NULL, feed TEXT NOT NULL, url TEXT NOT NULL,
    title TEXT NOT NULL, language TEXT, version TEXT NOT NULL, versions INTEGER NOT NULL, published INTEGER,
    event_time INTEGER NOT NULL, first_seen INTEGER NOT NULL, seen INTEGER NOT NULL, story TEXT,
    at INTEGER NOT NULL) STRICT;
CREATE INDEX articles_by_age ON articles (at);
CREATE INDEX articles_by_story ON articles (story, event_time);
CREATE INDEX articles_by_url ON articles (url);
CREATE INDEX articles_by_time ON articles (seen);
CREATE INDEX articles_by_outlet ON articles (outlet, language, story);
CREATE INDEX articles_by_language ON articles (language, story);
CREATE VIRTUAL TABLE texts USING fts5 (title, summary, body, tokenize = "unicode61 remove_diacritics 2");
CREATE TABLE removed (article TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE removed_titles (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE mentions (
    entity TEXT NOT NULL, article TEXT NOT NULL, PRIMARY KEY (article, entity)) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_by_entity ON mentions (entity, article);
CREATE TABLE steps (
    article TEXT NOT NULL, stage TEXT NOT NULL, version TEXT NOT NULL, at INTEGER NOT NULL, origin TEXT NOT NULL,
    note TEXT NOT NULL, PRIMARY KEY (article, stage, origin)) STRICT, WITHOUT ROWID;
CREATE TABLE stories (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL, became TEXT, number INTEGER NOT NULL,
    article_count INTEGER NOT NULL, outlets TEXT NOT NULL, languages TEXT NOT NULL, first_event_time INTEGER NOT NULL,
    last_event_time INTEGER NOT NULL, last_seen INTEGER NOT NULL, facts BLOB NOT NULL,
    at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX stories_by_age ON stories (at);
CREATE INDEX stories_by_time ON stories (last_seen);
CREATE INDEX stories_became ON stories (became) WHERE became IS NOT NULL;
CREATE TABLE events (
    id TEXT PRIMARY KEY, story TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, article TEXT, other TEXT,
    seen INTEGER NOT NULL, at INTEGER NOT NULL, place INTEGER NOT NULL, message BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_place ON events (place);
CREATE INDEX events_by_story ON events (story, number);
CREATE INDEX events_by_article ON events (article) WHERE article IS NOT NULL;
CREATE INDEX events_by_other ON events (other) WHERE other IS NOT NULL;
CREATE INDEX events_by_time ON events (at);
CREATE TABLE event_articles (
    article TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (article, event)) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
    id TEXT PRIMARY KEY, watch TEXT NOT NULL, story TEXT NOT NULL, number INTEGER NOT NULL, seen INTEGER NOT NULL,
    at INTEGER NOT NULL, origin TEXT NOT NULL, message BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_by_watch ON alerts (watch, at);
CREATE INDEX alerts_by_story ON alerts (story, at);
CREATE INDEX alerts_by_time ON alerts (at);
CREATE TABLE alert_articles (
    article TEXT NOT NULL, alert TEXT NOT NULL, PRIMARY KEY (article, alert)) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, alert TEXT NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
    message BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_alert ON deliveries (alert);
CREATE INDEX deliveries_by_time ON deliveries (at);
CREATE TABLE deadletters (
    origin TEXT PRIMARY KEY, stage TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, article TEXT,
    at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX deadletters_by_time ON deadletters (at);
CREATE INDEX deadletters_by_article ON deadletters (article) WHERE article IS NOT NULL;
CREATE TABLE feeds (feed TEXT PRIMARY KEY, failing INTEGER NOT NULL, message BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE commands (
    id TEXT PRIMARY KEY, stage TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, at INTEGER NOT NULL,
    origin TEXT NOT NULL, message BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX commands_by_target ON commands (target);
CREATE INDEX commands_by_time ON commands (at);
"""


def ms(time: datetime | None) -> int:
    """Milliseconds since 1970; 0 where the log did not say when."""
    return 0 if time is None else round(time.timestamp() * 1000)
