// The contact sheet in the panel: what it may load, and how it talks to the editor.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import vm from "node:vm";

import * as esbuild from "esbuild";

const bundled = await esbuild.build({
  entryPoints: [fileURLToPath(new URL("../src/sheet.ts", import.meta.url))],
  bundle: true,
  minify: true,
  format: "esm",
  write: false,
});
const { framed } = await import(`data:text/javascript,${encodeURIComponent(bundled.outputFiles[0].text)}`);

const PAGE =
  `<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; ` +
  `script-src 'sha256-own'; base-uri 'none'"></head><body><article></article></body></html>`;
const PANEL = framed(PAGE, "https://panel.example/build/a", "https://panel.example", "once", 'a"<b.story');

test("the page loads from its folder only, and runs its own script and ours", () => {
  assert.equal(PANEL.match(/Content-Security-Policy/g).length, 1);
  assert.match(PANEL, /script-src 'nonce-once' 'sha256-own'; img-src data: https:\/\/panel\.example;/);
  assert.match(PANEL, /<base href="https:\/\/panel\.example\/build\/a\/">/);
  assert.ok(!PANEL.includes("'unsafe-inline' 'nonce"));
});

/** A page with two shots of `a"<b.story`, at lines 5 and 9, and one of a library. */
function page() {
  const listeners = {};
  const sent = [];
  const shown = [];
  const shot = (name, place) => ({
    querySelectorAll: () => [{ textContent: place }],
    scrollIntoView: () => shown.push(name),
  });
  const shots = [shot("one", 'films/a"<b.story:5'), shot("two", 'films/a"<b.story:9'), shot("lib", "lib.story:2")];
  const surroundings = {
    acquireVsCodeApi: () => ({ postMessage: (message) => sent.push(message) }),
    addEventListener: (kind, listen) => (listeners[kind] = listen),
    document: {
      querySelectorAll: () => shots,
      addEventListener: (kind, listen) => (listeners[kind] = listen),
    },
  };
  surroundings.globalThis = surroundings;
  const script = /<script nonce="once">(.*)<\/script>/s.exec(PANEL)[1];
  vm.runInNewContext(script, surroundings);
  return { listeners, sent, shown, shots };
}

test("the page follows the cursor to the shot that begins above it", () => {
  const { listeners, shown } = page();
  for (const line of [6, 9, 40, 1]) {
    listeners.message({ data: { line } });
  }
  assert.deepEqual(shown, ["one", "two", "two"]);
});

test("a click on a shot leads to its line, a click on a button does not", () => {
  const { listeners, sent, shots } = page();
  const click = (shot, inButton) =>
    listeners.click({ target: { closest: (what) => (what === "article" ? shot : inButton) }, preventDefault() {} });
  click(shots[1], null);
  click(shots[0], {});
  click(shots[2], null);
  assert.equal(JSON.stringify(sent), '[{"line":9}]');
});
