// The grammar as editors run it: by Oniguruma and the TextMate engine of VS Code.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");
const here = (name) => new URL(`../${name}`, import.meta.url);

await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () =>
    textmate.parseRawGrammar(readFileSync(here("syntaxes/story.tmLanguage.json"), "utf8"), "story.json"),
});
const grammar = await registry.loadGrammar("source.story");

/** What of a text has a scope that begins so. */
function pieces(text, scope) {
  const found = [];
  let state = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const token of tokens) {
      if (token.scopes.some((each) => each.startsWith(scope))) {
        found.push(line.slice(token.startIndex, token.endIndex).trim());
      }
    }
  }
  return found;
}

const STORY = `# a comment
story "The \\"quiet\\" river" 30s
  .model kirin_v3_t2v
  .negative blur, {{ extra }}

for bank in north, south
  shot boats 3.5s
    for a moment, use the light of {{ lamp }}
    split screen

template t(who, hold = 4s)
  use other(who) as first
  split
`;

test("keywords are those of headers, never of a sentence", () => {
  assert.deepEqual(pieces(STORY, "keyword.control"), ["story", "for", "shot", "template", "use", "split"]);
});

test("the text of a name is text", () => {
  const text = 'let mei = Mei as a child in 1920s "Paris", {{ coat }}\nparam place = a house in the woods\nlet coat\n  A coat.\n';
  assert.deepEqual(pieces(text, "keyword.control"), ["let", "param", "let"]);
  assert.deepEqual(pieces(text, "entity.name"), ["mei", "place"]);
  for (const scope of ["keyword.operator", "constant.numeric", "string.quoted"]) {
    assert.deepEqual(pieces(text, scope), []);
  }
  assert.deepEqual(pieces(text, "meta.interpolation"), ["{{ coat }}"]);
});

test("settings, texts, lengths, comments and what is filled in are told apart", () => {
  assert.deepEqual(pieces(STORY, "variable.parameter"), [".model", ".negative"]);
  assert.deepEqual(pieces(STORY, "string.quoted"), ['"The \\"quiet\\" river"']);
  assert.deepEqual(pieces(STORY, "constant.numeric"), ["30s", "3.5s", "4s"]);
  assert.deepEqual(pieces(STORY, "comment.line"), ["# a comment"]);
  assert.deepEqual(pieces(STORY, "meta.interpolation"), ["{{ extra }}", "{{ lamp }}"]);
});
