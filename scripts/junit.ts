// The result of a check as a JUnit report: one test case for each property.
import type { CheckResult } from '../properties/check/check.ts'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (c) => entities[c]!).replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '?')

/** What a report needs of a check. */
type Reported = Pick<CheckResult, 'system' | 'seed' | 'programs' | 'steps' | 'seconds'> & {
  readonly properties: readonly (Omit<CheckResult['properties'][number], 'name'> & { readonly name: string })[]
  readonly divergence?: { readonly program: number; readonly step: number; readonly what: string; readonly shrunk: { readonly length: number; readonly what: string } }
}

export const junitReport = ({ system, seed, programs, steps, seconds, properties, divergence }: Reported): string => {
  const cases = properties.map(({ name, holds, met }) => {
    const inside = holds === 'holds' ? ''
      : holds === 'vacuous' ? '<skipped message="never exercised"/>'
        : `<failure type="${escaped(name)}" message="${escaped(divergence?.what ?? 'does not hold')}">${escaped(divergence ? `program ${divergence.program}, step ${divergence.step}; shrunk to ${divergence.shrunk.length} steps: ${divergence.shrunk.what}` : '')}</failure>`
    return `    <testcase classname="${escaped(system)}" name="${escaped(name)}" assertions="${met}" time="0">${inside}</testcase>`
  })
  const failures = properties.filter((p) => p.holds === 'fails').length
  const skipped = properties.filter((p) => p.holds === 'vacuous').length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${properties.length}" failures="${failures}" skipped="${skipped}" time="${seconds.toFixed(3)}">`,
    `  <testsuite name="${escaped(system)}" tests="${properties.length}" failures="${failures}" skipped="${skipped}" time="${seconds.toFixed(3)}">`,
    `    <properties><property name="seed" value="${seed}"/><property name="programs" value="${programs}"/><property name="steps" value="${steps}"/></properties>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}
