// What scripts have of the web and of Node, beside the language itself.

declare function setTimeout(callback: (...values: any[]) => any, milliseconds?: number, ...values: any[]): number;
declare function setInterval(callback: (...values: any[]) => any, milliseconds?: number, ...values: any[]): number;
declare function setImmediate(callback: (...values: any[]) => any, ...values: any[]): number;
declare function clearTimeout(timer?: number): void;
declare function clearInterval(timer?: number): void;
declare function clearImmediate(timer?: number): void;
declare function queueMicrotask(callback: () => any): void;
declare function structuredClone<T>(value: T, options?: { transfer?: ArrayBuffer[] }): T;
declare function atob(text: string): string;
declare function btoa(text: string): string;

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: { type: "abort"; target: AbortSignal }) => any) | null;
  addEventListener(type: "abort", listener: (event: { type: "abort"; target: AbortSignal }) => any): void;
  removeEventListener(type: "abort", listener: (event: { type: "abort"; target: AbortSignal }) => any): void;
  throwIfAborted(): void;
}

declare const AbortSignal: {
  abort(reason?: any): AbortSignal;
  any(signals: Iterable<AbortSignal>): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
};

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}

declare const performance: { now(): number; readonly timeOrigin: number };

declare const process: {
  readonly argv: string[];
  exit(code?: number): never;
  readonly stdout: { write(text: any): boolean };
  readonly stderr: { write(text: any): boolean };
  readonly stdin: { read(): string; readLine(): string | null };
};
