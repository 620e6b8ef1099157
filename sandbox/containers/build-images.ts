import { messageOf } from "../error.ts";
import { openEngine } from "./engine.ts";
import { ensureImage, imageNames } from "./image.ts";

/** Builds every image of the sandbox that is not there yet, one after the other: `npm run images`. */
try {
  const engine = await openEngine();
  for (const name of imageNames) {
    const onProgress = (text: string): void => void process.stdout.write(`${text}\n`);
    process.stdout.write(`${await ensureImage(engine, name, { onProgress })}\n`);
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
