// What the model of x86 leaves out, and why.
export const leftOut: Readonly<Record<string, string>> = {
  'DR4 and DR5': 'DR6 and DR7 by other names, or undefined with CR4.DE set',
}
