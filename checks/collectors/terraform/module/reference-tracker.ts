/** Notes which resources an expression leads to while it is evaluated. */
export class ReferenceTracker {
  private current: { addresses: Set<string> | undefined } | undefined;

  note(address: string): void {
    if (this.current === undefined) return;
    this.current.addresses ??= new Set();
    this.current.addresses.add(address);
  }

  noteAll(addresses: readonly string[]): void {
    for (const address of addresses) this.note(address);
  }

  /** Evaluates something by itself. */
  track<T>(evaluate: () => T): { readonly value: T; readonly addresses: readonly string[] } {
    const outer = this.current;
    const own: NonNullable<typeof this.current> = { addresses: undefined };
    this.current = own;
    try {
      const value = evaluate();
      return { value, addresses: own.addresses === undefined ? none : [...own.addresses] };
    } finally {
      this.current = outer;
    }
  }
}

const none: readonly string[] = [];
