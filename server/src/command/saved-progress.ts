import { readFile, rename, rm, writeFile } from "node:fs/promises";

/** Saves the progress of an import or export in a file beside the transferred file, so that the next run can continue. */
export class SavedProgress<T extends object> {
  readonly path: string;

  constructor(file: string) {
    this.path = `${file}.progress`;
  }

  /** @returns null when there is none. @throws when the file is damaged */
  async read(): Promise<T | null> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new Error(`${this.path} is damaged: delete it to begin anew`);
    }
  }

  /** Replaces the file atomically, so that a killed process leaves a complete file. */
  async write(progress: T): Promise<void> {
    await writeFile(`${this.path}.new`, JSON.stringify(progress));
    await rename(`${this.path}.new`, this.path);
  }

  remove(): Promise<void> {
    return rm(this.path, { force: true });
  }
}
