"use strict";
// Without this script the page can be read, and its links open the clips.
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const one = (selector, from = document) => from.querySelector(selector);
const make = (tag, more = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...inside);
  return made;
};
const film = one(".film"), tools = one(".tools"), reel = one(".reel");
const shots = all("article"), marks = all(".reel a");
const kept = (() => { // file: pages of some browsers have no storage
  try { localStorage.getItem("x"); return localStorage; } catch { return null; }
})();
tools.hidden = false;

// A picture becomes its clip where it stands; one plays at a time.
let playing = null;
function stop() {
  if (!playing) return;
  playing.video.replaceWith(playing.link);
  playing = null;
}
function playInPlace(link) {
  stop();
  film?.pause();
  const video = make("video", { src: link.getAttribute("href"), controls: true, autoplay: true, playsInline: true });
  video.setAttribute("aria-label", link.getAttribute("aria-label"));
  playing = { video, link };
  link.replaceWith(video);
  video.focus();
}

// One seek at a time: Chromium may stall where the next one begins before the last has ended.
const wantedTimes = new WeakMap();
function seekTo(video, time) {
  if (video.seeking) wantedTimes.set(video, time);
  else video.currentTime = time;
}
function seekOn({ target }) {
  if (!wantedTimes.has(target)) return;
  target.currentTime = wantedTimes.get(target);
  wantedTimes.delete(target);
}
film?.addEventListener("seeked", seekOn);
const toggle = () => { film.paused ? film.play().catch(() => {}) : film.pause(); };

// The shot that is looked at.
let current = -1;
function mark(at) {
  if (at === current) return;
  shots[current]?.classList.remove("current");
  marks[current]?.removeAttribute("aria-current");
  current = at;
  shots[at]?.classList.add("current");
  marks[at]?.setAttribute("aria-current", "true");
}
function go(at, { seek = true } = {}) {
  const shot = shots[at];
  if (!shot) return;
  stop();
  mark(at);
  shot.scrollIntoView({ block: "center" });
  shot.focus({ preventScroll: true });
  if (film && seek) seekTo(film, Number(shot.dataset.start) + 0.001);
}
function step(by) {
  const from = current < 0 ? (by > 0 ? -1 : shots.length) : current;
  for (let at = from + by; at >= 0 && at < shots.length; at += by) if (!shots[at].hidden) return go(at);
}

// The player, with a head on the strip; it floats while its place is out of sight.
if (film) {
  const head = one(".reel .head"), starts = shots.map(shot => Number(shot.dataset.start));
  const follow = () => {
    if (!film.duration) return;
    head.hidden = false;
    let at = starts.length - 1;
    while (at > 0 && starts[at] > film.currentTime) at--;
    const place = marks[at], share = (film.currentTime - starts[at]) / (Number(shots[at].dataset.length) || 1);
    head.style.left = `${place.offsetLeft + place.offsetWidth * Math.min(1, Math.max(0, share))}px`;
    mark(at);
  };
  let frame = 0;
  const run = () => { follow(); frame = film.paused ? 0 : requestAnimationFrame(run); };
  film.addEventListener("play", () => { stop(); if (!frame) run(); });
  for (const name of ["seeked", "pause", "loadedmetadata"]) film.addEventListener(name, follow);
  new IntersectionObserver(([seen]) => film.parentElement.classList.toggle("floats", !seen.isIntersecting))
    .observe(film.parentElement);
}

// Search and filters.
let texts = null;
function filter() {
  const wanted = one("input[type=search]").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const scene = one("select[name=scene]")?.value, state = one("select[name=state]")?.value;
  const takes = one("input[name=takes]")?.checked, noted = one("input[name=notes]").checked;
  if (wanted.length) texts ??= shots.map(shot => shot.textContent.toLowerCase());
  let found = 0;
  shots.forEach((shot, at) => {
    const { dataset } = shot;
    const shown = wanted.every(word => texts[at].includes(word)) && (!scene || dataset.scene === scene)
      && (!state || dataset.state === state) && (!takes || "takes" in dataset)
      && (!noted || "notes" in dataset || "review" in dataset);
    shot.hidden = !shown;
    marks[at].classList.toggle("out", !shown);
    found += shown;
  });
  for (const section of all("section")) section.hidden = !all("article", section).some(shot => !shot.hidden);
  one(".found").textContent = found === shots.length ? "" : `${found} of ${shots.length} shots`;
}
tools.addEventListener("input", filter);

