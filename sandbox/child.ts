/** The program of processes that the sandbox starts: `background` stays up, `module` sends one message by a user's module. */
const [role] = process.argv.slice(2);

if (role === "background") {
  const { runResident } = await import("./background/resident.ts");
  runResident(() => process.exit());
} else {
  process.exitCode = 64;
}
