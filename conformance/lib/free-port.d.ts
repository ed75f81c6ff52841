/** A port of the loopback that nobody listens at; whoever asks binds it soon, before another program does. */
export declare function freePort(): Promise<number>;