// Takes of a job side by side, in step with the first.
function compare(box) {
  const shot = box.closest("article"), film_has = shot.dataset.take;
  const frames = [{ link: one(":scope > .frame a", shot), take: film_has, chosen: true }].concat(
    all("figure", box).map(figure => (
      { link: one("a", figure), take: figure.dataset.take, command: one(".copy", figure).textContent })));
  const videos = [], row = make("div", { className: "side-by-side" });
  for (const { link, take, chosen, command } of frames) {
    if (!link) continue;
    const video = make("video", {
      src: link.getAttribute("href").split("#")[0], playsInline: true, preload: "auto", muted: videos.length > 0 });
    video.addEventListener("seeked", seekOn);
    videos.push(video);
    const words = make("figcaption", {}, make("b", {}, `take ${take}`), chosen ? " in the film" : "");
    if (command) words.append(make("br"), make("code", { className: "copy" }, command));
    row.append(make("figure", { className: chosen ? "chosen" : "" }, video, words));
  }
  const button = make("button", { type: "button" }, "Play");
  const slider = make("input", { type: "range", min: 0, max: 1, step: "any", value: 0 });
  slider.setAttribute("aria-label", "Time");
  const close = make("button", { type: "button" }, "Close");
  const dialog = make("dialog", { className: "compare" },
    make("h2", {}, shot.dataset.address), row, make("div", { className: "controls" }, button, slider, close));
  dialog.setAttribute("aria-label", `Takes of ${shot.dataset.address}`);
  const first = videos[0];
  const seek = time => { for (const video of videos) seekTo(video, Math.min(time, video.duration || time)); };
  const pause = () => { for (const video of videos) video.pause(); seek(first.currentTime); };
  const keepInStep = () => {
    if (!dialog.open) return;
    slider.max = first.duration || 1;
    slider.value = first.currentTime;
    button.textContent = first.paused ? "Play" : "Pause";
    if (!first.paused) {
      for (const video of videos.slice(1)) {
        const behind = first.currentTime - video.currentTime;
        if (video.ended || Math.abs(behind) < 0.01) video.playbackRate = 1;
        else if (Math.abs(behind) > 0.25) seekTo(video, Math.min(first.currentTime, video.duration));
        else video.playbackRate = 1 + Math.max(-0.25, Math.min(0.25, behind * 4));
      }
    }
    requestAnimationFrame(keepInStep);
  };
  const play = async () => {
    if (first.ended) seek(0);
    await Promise.all(videos.map(video => video.readyState >= 3 ? null : new Promise(ready =>
      ["canplay", "error"].forEach(name => video.addEventListener(name, ready, { once: true })))));
    await Promise.allSettled(videos.map(video => video.play()));
  };
  button.addEventListener("click", () => first.paused ? play() : pause());
  first.addEventListener("ended", () => { for (const video of videos) video.pause(); });
  slider.addEventListener("input", () => { pause(); seek(Number(slider.value)); });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { pause(); dialog.remove(); shot.focus(); });
  dialog.addEventListener("keydown", event => {
    if (event.key === " " && event.target === dialog) { event.preventDefault(); button.click(); }
  });
  stop();
  film?.pause();
  document.body.append(dialog);
  dialog.showModal();
  dialog.tabIndex = -1;
  dialog.focus();
  keepInStep();
}
for (const box of all(".takes")) {
  const button = make("button", { type: "button" }, "Compare takes");
  button.addEventListener("click", () => compare(box));
  box.prepend(button);
}

