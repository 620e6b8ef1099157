/**
 * The program of processes that the sandbox starts: `background` stays up, `containers` removes containers whose owner
 * died, `module` sends one message by a user's module.
 */
const [role, argument = ""] = process.argv.slice(2);

if (role === "background") {
  const { runResident } = await import("./background/resident.ts");
  runResident(() => process.exit());
} else if (role === "containers") {
  const { watchContainers } = await import("./containers/removal.ts");
  await watchContainers(JSON.parse(argument));
} else if (role === "module") {
  const { sendByModule } = await import("./probe/senders/module-child.ts");
  process.exitCode = await sendByModule(argument);
} else {
  process.exitCode = 64;
}
