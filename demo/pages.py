"""Render the page behind an article's link, so that an alert's links lead somewhere while the day is served."""

from xml.etree import ElementTree as ET

from demo.day import Article
from demo.texts import Outlet

CONTENT_TYPE = "text/html; charset=utf-8"


def page(outlet: Outlet, article: Article) -> bytes:
    """Return an article as a small HTML page: headline, outlet, lead, text, and that all of it is invented."""
    root = ET.Element("html", lang=article.language)
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "title").text = f"{article.title} | {outlet.name}"
    body = ET.SubElement(root, "body")
    ET.SubElement(body, "h1").text = article.title
    for text in (", ".join((outlet.name, *article.authors)), article.summary, *article.paragraphs):
        ET.SubElement(body, "p").text = text
    ET.SubElement(body, "hr")
    ET.SubElement(body, "p", lang="en").text = f"Invented for the Wirewatch demo. {outlet.name} did not write this."
    return b"<!doctype html>\n" + ET.tostring(root, encoding="unicode", method="html").encode()
