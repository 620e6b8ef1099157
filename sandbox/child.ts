/** The program of processes that the sandbox starts: `background` stays up, `module` sends one message by a user's module. */
const [role, file = ""] = process.argv.slice(2);

if (role === "background") {
  const { runResident } = await import("./background/resident.ts");
  runResident(() => process.exit());
} else if (role === "module") {
  const { sendByModule } = await import("./probe/senders/module-child.ts");
  process.exitCode = await sendByModule(file);
} else {
  process.exitCode = 64;
}
