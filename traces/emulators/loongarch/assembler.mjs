// A small assembler for the test kernel: Debian has none for LoongArch. Instructions are methods, labels are texts.
const { entries } = Object

/** Opcodes as words, with the places of the operands in the order in which they are written. */
const rd = (n) => n, rj = (n) => n << 5, rk = (n) => n << 10, si12 = (n) => (n & 0xfff) << 10, si20 = (n) => (n & 0xfffff) << 5, csr = (n) => n << 10
const forms = {
  csrrd: [0x04000000, rd, csr], csrwr: [0x04000020, rd, csr],
  ld_d: [0x28c00000, rd, rj, si12], st_d: [0x29c00000, rd, rj, si12], ld_w: [0x28800000, rd, rj, si12], st_w: [0x29800000, rd, rj, si12],
  ld_bu: [0x2a000000, rd, rj, si12], st_b: [0x29000000, rd, rj, si12], fld_d: [0x2b800000, rd, rj, si12], fst_d: [0x2bc00000, rd, rj, si12],
  addi_d: [0x02c00000, rd, rj, si12], ori: [0x03800000, rd, rj, si12], lu12i_w: [0x14000000, rd, si20], or: [0x00150000, rd, rj, rk], add_d: [0x00108000, rd, rj, rk],
  movgr2fcsr: [0x0114c000, rd, rj], movfcsr2gr: [0x0114c800, rd, rj], movgr2cf: [0x0114d800, rd, rj], movcf2gr: [0x0114dc00, rd, rj],
  cpucfg: [0x00006c00, rd, rj], ll_w: [0x20000000, rd, rj], tlbrd: [0x06482c00], tlbwr: [0x06483000], invtlb: [0x06498000, rd, rj, rk], syscall: [0x002b0000], nop: [0x03400000],
}
const branches = { b: 0x50000000, beq: 0x58000000, bne: 0x5c000000 }

/** B from one address to another. */
export const branch = (from, to) => 0x50000000 | ((((to - from) / 4) & 0xffff) << 10) | ((((to - from) / 4) >> 16) & 0x3ff)

/** What `write` assembles from the address `at` on. */
export const assemble = (at, write) => {
  const words = [], labels = new Map(), open = []
  const here = () => at + 4 * words.length
  const a = {
    here,
    word: (w) => words.push(w >>> 0),
    at: (name) => labels.get(name),
    label: (name) => labels.set(name, here()),
    /** A constant of up to 31 bits, or a label's address. */
    li: (r, value) => {
      if (typeof value === 'string') open.push([words.length, (target, [upper, lower]) => [upper | si20(target >> 12), lower | si12(target)], value])
      const n = typeof value === 'string' ? 0 : value
      a.lu12i_w(r, n >> 12)
      a.ori(r, r, n)
    },
    align: (to) => { while (here() % to !== 0) a.nop() },
    ...Object.fromEntries(entries(forms).map(([name, [op, ...places]]) => [name, (...operands) => a.word(places.reduce((w, place, i) => w | place(operands[i]), op))])),
    ...Object.fromEntries(entries(branches).map(([name, op]) => [name, (...operands) => {
      const target = operands.pop(), place = here()
      open.push([words.length, (to, [word]) => {
        return [name === 'b' ? branch(place, to) : word | ((((to - place) / 4) & 0xffff) << 10)]
      }, target])
      a.word(name === 'b' ? op : op | rj(operands[0]) | rd(operands[1]))
    }])),
  }
  write(a)
  for (const [n, resolve, name] of open) {
    const target = labels.get(name)
    if (target === undefined) throw new Error(`no label ${name}`)
    resolve(target, words.slice(n, n + 2)).forEach((w, i) => { words[n + i] = w >>> 0 })
  }
  const image = Buffer.alloc(4 * words.length)
  words.forEach((w, i) => image.writeUInt32LE(w, 4 * i))
  return { image, labels }
}
