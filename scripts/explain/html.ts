// A scene as one self-contained page: no network, steps forward and back, native beside virtual.
import { style, script } from './page.ts'
import type { Scene } from './scene.ts'
import { terminalText } from './terminal.ts'

/** The whole HTML document; everything from the scene is escaped. */
export const htmlPage = (scene: Scene): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escaped(scene.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<p class="mark">popek explain</p>
<h1>${escaped(scene.title)}</h1>
<p class="subtitle">${escaped(scene.subtitle)}</p>
<p class="verdict">${escaped(scene.verdict)}</p>
</header>
<main id="scene" hidden>
<nav aria-label="Steps">
<div class="buttons">
<button type="button" id="first" aria-label="First state" title="First state (Home)">«</button>
<button type="button" id="back" aria-label="Back one step" title="Back one step (←)">◀</button>
<button type="button" id="forward" aria-label="Forward one step" title="Forward one step (→)">▶</button>
<button type="button" id="last" aria-label="Last state" title="Last state (End)">»</button>
<button type="button" id="parting" title="To the parting instruction (P)">where they part</button>
</div>
<input type="range" id="position" min="0" step="1" aria-label="Step">
<p class="keys">keys: ← → Home End P</p>
</nav>
<section class="now" id="now" aria-live="polite"></section>
<div class="columns">
<section class="states"><table id="state"></table></section>
<section class="program"><h2>Steps</h2><ol id="steps"></ol></section>
</div>
</main>
<noscript><pre>${escaped(terminalText(scene, { color: false, steps: scene.steps.length }))}</pre></noscript>
<script type="application/json" id="data">${json(scene)}</script>
<script>${script}</script>
</body>
</html>
`

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character]!)

/** Inside a script element only `<` can end it; the escape is valid JSON. */
const json = (scene: Scene): string => JSON.stringify(scene).replaceAll('<', '\\u003c')
