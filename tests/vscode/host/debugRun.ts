/** One debug session, seen through the messages between VS Code and the adapter. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";

import { inTime, until, workspaceFolder } from "./support";

interface Message {
  type: "request" | "response" | "event";
  event?: string;
  command?: string;
  success?: boolean;
  message?: string;
  body?: Record<string, unknown>;
}

export interface Frame { id: number; name: string; line: number }
export interface Variable { name: string; value: string; variablesReference: number; container: number }
interface Scope { name: string; variablesReference: number; expensive: boolean }

export class DebugRun {
  private static current: DebugRun | undefined;
  private readonly messages: Message[] = [];
  private readonly arrived = new vscode.EventEmitter<void>();
  private stopsSeen = 0;
  private sessionStarted: vscode.DebugSession | undefined;
  private hasEnded = false;
  private readonly listeners: vscode.Disposable[];

  private constructor() {
    this.listeners = [
      vscode.debug.registerDebugAdapterTrackerFactory("llmspell", {
        createDebugAdapterTracker: (session) => {
          this.sessionStarted = session;
          return { onDidSendMessage: (message: Message) => { this.messages.push(message); this.arrived.fire(); } };
        },
      }),
      vscode.debug.onDidTerminateDebugSession((session) => {
        if (session.id !== this.sessionStarted?.id) return;
        this.hasEnded = true;
        this.arrived.fire();
      }),
    ];
  }

  static start(configuration: Record<string, unknown>, noDebug: boolean): Promise<DebugRun> {
    const whole = { type: "llmspell", request: "launch", name: "check", ...configuration };
    return DebugRun.observe(() => vscode.debug.startDebugging(workspaceFolder(), whole, { noDebug }));
  }

  /** Watch the session that `launch` starts. */
  static async observe(launch: () => Thenable<unknown>): Promise<DebugRun> {
    const run = new DebugRun();
    DebugRun.current = run;
    const outcome = await inTime("start of the debug session", launch());
    assert.notEqual(outcome, false, `VS Code refused to start debugging\n${run.transcript()}`);
    await run.seen("a debug session", () => run.sessionStarted);
    return run;
  }

  /** After each check: no session and no breakpoint is left. */
  static async cleanUp(this: void): Promise<void> {
    DebugRun.clearBreakpoints();
    const run = DebugRun.current;
    DebugRun.current = undefined;
    if (!run) return;
    if (!run.hasEnded) await inTime("end of the debug session", vscode.debug.stopDebugging(run.sessionStarted));
    run.listeners.forEach((listener) => { listener.dispose(); });
  }

  static setBreakpoint(uri: vscode.Uri, line: number, condition?: string): void {
    const place = new vscode.Location(uri, new vscode.Position(line - 1, 0));
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place, true, condition)]);
  }

  static clearBreakpoints(this: void): void {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  }

  get session(): vscode.DebugSession {
    assert.ok(this.sessionStarted);
    return this.sessionStarted;
  }

  /** The next stop that was not asked for before. */
  async stopped(): Promise<{ reason: string; threadId: number }> {
    const body = await this.seen("a stop", () => this.events("stopped")[this.stopsSeen]?.body);
    this.stopsSeen += 1;
    return body as { reason: string; threadId: number };
  }

  async step(kind: "next" | "stepIn" | "stepOut"): Promise<void> {
    await this.request(kind, { threadId: this.thread() });
    await this.stopped();
  }

  async continueToEnd(): Promise<void> {
    await this.request("continue", { threadId: this.thread() });
    await this.ended();
  }

  async ended(): Promise<void> {
    await this.seen("the end of the session", () => (this.hasEnded ? true : undefined));
  }

  async frames(): Promise<Frame[]> {
    const { stackFrames } = await this.request<{ stackFrames: Frame[] }>("stackTrace", { threadId: this.thread() });
    return stackFrames;
  }

  /** A variable of a frame, looked for in its scopes in order. */
  async variable(frame: Frame | undefined, name: string): Promise<Variable> {
    assert.ok(frame, "there is no such frame");
    const { scopes } = await this.request<{ scopes: Scope[] }>("scopes", { frameId: frame.id });
    for (const scope of scopes.filter((each) => !each.expensive)) {
      const found = (await this.variables(scope.variablesReference)).find((variable) => variable.name === name);
      if (found) return found;
    }
    throw new Error(`frame ${frame.name} has no variable ${name}\n${this.transcript()}`);
  }

  async child(variable: Variable, name: string): Promise<Variable> {
    const found = (await this.variables(variable.variablesReference)).find((each) => each.name === name);
    assert.ok(found, `${variable.name} has no ${name}`);
    return found;
  }

  async evaluate(expression: string, frame: Frame | undefined): Promise<string> {
    const words = { expression, frameId: frame?.id, context: "repl" };
    return (await this.request<{ result: string }>("evaluate", words)).result;
  }

  async setVariable(frame: Frame | undefined, name: string, value: string): Promise<void> {
    const { container } = await this.variable(frame, name);
    await this.request("setVariable", { variablesReference: container, name, value });
  }

  count(event: string): number {
    return this.events(event).length;
  }

  output(category: string): string {
    const parts = this.events("output").filter((message) => message.body?.["category"] === category);
    return parts.map((message) => String(message.body?.["output"])).join("");
  }

  exitCode(): unknown {
    return this.events("exited")[0]?.body?.["exitCode"];
  }

  private async variables(reference: number): Promise<Variable[]> {
    const answer = await this.request<{ variables: Variable[] }>("variables", { variablesReference: reference });
    return answer.variables.map((variable) => ({ ...variable, container: reference }));
  }

  private thread(): number {
    return Number(this.events("stopped").at(-1)?.body?.["threadId"] ?? 1);
  }

  private events(name: string): Message[] {
    return this.messages.filter((message) => message.type === "event" && message.event === name);
  }

  private request<T>(command: string, words: unknown): Promise<T> {
    return inTime(command, this.session.customRequest(command, words) as Thenable<T>).catch((error: unknown) => {
      throw new Error(`${command}: ${String(error)}\n${this.transcript()}`);
    });
  }

  private seen<T>(what: string, probe: () => T | undefined): Promise<T> {
    return until(what, this.arrived.event, probe).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.transcript()}`);
    });
  }

  private transcript(): string {
    return ["The adapter's last messages:", ...this.messages.slice(-25).map((message) => JSON.stringify(message))].join("\n");
  }
}
