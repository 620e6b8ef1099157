import type { ContainerFile, RunningContainer } from "../containers/container.ts";
import type { ImageName } from "../containers/image.ts";
import type { PostureNeed } from "../posture-server/posture.ts";
import type { QueueState, SendContext, SenderKind, SendOrder, SendOutcome } from "../probe/sender.ts";

/** What was found out about a sending system before it meets a server. */
export interface SystemTraits {
  /** Product and TLS library: `Postfix 3.10.13, OpenSSL 3.5.9`. */
  readonly software: string;
  /** What was changed about it, one line each. */
  readonly overlay: readonly string[];
  /** Names under which it looks for the servers that it is told, best first; empty where it asks the zones. */
  readonly hosts: readonly string[];
  /** Ports at which it looks for servers, beside the usual ones. */
  readonly ports: readonly number[];
  /** Names that lead to the second server. */
  readonly backupNames: readonly string[];
  /** What it makes possible beyond a server. */
  readonly provides: readonly PostureNeed[];
  readonly recipients: { readonly exempted?: string; readonly forwarding?: string };
}

/** A sending system in one container of its own; used for one posture at a time. */
export interface InstalledSystem {
  /** @throws SandboxError when the system refuses its configuration */
  traits(): Promise<SystemTraits>;
  /** Makes it ready to send. @param ca the authority that it is to trust, PEM @throws SandboxError */
  start(ca: string): Promise<void>;
  /** Sets the time after which a message is given up; undefined: what the configuration says. */
  limitLifetime?(seconds: number | undefined): Promise<void>;
  /** Forgets policies that it has fetched. */
  forgetPolicies?(): Promise<void>;
  submit(order: SendOrder, context: SendContext): Promise<SendOutcome>;
  queue?(order: SendOrder): QueueState;
  /** Forgets what it still holds. */
  clear(): Promise<void>;
  /** What it wrote to its own logs. */
  logs(): Promise<string>;
}

/** A kind of sending system, and how it is put into a container. */
export interface SendingSystem {
  readonly kind: SenderKind;
  /** As the report shows it. */
  readonly name: string;
  readonly image: ImageName;
  readonly files: Readonly<Record<string, ContainerFile>>;
  /** @param container runs, with the files in it and the resolver of the run */
  install(container: RunningContainer): InstalledSystem;
}
