// Test kernel for LoongArch: takes records, lays each one's state down, executes its instruction, saves the state.
// Assembled by ../build-kernels.mjs. A record is 208 doublewords; their numbers are those of record.ts.
import { assemble, branch } from './assembler.mjs'

const CRMD = 0, EUEN = 2, ECFG = 4, EENTRY = 0xc, TLBIDX = 0x10, TLBEHI = 0x11, TLBELO0 = 0x12, TLBELO1 = 0x13, ASID = 0x18, STLBPS = 0x1e
const TCFG = 0x41, TLBRERA = 0x8a, DBG = 0x500
/** Pages of 16 KB without the kernel's code: what is written there spoils no translation of it. */
const stub = 0x16000, data = 0x20000
/** The address of the record at work, of the first and the one past the last, and what the processor says of itself. */
const current = data, first = data + 8, last = data + 16, constants = data + 24
/** SAVE4 to SAVE6, which are not modelled. */
const kept = { r31: 0x34, CRMD: 0x35, how: 0x36 }
const size = 8 * 208
/** In doublewords. */
const at = { FR: 32, CFR: 64, FCSR0: 65, stub: 66, how: 69, CRMD: 70, link: 71, linked: 72, CSR: 73, stored: 119, storage: 120, entries: 127, TLB: 128 }
/** Laid down and read back, in this order. */
export const order = [
  0x2, 0x4, 0x5, 0xc, 0x1, 0x6, 0x7, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1a, 0x1c, 0x1d, 0x30, 0x31, 0x32, 0x33, 0x40, 0x41, 0x43, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f,
  0x90, 0x93, 0x94, 0x95, 0x98, 0x180, 0x181, 0x182, 0x183, 0x500, 0x501, 0x502, 0x60,
]
/** Constants of the processor: PRCFG1 to PRCFG3. */
const identity = [0x21, 0x22, 0x23]
const configurations = 21

