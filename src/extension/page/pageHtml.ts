import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The page of a job without content. */
export function pageHtml(webview: vscode.Webview, dist: vscode.Uri): string {
  const sections = ['before', 'after', 'runs', 'details']
    .map((id) => section(id, id === 'details' ? 'dl' : id === 'runs' ? 'div' : 'ul'))
    .join('');
  return htmlOf(
    webview,
    dist,
    'jobPage',
    `<main>
<h1 id="title"></h1>
<pre id="command" tabindex="0" hidden></pre>
<p id="state" role="status"></p>
<p id="more"></p>
<div id="actions" role="group"></div>
<section id="processes-section" aria-labelledby="processes-heading" hidden>
<h2 id="processes-heading"></h2><div id="charts"></div><div id="processes"></div>
</section>
<div id="output-section" hidden>
<h2 id="output-heading"></h2><pre id="output" tabindex="0" role="region" aria-labelledby="output-heading"></pre>
</div>
${sections}
</main>`,
  );
}

/** The timeline of all jobs without content. */
export function timelineHtml(webview: vscode.Webview, dist: vscode.Uri): string {
  return htmlOf(
    webview,
    dist,
    'timeline',
    `<main hidden>
<h1 id="title"></h1>
<div id="tools"></div>
<p id="problem" role="alert" hidden></p>
<p id="summary"></p>
<p id="keys"></p>
<div id="timeline">
<div id="charts"><canvas id="chart" role="img" aria-labelledby="summary"></canvas></div>
<div id="lanes" role="application" tabindex="0" aria-labelledby="title" aria-describedby="keys">
<div id="height"></div><canvas id="bars"></canvas>
</div>
<p id="selected" role="status"></p>
</div>
<div id="table" hidden></div>
<div id="tooltip" aria-hidden="true" hidden></div>
</main>`,
  );
}

/** Nothing but our script and our style sheet is loaded, and nothing inline is run. */
function htmlOf(webview: vscode.Webview, dist: vscode.Uri, name: string, body: string): string {
  const nonce = randomBytes(16).toString('base64url');
  const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString();
  const csp = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource};`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Background Jobs</title>
<link rel="stylesheet" href="${address(`${name}.css`)}">
</head>
<body>
${body}
<script nonce="${nonce}" src="${address(`${name}.js`)}"></script>
</body>
</html>`;
}

function section(id: string, list: string): string {
  return `<section id="${id}-section" aria-labelledby="${id}-heading" hidden>
<h2 id="${id}-heading"></h2><${list} id="${id}"></${list}>
</section>
`;
}
