"use strict";
// A picture becomes its clip where it stands; one plays at a time. Without this script the link opens the clip.
let playing = null;
function stop() {
  if (!playing) return;
  playing.video.replaceWith(playing.link);
  playing = null;
}
document.addEventListener("click", event => {
  const link = event.target.closest(".frame a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  stop();
  const video = document.createElement("video");
  video.src = link.getAttribute("href");
  video.controls = video.autoplay = video.playsInline = true;
  video.setAttribute("aria-label", link.getAttribute("aria-label"));
  playing = { video, link };
  link.replaceWith(video);
  video.focus();
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape" || !playing) return;
  const link = playing.link;
  stop();
  link.focus();
});
