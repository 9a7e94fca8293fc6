// What `npm start` and `npm test` run: installs and builds what is missing, then does the work. No dependencies.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(root, 'node_modules', '.bin', name)

/** The exit code of a command that has this process's streams. */
const run = (command, args) => {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) console.error(`popek: ${command} does not start: ${error.message}`)
  return signal ? 130 : (status ?? 3)
}

const need = (what, code) => {
  if (code === 0) return
  console.error(`popek: ${what} failed`)
  process.exit(code === 130 ? 130 : 3)
}

/** Dependencies are installed when there are none, or when the lock file is newer. */
const install = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`popek: Node ${process.versions.node} is too old: 20.19 or newer is needed`)
    process.exit(3)
  }
  const [lock, installed] = [join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json')]
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.error('Installing what popek needs …')
  const npm = (...args) => {
    const all = [...args, '--no-audit', '--no-fund', '--include=dev']
    return process.env.npm_execpath ? run(process.execPath, [process.env.npm_execpath, ...all]) : run('npm', all)
  }
  // A registry that lacks some platform's optional package makes `npm ci` refuse the lock file; install does without it.
  if (npm('ci') !== 0) need('npm install', npm('install', '--no-save'))
}

const build = () => run(bin('tsc'), ['-b', 'scripts']) || run(process.execPath, [join(root, 'scripts', 'bundle.mjs')])

const test = () => {
  const folder = mkdtempSync(join(tmpdir(), 'popek-'))
  // The generated documents and the tests ask Z3 many of the same questions.
  process.env.POPEK_ANSWERS = join(folder, 'answers')
  const outcomes = []
  const step = (name, work) => {
    console.log(`\n${name}`)
    const code = work()
    outcomes.push({ name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 })
    if (code === 130) process.exit(130)
  }
  step('Lint', () => run(bin('oxlint'), ['--deny-warnings']))
  step('Build', build)
  step('Types of the tests', () => run(bin('tsc'), ['-p', 'tsconfig.test.json', '--noEmit']))
  if (existsSync(join(root, 'scripts', 'docs.ts'))) step('Generated documents', () => run(process.execPath, ['dist/scripts/docs.js', '--check']))
  console.log('\nTests')
  const report = join(folder, 'report.json')
  const code = run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(3)])
  outcomes.push(testOutcome(report, code))
  rmSync(folder, { recursive: true })
  const sum = (key) => outcomes.reduce((n, o) => n + o[key], 0)
  for (const { name, failed } of outcomes) if (failed > 0) console.log(`${name}: failed`)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  return sum('failed') === 0 ? 0 : 1
}

/** Tests that passed and failed; a test file that does not load is one failure. */
const testOutcome = (report, code) => {
  const none = { name: 'Tests', passed: 0, failed: 1 }
  if (!existsSync(report)) return none
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const broken = testResults.filter((f) => f.status === 'failed' && f.assertionResults.every((a) => a.status !== 'failed')).length
  const failed = numFailedTests + broken
  return { name: 'Tests', passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed }
}

const [, , what] = process.argv
process.chdir(root)
switch (what) {
  case 'start':
    install()
    need('the build', build())
    process.exitCode = run(process.execPath, [join(root, 'dist', 'scripts', 'popek.js'), 'start', ...process.argv.slice(3)])
    break
  case 'test':
    install()
    process.exitCode = test()
    break
  default:
    console.error("popek: bootstrap.mjs does 'start' or 'test'")
    process.exitCode = 2
}
