/** Notes which resources an expression leads to while it is evaluated. */
export class ReferenceTracker {
  private current: Set<string> | undefined;

  note(address: string): void {
    this.current?.add(address);
  }

  noteAll(addresses: readonly string[]): void {
    for (const address of addresses) this.note(address);
  }

  /** Evaluates something by itself. */
  track<T>(evaluate: () => T): { readonly value: T; readonly addresses: readonly string[] } {
    const outer = this.current;
    const own = new Set<string>();
    this.current = own;
    try {
      return { value: evaluate(), addresses: [...own] };
    } finally {
      this.current = outer;
    }
  }
}
