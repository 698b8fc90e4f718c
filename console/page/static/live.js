// The list of stories grows as events come.  Words from outside become text nodes only, never markup.
"use strict";
(() => {
  const list = document.getElementById("stories");
  if (!list || !window.EventSource) return;
  const MOST = 200, state = document.getElementById("live"), button = document.getElementById("pause");
  const pages = list.dataset.pages, ids = new Map();
  let paused = false, held = new Map();
  for (const item of list.children) ids.set(item.dataset.story, item);
  button.hidden = false;

  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const count = (number, thing) => number + " " + thing + (number === 1 ? "" : "s");

  function fill(item, story) {
    const link = element("a", story.title || story.story_id);
    link.href = pages + "/" + encodeURIComponent(story.story_id);
    const facts = element("p", undefined, "facts");
    const time = element("time", story.last_seen.slice(0, 16).replace("T", " ") + "Z");
    time.dateTime = story.last_seen;
    const outlets = count(story.outlets.length, "outlet") + (story.independent ? ", " + story.independent + " independent" : "");
    facts.append(element("span", story.status, "word " + story.status), element("span", count(story.article_count, "article")),
      element("span", outlets), element("span", story.languages.join(" ")), time);
    const parts = [link, facts];
    if (story.headline && story.headline !== story.title)
      parts.push(element("p", story.outlet + ": " + story.headline, "small soft"));
    item.replaceChildren(...parts);
  }

  function take(story) {
    for (const gone of story.gone) { ids.get(gone)?.remove(); ids.delete(gone); }
    if (story.kind === "retired") { ids.get(story.story_id)?.remove(); ids.delete(story.story_id); return; }
    let item = ids.get(story.story_id);
    if (!item) { item = element("li"); item.dataset.story = story.story_id; ids.set(story.story_id, item); }
    fill(item, story);
    item.classList.add("fresh");
    setTimeout(() => item.classList.remove("fresh"), 3000);
    // What is being read must not move away under the reader's focus.
    if (!item.contains(document.activeElement)) list.prepend(item);
    while (list.children.length > MOST) { ids.delete(list.lastElementChild.dataset.story); list.lastElementChild.remove(); }
    document.getElementById("none")?.remove();
  }

  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    button.setAttribute("aria-pressed", String(paused));
    if (!paused) { held.forEach(take); held = new Map(); }
    say();
  });
  const say = () => { state.textContent = paused ? "paused" + (held.size ? ", " + held.size + " changed" : "") : "live"; };

  const source = new EventSource(list.dataset.events);
  source.addEventListener("open", say);
  source.addEventListener("error", () => { state.textContent = source.readyState === 2 ? "not live: reload" : "reconnecting"; });
  source.addEventListener("story", (event) => {
    const story = JSON.parse(event.data);
    // What went into the story while the list was held goes with the last that is known of it.
    story.gone = [...(held.get(story.story_id)?.gone ?? []), ...(story.kind === "merged" && story.other ? [story.other] : [])];
    if (!paused) { take(story); return; }
    held.delete(story.story_id);
    held.set(story.story_id, story);
    if (held.size > MOST) held.delete(held.keys().next().value);
    say();
  });
  source.addEventListener("missed", () => location.reload());
})();