export const kernel = () => assemble(0x12000, (a) => {
  const each = (from, to, does) => { for (let n = from; n <= to; n++) does(n) }
  /** `body` as often as register `count` says. */
  const times = (count, name, body) => {
    a.label(name)
    a.beq(count, 0, `${name} end`)
    a.addi_d(count, count, -1)
    body()
    a.b(name)
    a.label(`${name} end`)
  }
  // Below PLV0 the first instruction here traps.
  a.label('back')
  a.csrwr(31, kept.r31)
  a.csrrd(31, CRMD)
  a.csrwr(31, kept.CRMD)
  a.ori(31, 0, 8)
  a.csrwr(31, CRMD)
  a.ori(31, 0, 0)
  a.b('save')
  const enter = (name, how) => {
    a.label(name)
    a.csrwr(31, kept.r31)
    a.csrrd(31, CRMD)
    a.csrwr(31, kept.CRMD)
    a.ori(31, 0, 8)
    a.csrwr(31, CRMD)
    a.ori(31, 0, how)
    a.b('save')
  }
  enter('exception', 1)
  enter('refill', 2)
  a.label('save')
  a.csrwr(31, kept.how)
  a.li(31, current)
  a.ld_d(31, 31, 0)
  each(1, 30, (n) => a.st_d(n, 31, 8 * n))
  const saveCsr = (csr, word) => {
    a.csrrd(1, csr)
    a.st_d(1, 31, 8 * word)
  }
  saveCsr(kept.r31, 31)
  saveCsr(kept.how, at.how)
  saveCsr(kept.CRMD, at.CRMD)
  order.forEach((csr, i) => saveCsr(csr, at.CSR + i))
  for (const csr of [DBG, TLBRERA, TCFG, ECFG]) a.csrwr(0, csr)
  a.ori(1, 0, 1)
  a.csrwr(1, EUEN)
  each(0, 31, (n) => a.fst_d(n, 31, 8 * (at.FR + n)))
  each(0, 7, (n) => {
    a.movcf2gr(1, n)
    a.st_b(1, 31, 8 * at.CFR + n)
  })
  a.movfcsr2gr(1, 0)
  a.st_d(1, 31, 8 * at.FCSR0)
  // Storage: how many doublewords, then address and content of each.
  a.ld_d(2, 31, 8 * at.stored)
  a.addi_d(3, 31, 8 * at.storage)
  times(2, 'read storage', () => {
    a.ld_d(4, 3, 0)
    a.ld_d(4, 4, 0)
    a.st_d(4, 3, 8)
    a.addi_d(3, 3, 16)
  })
  // Entries of the TLB: how many, then TLBIDX, TLBEHI, TLBELO0, TLBELO1, ASID of each.
  a.ld_d(2, 31, 8 * at.entries)
  a.addi_d(3, 31, 8 * at.TLB)
  times(2, 'read TLB', () => {
    a.ld_d(4, 3, 0)
    a.csrwr(4, TLBIDX)
    a.tlbrd()
    for (const [i, csr] of [TLBIDX, TLBEHI, TLBELO0, TLBELO1].entries()) {
      a.csrrd(4, csr)
      a.st_d(4, 3, 8 * i)
    }
    a.addi_d(3, 3, 40)
  })
  a.addi_d(31, 31, size)

  a.label('next')
  a.li(30, current)
  a.st_d(31, 30, 0)
  a.ld_d(1, 30, 16)
  a.beq(31, 1, 'finish')
  // An exception for ESTAT, BADI and BADV, which software cannot write or which it writes below.
  a.li(1, 0x14000)
  a.csrwr(1, EENTRY)
  a.syscall()
  a.label('resumed')
  a.li(1, stub)
  each(0, 2, (n) => {
    a.ld_d(2, 31, 8 * (at.stub + n))
    a.st_w(2, 1, 4 + 8 * n)
  })
  // The upper words of the first two.
  each(0, 1, (n) => {
    a.ld_w(2, 31, 8 * (at.stub + n) + 4)
    a.st_w(2, 1, 8 + 8 * n)
  })
  a.invtlb(0, 0, 0)
  a.ld_d(2, 31, 8 * at.entries)
  a.addi_d(3, 31, 8 * at.TLB)
  times(2, 'write TLB', () => {
    for (const [i, csr] of [TLBIDX, TLBEHI, TLBELO0, TLBELO1, ASID].entries()) {
      a.ld_d(4, 3, 8 * i)
      a.csrwr(4, csr)
    }
    a.tlbwr()
    a.addi_d(3, 3, 40)
  })
  // What LL has linked, with the content that it finds there.
  a.ld_d(1, 31, 8 * at.link)
  a.ld_d(2, 31, 8 * at.linked)
  a.st_d(2, 1, 0)
  a.ld_w(2, 31, 8 * at.how)
  a.add_d(1, 1, 2)
  a.ll_w(2, 1)
  a.ld_d(2, 31, 8 * at.stored)
  a.addi_d(3, 31, 8 * at.storage)
  times(2, 'write storage', () => {
    a.ld_d(4, 3, 0)
    a.ld_d(5, 3, 8)
    a.st_d(5, 4, 0)
    a.addi_d(3, 3, 16)
  })
  a.ori(1, 0, 1)
  a.csrwr(1, EUEN)
  each(0, 31, (n) => a.fld_d(n, 31, 8 * (at.FR + n)))
  each(0, 7, (n) => {
    a.ld_bu(1, 31, 8 * at.CFR + n)
    a.movgr2cf(n, 1)
  })
  a.ld_d(1, 31, 8 * at.FCSR0)
  a.movgr2fcsr(0, 1)
  order.forEach((csr, i) => {
    a.ld_d(1, 31, 8 * (at.CSR + i))
    a.csrwr(1, csr)
  })
  each(1, 30, (n) => a.ld_d(n, 31, 8 * n))
  a.ld_d(31, 31, 8 * at.CRMD)
  a.word(branch(a.here(), stub))

  a.label('start')
  // The state's CRMD comes into force, then r31 its content, without a reference to storage, and then comes the instruction.
  a.li(1, stub)
  a.li(2, 0x04000000 | (CRMD << 10) | (1 << 5) | 31)
  a.st_w(2, 1, 0)
  a.li(2, branch(stub + 24, a.at('back')))
  a.st_w(2, 1, 24)
  a.ori(1, 0, 12)
  a.csrwr(1, STLBPS)
  for (const csr of [TCFG, ECFG, DBG, TLBRERA]) a.csrwr(0, csr)
  a.li(30, constants)
  a.ori(2, 0, 0)
  each(1, configurations, () => {
    a.cpucfg(1, 2)
    a.st_d(1, 30, 0)
    a.addi_d(30, 30, 8)
    a.addi_d(2, 2, 1)
  })
  for (const csr of identity) {
    a.csrrd(1, csr)
    a.st_d(1, 30, 0)
    a.addi_d(30, 30, 8)
  }
  a.li(30, current)
  a.ld_d(31, 30, 8)
  a.b('next')
  a.label('finish')
  a.label('done')
  a.b('done')
})
/** What the bench needs of it. */
export const exported = ['back', 'exception', 'refill', 'resumed', 'start', 'done']
export const numbers = { instruction: stub + 20, current, first, last, constants }
