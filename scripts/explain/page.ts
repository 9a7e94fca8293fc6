// The style and the script of the page that shows a scene.

export const style = `
:root {
  --paper: #fbfaf7; --ink: #1d1d1f; --soft: #6b6a66; --line: #e2dfd7; --panel: #ffffff;
  --accent: #24528f; --changed: #eef3fa; --differ: #fbe4e0; --differ-ink: #9c1f10;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16171a; --ink: #e9e7e2; --soft: #9b9992; --line: #2f3136; --panel: #1d1f23;
    --accent: #8db8f2; --changed: #222b38; --differ: #43211d; --differ-ink: #ffb4a6;
  }
}
* { box-sizing: border-box }
[hidden] { display: none !important }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
.mark { margin: 0; color: var(--soft); font-size: .8rem; letter-spacing: .08em }
h1 { margin: .2rem 0 0; font-size: 1.5rem; line-height: 1.25; font-weight: 650; overflow-wrap: anywhere }
h2 { margin: 0 0 .5rem; font-size: .8rem; font-weight: 600; color: var(--soft); letter-spacing: .04em }
.subtitle { margin: .3rem 0 0; color: var(--soft) }
.verdict { margin: 1.2rem 0 0; padding: .7rem 1rem; border-left: 3px solid var(--differ-ink); background: var(--panel); overflow-wrap: anywhere }
nav { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin-top: 1.2rem; padding: .6rem 0; background: var(--paper); border-bottom: 1px solid var(--line) }
.buttons { display: flex; flex-wrap: wrap; gap: .35rem }
button { min-width: 2.6rem; min-height: 2.4rem; padding: 0 .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); color: var(--ink); font: inherit; font-size: .9rem; cursor: pointer }
button:hover:not(:disabled) { border-color: var(--accent); color: var(--accent) }
button:disabled { opacity: .35; cursor: default }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
input[type=range] { flex: 1 1 8rem; min-width: 6rem; accent-color: var(--accent) }
.keys { margin: 0; color: var(--soft); font-size: .8rem }
.now { min-height: 4.2rem; margin: 1rem 0 .4rem }
.now .count { color: var(--soft); font-size: .85rem }
.now .instruction { font-family: var(--mono); font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere }
.now .where { color: var(--soft); font-size: .85rem }
.flag { display: inline-block; margin-left: .6rem; padding: 0 .5rem; border-radius: 4px; background: var(--differ); color: var(--differ-ink); font: 600 .8rem/1.6 system-ui, sans-serif; vertical-align: middle }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 19rem; gap: 1.5rem; align-items: start }
.states { overflow-x: auto }
table { width: 100%; border-collapse: collapse; background: var(--panel); border: 1px solid var(--line); font-family: var(--mono); font-size: .875rem; font-variant-numeric: tabular-nums }
th, td { padding: .28rem .7rem; text-align: left; vertical-align: baseline; border-top: 1px solid var(--line); white-space: nowrap }
thead th { font: 600 .875rem/1.4 system-ui, sans-serif; white-space: normal; border-top: 0 }
tbody th[scope=rowgroup] { padding-top: .7rem; border-top: 1px solid var(--line); color: var(--soft); font: 600 .75rem/1.4 system-ui, sans-serif; letter-spacing: .04em }
tbody th[scope=row] { font-weight: 400; color: var(--soft); width: 1%; border-top-style: dotted }
td { border-top-style: dotted }
td.changed { background: var(--changed); font-weight: 600 }
tr.differ td { background: var(--differ); color: var(--differ-ink); font-weight: 600 }
tr.differ th { color: var(--differ-ink) }
td .was { display: block; color: var(--soft); font-size: .75rem; font-weight: 400 }
tr.differ td .was { color: inherit; opacity: .8 }
.mode-trap { color: var(--differ-ink) }
ol { margin: 0; padding: 0; list-style: none; max-height: 32rem; overflow: auto; border: 1px solid var(--line); background: var(--panel) }
li button { display: grid; grid-template-columns: 2.6rem 1fr; gap: .4rem; width: 100%; min-height: 2rem; padding: .25rem .6rem; border: 0; border-radius: 0; background: none; text-align: left; font-family: var(--mono); font-size: .8125rem }
li button .n { color: var(--soft); text-align: right }
li[aria-current] button { background: var(--changed); box-shadow: inset 3px 0 var(--accent) }
li.parting button { color: var(--differ-ink); font-weight: 600 }
li.parting button::after { content: "they part here"; grid-column: 2; font: 600 .75rem/1.3 system-ui, sans-serif }
pre { overflow-x: auto; font-family: var(--mono); font-size: .8125rem }
@media (max-width: 48rem) {
  body { padding: 1.2rem .9rem 3rem }
  h1 { font-size: 1.2rem }
  .columns { grid-template-columns: minmax(0, 1fr) }
  .keys { display: none }
  input[type=range] { flex-basis: 100% }
  table { font-size: .78rem }
  th, td { padding: .28rem .4rem }
  ol { max-height: 16rem }
}
`

