// Why a package does not become an image, in one sentence that says what to do.

/** Told to the user as it is. */
export class PackageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PackageError';
  }
}
