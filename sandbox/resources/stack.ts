/** Things to undo, in the reverse of the order in which they were done. One failure does not keep the others. */
export class ResourceStack implements AsyncDisposable {
  private readonly undo: (() => unknown)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.undo.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(action: () => unknown): void {
    this.undo.push(action);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let action = this.undo.pop(); action !== undefined; action = this.undo.pop()) {
      try {
        await action();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
