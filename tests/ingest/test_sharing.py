"""Share links and the bars around them are gone from a feed's own text; links of the text stay."""

import pytest

from ingest.plain import plain
from ingest.sharing import is_share_address

SHARING = [
    "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Foutlet.example%2F1",
    "https://www.facebook.com/sharer.php",
    "http://www.facebook.com/share.php?u=http://outlet.example/1&t=Title",
    "https://www.facebook.com/dialog/share?app_id=1&href=https://outlet.example/1",
    "//twitter.com/intent/tweet?text=Title&url=https://outlet.example/1",
    "https://twitter.com/share",
    "https://x.com/intent/post?url=https%3A%2F%2Foutlet.example%2F1",
    "https://t.me/share/url?url=https://outlet.example/1&text=Заголовок",
    "https://vk.com/share.php?url=https://outlet.example/1",
    "https://connect.ok.ru/offer?url=https://outlet.example/1",
    "https://api.whatsapp.com/send?text=Title%20https%3A%2F%2Foutlet.example%2F1",
    "whatsapp://send?text=Title",
    "viber://forward?text=Title",
    "tg://msg_url?url=https://outlet.example/1",
    "mailto:?subject=Title&body=https://outlet.example/1",
    "https://www.linkedin.com/shareArticle?mini=true&url=https://outlet.example/1",
    "https://www.reddit.com/submit?url=https://outlet.example/1&title=T",
    "https://pinterest.com/pin/create/button/?url=https://outlet.example/1&media=x",
    "https://news.ycombinator.com/submitlink?u=https://outlet.example/1",
    "https://getpocket.com/save?url=https://outlet.example/1",
    "https://bsky.app/intent/compose?text=T%20https://outlet.example/1",
    "https://www.addtoany.com/share?linkurl=https%3A%2F%2Foutlet.example%2F1",
    "https://unheard-of.example/share?link=https://outlet.example/1",
]
OF_THE_TEXT = [
    "https://www.facebook.com/ministry/posts/123",
    "https://www.facebook.com/share/p/abc123/",
    "https://twitter.com/minister/status/1",
    "https://x.com/minister",
    "https://t.me/channel/5",
    "https://outlet.example/news/shareholders-meet?id=1",
    "https://outlet.example/share-of-renters-grows",
    "https://outlet.example/news/1?from=https://outlet.example/",
    "https://outlet.example/send-in-the-clowns?page=2",
    "https://outlet.example/create/a/garden?from=https://outlet.example/",
    "https://outlet.example/post/1?from=https://outlet.example/",
    "https://web.archive.example/save/1",
    "mailto:desk@outlet.example?subject=A%20letter",
    "tel:+380000000",
    "https://[broken/share?u=https://outlet.example",
    "/share",
    "",
]
TWEET, LIKE, FRIEND = (
    f'<a href="{SHARING[place]}">{name}</a>' for place, name in ((4, "Tweet"), (0, "Like"), (14, "Mail"))
)
CASES = {
    "alone": (f"<p>One.</p>{TWEET}", "One."),
    "a bar of links": (f"<p>One.</p><p>Share: {TWEET} | {LIKE} | {FRIEND}</p><p>Two.</p>", "One.\nTwo."),
    "a list": (f"<p>One.</p><ul><li>{TWEET}</li><li>{LIKE}</li></ul>", "One."),
    "in a sentence": (f"<p>One two three four, {TWEET} if you like.</p>", "One two three four, if you like."),
    "named bar": (
        '<p>One.</p><div class="entry sharedaddy">Поділитися цим: <b>мережі</b> й інше, чого тут багато</div>',
        "One.",
    ),
    "named list": ('<ul class="social-links"><li><a href="/x">Фейсбук</a></li></ul>One.', "One."),
    "words of that kind": ('<p class="shared-house">One.</p><div id="sharecropping">Two.</div>', "One.\nTwo."),
    "box of the article": ('<div class="article-box post-list">One.</div>', "One."),
    "links of the text": (
        '<p>He <a href="https://twitter.com/minister/status/1">wrote</a> this.</p>',
        "He wrote this.",
    ),
    "short paragraph without": ('<p>See <a href="/more">more</a></p>', "See more"),
    "nested": (f"<div><p>One.</p><div><span>Share</span> <span>{TWEET}</span></div></div>", "One."),
    "whole text": (f"Share {TWEET}", "Share"),
}


@pytest.mark.parametrize("address", SHARING)
def test_what_passes_a_page_on(address: str) -> None:
    assert is_share_address(address)


@pytest.mark.parametrize("address", OF_THE_TEXT)
def test_what_leads_to_a_page(address: str) -> None:
    assert not is_share_address(address)


@pytest.mark.parametrize(("markup", "text"), CASES.values(), ids=CASES.keys())
def test_text_without_sharing(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_a_hostile_number_of_links_is_walked_once() -> None:
    """Each nested block holds all links below it; none is walked further than its first words."""
    markup = "<div>some words more than three" * 200 + TWEET * 2000
    assert plain(markup).startswith("some words more than three\nsome words")
