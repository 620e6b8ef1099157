import { describe, expect, test } from "vitest";
import { folderOf, isWithin, joinShown, nameMatcher, nameOf, shownPath } from "./paths.ts";

test.each([
  ["/srv", "/srv", "."],
  ["/srv", "a/b.tf", "a/b.tf"],
  ["/srv", "./a/../b.tf", "b.tf"],
  ["/srv", "/srv/a", "a"],
  ["/srv/a", "/srv/b.tf", "../b.tf"],
])("in %s, %s is shown as %s", (workingFolder, path, shown) => {
  expect(shownPath(workingFolder, path)).toBe(shown);
});

test.each([
  ["a.tf", ".", "a.tf"],
  ["x/a.tf", "x", "a.tf"],
  ["../x/a.tf", "../x", "a.tf"],
  ["/a.tf", "/", "a.tf"],
])("%s lies in %s and is called %s", (path, folder, name) => {
  expect([folderOf(path), nameOf(path)]).toEqual([folder, name]);
  if (folder !== "/") expect(joinShown(folder, name)).toBe(path);
});

test.each([
  [".", "a/b.tf", true],
  [".", "..a", true],
  [".", "../a", false],
  [".", "/a", false],
  ["a", "a", true],
  ["a", "a/b", true],
  ["a", "ab", false],
  ["../a", "../a/b", true],
])("that %s holds %s is %s", (folder, path, holds) => {
  expect(isWithin(folder, path)).toBe(holds);
});

describe("nameMatcher", () => {
  const matches = nameMatcher(["main.cf", "*.tf", "*.tf.json", "docker-compose*.yml", "a.b*c+d"]);

  test.each([
    "main.cf",
    "x.tf",
    ".tf",
    "x.tf.json",
    "docker-compose.yml",
    "docker-compose.prod.yml",
    "a.bXc+d",
  ])("takes %s", (name) => {
    expect(matches(name)).toBe(true);
  });

  test.each(["Main.cf", "main.cf.bak", "x.tfvars", "x_tf", "compose.yml", "axbXc+d", "a.bXcccd"])(
    "leaves %s",
    (name) => {
      expect(matches(name)).toBe(false);
    },
  );
});
