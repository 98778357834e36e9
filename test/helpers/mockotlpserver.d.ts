/** The part of the package that the tests use: it has no types of its own. */
declare module '@elastic/mockotlpserver' {
  export class MockOtlpServer {
    constructor(options: {
      logLevel: string;
      services: ('http' | 'grpc' | 'ui')[];
      httpHostname: string;
      httpPort: number;
      onTrace: (trace: never) => void;
      onMetrics: (metrics: never) => void;
    });
    readonly httpUrl: URL | null;
    start(): Promise<void>;
    close(): Promise<void>;
  }
}
