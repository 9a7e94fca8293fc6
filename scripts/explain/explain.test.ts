// The renderers: what parts is marked, what a file says cannot become part of the page, and the page needs nothing else.
import { expect, test } from 'vitest'
import { htmlPage } from './html.ts'
import { differs, type Scene } from './scene.ts'
import { terminalText } from './terminal.ts'
import { witnessScene } from './witness-scene.ts'

const scene: Scene = {
  title: 'equivalence does not hold', subtitle: '</script><script>alert(1)</script>',
  components: [{ name: 'M', group: 'PSW' }, { name: 'G[3]', group: 'registers' }],
  sides: [
    { name: 'bare machine', states: [['0', '0x1'], ['1', '0x1']] },
    { name: 'under <img src=x onerror=alert(1)>', states: [['0', '0x1'], ['0', '0x1']] },
  ],
  steps: [{ number: 1, instruction: 'JUM 0x000', where: '0x010, supervisor mode', outcomes: ['', ''] }],
  partsAt: 0, verdict: 'They part at step 1.',
}

test('the terminal marks the parting step and the component that differs, and no other', () => {
  const text = terminalText(scene, { color: false })
  expect(text).toMatch(/▶ step 1 {2}JUM 0x000.*they part here/)
  expect(text).toMatch(/≠ M +0 → 1 +0/)
  expect(text).not.toContain('G[3]')
  expect(differs(scene, 0, 1)).toBe(true)
  expect(differs(scene, 1, 1)).toBe(false)
})

test('the page is one file without network, and text stays text', () => {
  const page = htmlPage(scene)
  expect(page).not.toMatch(/https?:|<link|src=(?!x)|@import/)
  expect(page).not.toContain('<script>alert')
  expect(page).not.toContain('<img')
  expect(page.match(/<script/g)).toHaveLength((page.match(/<\/script>/g) ?? []).length)
  expect(page).toContain('JUM 0x000')
})

test('a critical witness shows the pair that is sensitive, and says in words that it is not privileged', () => {
  const state = (name: string, changes = {}) => ({ name, before: { M: '0x0' }, changes })
  const shown = witnessScene({
    isa: 'x', instruction: 'RMOD', property: 'critical (modeSensitive)', word: '0x1', operands: {},
    states: [state('supervisor mode'), state('user mode', { 'G[0x0]': '0x1' }), state('not privileged: supervisor mode'), state('not privileged: user mode')],
  })
  expect(shown.sides.map((s) => s.name)).toEqual(['supervisor mode', 'user mode'])
  expect(shown.verdict).toMatch(/It is not privileged: in supervisor mode it changes nothing, in user mode it changes nothing\.$/)
})
