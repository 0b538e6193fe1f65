/**
 * Names what a form submits. The same contents submitted again, by a second press or because the
 * answer was lost, carry the same name, and the service does them once. After an answer the same
 * contents are meant anew.
 */
export class SubmissionKey {
  #contents: string | undefined;
  #key = "";

  of(contents: object): string {
    const text = JSON.stringify(contents);
    if (text !== this.#contents) {
      this.#contents = text;
      this.#key = newKey();
    }
    return this.#key;
  }

  answered(): void {
    this.#contents = undefined;
  }
}

/** `crypto.randomUUID` is there in secure contexts alone; this is there everywhere. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