// Notes of a reviewer stay in this browser until they are saved as a file.
const shelf = `storyboard-notes:${document.body.dataset.story}:${location.pathname}`;
let notes = [];
try { notes = JSON.parse(kept?.getItem(shelf)) ?? []; } catch { /* not ours */ }
function keepNotes() {
  try { kept?.setItem(shelf, JSON.stringify(notes)); } catch { /* full */ }
  showNotes();
}
function showNotes() {
  for (const old of all(".review")) old.remove();
  for (const shot of shots) delete shot.dataset.review;
  for (const note of notes) {
    const shot = shots.find(each => each.dataset.address === note.shot);
    if (!shot) continue;
    shot.dataset.review = "";
    const drop = make("button", { type: "button", title: "Delete this note" }, "×");
    drop.addEventListener("click", () => { notes = notes.filter(each => each !== note); keepNotes(); });
    const by = note.author ? `${note.author}, ` : "";
    one(".more", shot).before(make("p", { className: "review", dir: "auto" },
      make("b", {}, `${by}${note.second} s `), note.text, " ", drop));
  }
  one(".notes-tools").hidden = !notes.length;
  one("[name=save-notes]").textContent = `Save notes (${notes.length})`;
}
function secondIn(shot) {
  const { start, length, enters } = shot.dataset;
  const second = playing && shot.contains(playing.video) ? playing.video.currentTime - enters
    : film ? film.currentTime - start : 0;
  return second > 0 && second <= Number(length) + 0.01 ? Math.round(second * 100) / 100 : 0;
}
function writeNote(shot) {
  const open = one(".note-form");
  if (open) return one("textarea", open).focus();
  const second = make("input", { type: "number", min: 0, max: shot.dataset.length, step: "any", value: secondIn(shot) });
  const author = make("input", { type: "text", placeholder: "your name", value: kept?.getItem("storyboard-author") ?? "" });
  const text = make("textarea", { rows: 3, placeholder: "note", required: true });
  second.setAttribute("aria-label", "Second of the shot");
  author.setAttribute("aria-label", "Your name");
  text.setAttribute("aria-label", "Note");
  const add = make("button", { type: "button" }, "Add note"), cancel = make("button", { type: "button" }, "Cancel");
  const form = make("div", { className: "note-form" }, text,
    make("div", {}, "at ", second, " s ", author, " ", add, " ", cancel));
  const close = () => { form.remove(); shot.focus({ preventScroll: true }); };
  cancel.addEventListener("click", close);
  add.addEventListener("click", () => {
    if (!text.value.trim()) return text.focus();
    try { kept?.setItem("storyboard-author", author.value.trim()); } catch { /* full */ }
    notes.push({ shot: shot.dataset.address, take: Number(shot.dataset.take), second: Number(second.value) || 0,
      text: text.value.trim(), author: author.value.trim() });
    close();
    keepNotes();
  });
  form.addEventListener("keydown", event => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) add.click();
    else return;
    event.stopPropagation();
  });
  film?.pause();
  one(".more", shot).before(form);
  text.focus();
}
for (const shot of shots) {
  const button = make("button", { type: "button", className: "write-note" }, "Note");
  button.addEventListener("click", () => writeNote(shot));
  one(".more", shot).after(button);
}
const order = new Map(shots.map((shot, at) => [shot.dataset.address, at]));
one("[name=save-notes]").addEventListener("click", () => {
  const sorted = [...notes].sort((a, b) => order.get(a.shot) - order.get(b.shot) || a.second - b.second);
  const { story, title } = document.body.dataset;
  const text = JSON.stringify({ version: 1, story, title, notes: sorted }, null, 1);
  const link = make("a", { href: URL.createObjectURL(new Blob([text + "\n"], { type: "application/json" })) });
  link.download = `${story.replace(/^.*\//, "").replace(/\.story$/, "")}.notes.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
});
showNotes();

// Text to copy.
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    element.classList.add("copied");
    setTimeout(() => element.classList.remove("copied"), 1200);
  } catch {
    getSelection().selectAllChildren(element);
  }
}

document.addEventListener("click", event => {
  const { target } = event;
  const code = target.closest(".copy");
  if (code) return void copy(code);
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const mark_ = target.closest(".reel a"), link = target.closest(".frame a");
  if (!mark_ && !link) return;
  event.preventDefault();
  if (mark_) go(marks.indexOf(mark_));
  else playInPlace(link);
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
  const { target, key } = event;
  if (key === "Escape") {
    if (playing) {
      const { link } = playing;
      stop();
      link.focus();
    } else if (target.type === "search") {
      target.value = "";
      filter();
      target.blur();
    }
    return;
  }
  if (target.closest("input, select, textarea, button, summary, video")) return;
  if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (key === "n" && shots.length) {
    if (current < 0) mark(0);
    writeNote(shots[current]);
  } else if (key === "/") one("input[type=search]").focus();
  else if (key === " " && film) toggle();
  else return;
  event.preventDefault();
});

// What was chosen stays over a reload.
const memory = `storyboard:${location.pathname}`;
function remember() {
  const chosen = all("input, select", tools).map(
    each => [each.name, each.type === "checkbox" ? each.checked : each.value]);
  const open = all("article").filter(shot => one(".more[open]", shot)).map(shot => shot.id);
  try { sessionStorage.setItem(memory, JSON.stringify({ chosen, open, time: film?.currentTime, y: scrollY })); } catch { /* no storage */ }
}
try {
  const { chosen = [], open = [], time, y } = JSON.parse(sessionStorage.getItem(memory)) ?? {};
  sessionStorage.removeItem(memory);
  for (const [name, value] of chosen) {
    const each = one(name ? `[name="${name}"]` : "input[type=search]", tools);
    if (each) each[each.type === "checkbox" ? "checked" : "value"] = value;
  }
  if (chosen.length) filter();
  for (const id of open) {
    const more = one(`#${id} .more`);
    if (more) more.open = true;
  }
  if (film && time) film.currentTime = time;
  if (y) scrollTo(0, y);
} catch { /* no storage */ }

// While a build writes this page it is loaded again; where storyboard serves it, whenever it has changed.
const busy = () => document.hidden || playing || (film && !film.paused) || one("dialog[open], textarea")
  || (notes.length && !kept)
  || document.activeElement?.matches("input, select");
function again() {
  remember();
  location.reload();
}
if (/^https?:$/.test(location.protocol) && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(location.hostname)) {
  let version = null, changed = false;
  const look = async () => {
    try {
      const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
      const tag = answer.headers.get("ETag");
      changed ||= version !== null && tag !== null && tag !== version;
      version = tag ?? version;
    } catch {
      return; // the server has gone
    }
    if (changed && !busy()) again();
    else setTimeout(look, 700);
  };
  look();
} else if (document.documentElement.dataset.building) {
  const hour = 3600, since = Number(document.documentElement.dataset.building);
  const pause = Math.max(3000, 10 * performance.now());
  const timer = setInterval(() => {
    if (Date.now() / 1000 - since > hour) clearInterval(timer); // that build is no more
    else if (!busy()) again();
  }, pause);
}
