/** Encryption at rest as a port: AES-256-GCM with the key's id in the ciphertext. */
export interface Vault {
  /**
   * @param place table, row and column, bound as associated data: a ciphertext moved elsewhere
   *   does not open.
   */
  seal(plaintext: string, place: string): string;
  /** What all that is sealed now begins with: anything else was sealed with an earlier key. */
  readonly beginning: string;
  /** @throws Error when the ciphertext was altered, moved, or sealed with an unknown key. */
  open(ciphertext: string, place: string): string;
}
