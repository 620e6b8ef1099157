import { visibleDirections } from "./text.ts";

/** Text as Markdown shows it, whatever stands in it: nothing becomes a link, an image, markup or a table's cell. */
export function escapeMarkdown(text: string): string {
  return visibleDirections(text).replace(/[\\`*{}[\]<>~^#|&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&");
}