/** Builds everything with textContent: no word of a trace is ever read as HTML. */
export const script = `
'use strict'
const scene = JSON.parse(document.getElementById('data').textContent)
const find = (id) => document.getElementById(id)
const make = (tag, className, text) => {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}
const end = scene.steps.length
const parting = scene.partsAt
let at = 0

const valueAt = (side, component, steps) => scene.sides[side].states[steps][component]
const differsAt = (component, steps) => {
  const known = scene.sides.map((_, side) => valueAt(side, component, steps)).filter((value) => value !== '')
  return known.some((value) => value !== known[0])
}

const showTable = () => {
  const head = make('thead')
  const names = make('tr')
  names.append(make('th'))
  for (const side of scene.sides) names.append(Object.assign(make('th', '', side.name), { scope: 'col' }))
  head.append(names)
  const parts = [head]
  let group
  let body
  scene.components.forEach((component, c) => {
    if (component.group !== group) {
      group = component.group
      body = make('tbody')
      parts.push(body)
      const title = make('tr')
      title.append(Object.assign(make('th', '', group), { scope: 'rowgroup', colSpan: scene.sides.length + 1 }))
      body.append(title)
    }
    const differ = differsAt(c, at)
    const row = make('tr', differ ? 'differ' : '')
    row.append(Object.assign(make('th', '', (differ ? '≠ ' : '') + component.name), { scope: 'row' }))
    scene.sides.forEach((_, side) => {
      const value = valueAt(side, c, at)
      const before = at > 0 ? valueAt(side, c, at - 1) : value
      const cell = make('td', before === value ? '' : 'changed', value === '' ? '—' : value)
      if (before !== value && before !== '') cell.append(make('span', 'was', 'was ' + before))
      row.append(cell)
    })
    body.append(row)
  })
  find('state').replaceChildren(...parts)
}

const showNow = () => {
  const now = find('now')
  if (at === 0) {
    const first = scene.steps[0]
    now.replaceChildren(
      make('div', 'count', first && first.number > 1 ? 'after step ' + (first.number - 1) : 'before the first step'),
      make('div', 'instruction', first ? 'next: ' + first.instruction : 'nothing is run'))
    return
  }
  const step = scene.steps[at - 1]
  const instruction = make('div', 'instruction', step.instruction)
  if (parting === at - 1) instruction.append(make('span', 'flag', 'they part here'))
  const said = step.outcomes.some((outcome) => outcome !== '')
    ? step.outcomes.map((outcome, side) => scene.sides[side].name + ': ' + (outcome || 'completed')).join(' · ') : ''
  now.replaceChildren(
    make('div', 'count', 'after step ' + step.number + ' of ' + scene.steps[end - 1].number),
    instruction,
    make('div', 'where', [step.where, said].filter((text) => text !== '').join(' · ')))
}

const go = (to) => {
  at = Math.max(0, Math.min(end, to))
  showTable()
  showNow()
  find('position').value = String(at)
  find('first').disabled = find('back').disabled = at === 0
  find('last').disabled = find('forward').disabled = at === end
  const list = find('steps')
  Array.from(list.children).forEach((item, i) => {
    if (i === at - 1) {
      item.setAttribute('aria-current', 'step')
      list.scrollTop = Math.max(0, item.offsetTop - list.offsetTop - list.clientHeight / 2)
    } else item.removeAttribute('aria-current')
  })
}

scene.steps.forEach((step, i) => {
  const item = make('li', parting === i ? 'parting' : '')
  const button = make('button')
  button.type = 'button'
  button.append(make('span', 'n', String(step.number)), make('span', '', step.instruction))
  button.addEventListener('click', () => go(i + 1))
  item.append(button)
  find('steps').append(item)
})
find('position').max = String(end)
find('position').addEventListener('input', (event) => go(Number(event.target.value)))
find('first').addEventListener('click', () => go(0))
find('back').addEventListener('click', () => go(at - 1))
find('forward').addEventListener('click', () => go(at + 1))
find('last').addEventListener('click', () => go(end))
find('parting').addEventListener('click', () => go(parting + 1))
find('parting').hidden = parting === undefined
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.id === 'position') return
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: end, p: parting === undefined ? at : parting + 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  go(to)
})
find('scene').hidden = false
go(parting === undefined ? end : parting + 1)
`
