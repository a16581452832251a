/**
 * The language client: starts `llmspell lsp`, keeps it running, and lets it see scripts only.
 *
 * One client serves the whole window. Start, stop and restart run one after another through `turn`, so
 * that two quick changes of a setting cannot leave two servers behind. The server's process belongs to
 * the language client, which ends it on `stop`.
 */

import * as vscode from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  DidOpenTextDocumentNotification,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from "vscode-languageclient/node";

import { withAccessor } from "./completion";
import { log, reasonOf, showError } from "./log";
import { reportMissingServer } from "./missingServer";
import { languages, type Scripts } from "./scripts";
import { findServer, isMissing, type Server } from "./serverLocation";
import { section } from "./settings";

/** A server that ended this often within this time is not started again by itself. */
const crashLimit = { count: 4, milliseconds: 3 * 60_000 };

export type ServerState = "starting" | "running" | "stopped" | "missing";

export class ScriptClient implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();
  private crashes: number[] = [];
  /** The documents the server knows, each with the version it was opened at. */
  private readonly opened = new Map<string, number>();
  private readonly stateChanged = new vscode.EventEmitter<ServerState>();
  readonly onDidChangeState = this.stateChanged.event;

  constructor(
    private readonly scripts: Scripts,
    private readonly extensionVersion: string,
  ) {}

  /** Stop the server, if there is one, find it anew and start it. */
  restart(): Promise<void> {
    this.crashes = [];
    return this.inTurn(async () => {
      await this.stopNow();
      await this.startNow();
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.stopNow());
  }

  dispose(): void {
    this.stateChanged.dispose();
  }

  /** Let the server see a document that has become a script while it was open. */
  async reconsider(document: vscode.TextDocument): Promise<void> {
    const client = this.client;
    const address = document.uri.toString();
    if (client?.state !== State.Running || this.opened.has(address) || !this.scripts.includes(document)) return;
    const opening = client.code2ProtocolConverter.asOpenTextDocumentParams(document);
    await client.sendNotification(DidOpenTextDocumentNotification.type, opening);
  }

  private inTurn(step: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(step).catch((error: unknown) => {
      log.error(reasonOf(error));
    });
    return this.turn;
  }

  private async startNow(): Promise<void> {
    const found = await findServer(vscode.workspace.workspaceFolders?.[0]);
    if (isMissing(found)) {
      this.stateChanged.fire("missing");
      void reportMissingServer(found, () => this.restart());
      return;
    }
    log.info(`Starting the language server '${found.command}' (found through ${found.origin}).`);
    this.stateChanged.fire("starting");
    const client = this.createClient(found);
    this.client = client;
    try {
      await client.start();
      this.stateChanged.fire("running");
      this.checkVersion(client, found);
    } catch (error) {
      this.stateChanged.fire("stopped");
      void showError(`The llmspell language server '${found.command}' did not start: ${reasonOf(error)}`, {
        Retry: () => this.restart(),
      });
    }
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.opened.clear();
    if (!client) return;
    try {
      if (client.state === State.Running) await client.stop();
    } catch (error) {
      log.warn(`The language server did not stop in order: ${reasonOf(error)}`);
    }
    await client.dispose().catch(() => undefined);
    this.stateChanged.fire("stopped");
  }

  private createClient(server: Server): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: languages.map((language) => ({ scheme: "file", language })),
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: vscode.workspace.getConfiguration(section),
      errorHandler: this.errorHandler(),
      middleware: this.middleware(),
    };
    const start = { command: server.command, args: [...server.args, "lsp"], transport: TransportKind.stdio };
    return new LanguageClient(section, "llmspell", { run: start, debug: start }, options);
  }

  /** Everything about a document that is no script stops here: the server never hears of it. */
  private middleware(): Middleware {
    return {
      sendRequest: async <P, R>(
        type: string | { method: string },
        parameters: P | undefined,
        token: vscode.CancellationToken | undefined,
        next: (type: never, parameters?: P, token?: vscode.CancellationToken) => Promise<R>,
      ): Promise<R> => {
        const address = documentOf(parameters);
        if (address !== undefined && !this.opened.has(address)) return null as R;
        return next(type as never, parameters, token);
      },
      provideCompletionItem: async (document, position, context, token, next) => {
        const proposals = await next(document, position, context, token);
        return document.languageId === "javascript" ? withAccessor(document, proposals) : proposals;
      },
      sendNotification: async (type, next, parameters) => {
        const address = documentOf(parameters);
        if (address !== undefined && !this.admits(methodOf(type), address, versionOf(parameters))) return;
        await next(type, parameters);
      },
    };
  }

  private admits(method: string, address: string, version: number | undefined): boolean {
    if (method === "textDocument/didClose") return this.opened.delete(address);
    if (method === "textDocument/didOpen") return this.admitsOpening(address, version ?? 0);
    const openedAt = this.opened.get(address);
    // The change that made a document a script is in the text it was opened with: not a second time.
    return openedAt !== undefined && (version === undefined || version > openedAt);
  }

  private admitsOpening(address: string, version: number): boolean {
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === address);
    if (!document || this.opened.has(address) || !this.scripts.includes(document)) return false;
    this.opened.set(address, version);
    return true;
  }

  private errorHandler(): ErrorHandler {
    return {
      error: (error) => {
        log.error(`The connection to the language server failed: ${error.message}`);
        return { action: ErrorAction.Continue, handled: true };
      },
      closed: () => this.afterCrash(),
    };
  }

  private afterCrash(): CloseHandlerResult {
    const now = Date.now();
    this.opened.clear();
    this.crashes = [...this.crashes.filter((time) => now - time < crashLimit.milliseconds), now];
    if (this.crashes.length < crashLimit.count) {
      void showError("The llmspell language server stopped unexpectedly and was started again.");
      return { action: CloseAction.Restart, handled: true };
    }
    this.stateChanged.fire("stopped");
    void showError(
      `The llmspell language server stopped ${this.crashes.length} times within three minutes and is not started again.`,
      { Restart: () => this.restart() },
    );
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  /** The extension and the server are released together; another minor version may miss features. */
  private checkVersion(client: LanguageClient, server: Server): void {
    const version = client.initializeResult?.serverInfo?.version;
    if (version === undefined || minor(version) === minor(this.extensionVersion)) return;
    void showError(
      `'${server.command}' is llmspell ${version}, but this extension is made for ${this.extensionVersion}: ` +
        "install the same version of both.",
      { "How to Install": () => vscode.commands.executeCommand("llmspell.howToInstall") },
    );
  }
}

function minor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function methodOf(type: string | { method: string }): string {
  return typeof type === "string" ? type : type.method;
}

/** The part that all messages about one document have in common. */
interface AboutDocument {
  readonly textDocument?: { readonly uri?: unknown; readonly version?: unknown };
}

/** The address of the document that a message is about, if it is about one. */
function documentOf(parameters: unknown): string | undefined {
  const uri = (parameters as AboutDocument | null | undefined)?.textDocument?.uri;
  return typeof uri === "string" ? vscode.Uri.parse(uri).toString() : undefined;
}

/** The version that a change leads to; other messages have none. */
function versionOf(parameters: unknown): number | undefined {
  const version = (parameters as AboutDocument | null | undefined)?.textDocument?.version;
  return typeof version === "number" ? version : undefined;
}
