// The contact sheet as a panel of an editor shows it. Nothing here knows the editor, so that it can be tested alone.

const POLICY = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/;

/** The page with addresses that lead into its folder, a policy that allows those only, and a script that talks to the
 * editor: a message `{line}` to it brings a shot into sight, a click on a shot answers with its line in `file`. */
export function framed(page: string, base: string, source: string, nonce: string, file: string): string {
  const own = /script-src ([^;]*)/.exec(POLICY.exec(page)?.[1] ?? "")?.[1] ?? "";
  const policy =
    `default-src 'none'; script-src 'nonce-${nonce}' ${own}; img-src data: ${source}; media-src ${source}; ` +
    `style-src 'unsafe-inline'; base-uri ${source}; form-action 'none'`;
  const head =
    `<meta http-equiv="Content-Security-Policy" content="${policy.replaceAll('"', "")}">` +
    `<base href="${base.replaceAll('"', "%22")}/">`;
  const script = `<script nonce="${nonce}">(${talk.toString()})(${JSON.stringify(file).replaceAll("<", "\\u003c")});</script>`;
  const without = page.replace(POLICY, "");
  return without.replace(/<head>/i, () => `<head>${head}`).replace(/<\/body>/i, () => `${script}</body>`);
}

/** Runs in the page. A shot's places are written as `file:line`, where it stands first. */
function talk(file: string): void {
  const page = globalThis as unknown as {
    acquireVsCodeApi(): { postMessage(message: unknown): void };
    addEventListener(kind: string, listen: (event: { data: { line?: number } }) => void): void;
    document: {
      querySelectorAll(selector: string): Iterable<Shot>;
      addEventListener(kind: string, listen: (event: Click) => void, capture: boolean): void;
    };
  };
  interface Shot {
    querySelectorAll(selector: string): Iterable<{ textContent: string | null }>;
    scrollIntoView(how: object): void;
  }
  interface Click {
    target: { closest(selector: string): Shot | null };
    preventDefault(): void;
  }
  const editor = page.acquireVsCodeApi();
  const lineOf = (shot: Shot): number | undefined => {
    for (const place of shot.querySelectorAll("dl code.copy")) {
      const found = /^(.*):(\d+)(?::\d+)?$/.exec((place.textContent ?? "").trim());
      if (found && found[1].split(/[\\/]/).pop() === file) {
        return Number(found[2]);
      }
    }
    return undefined;
  };
  page.addEventListener("message", ({ data }) => {
    let nearest: Shot | undefined;
    let best = 0;
    for (const shot of page.document.querySelectorAll("article")) {
      const line = lineOf(shot);
      if (line !== undefined && data.line !== undefined && line <= data.line && line > best) {
        [nearest, best] = [shot, line];
      }
    }
    nearest?.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "nearest" });
  });
  page.document.addEventListener(
    "click",
    (event) => {
      if (event.target.closest("details, button, input, select, nav")) {
        return;
      }
      const shot = event.target.closest("article");
      const line = shot ? lineOf(shot) : undefined;
      if (line !== undefined) {
        editor.postMessage({ line });
      }
    },
    false,
  );
}
