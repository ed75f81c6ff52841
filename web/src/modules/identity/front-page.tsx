import type { ReactNode } from "react";

/** The quiet page in front of the house: one card, one task. */
export function FrontPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh items-start justify-center bg-canvas px-4 pt-[16vh] pb-8">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-2 font-semibold text-base">
          <img src="/favicon.svg" alt="" width={24} height={24} /> Atrium
        </div>
        <div className="card flex flex-col gap-4 p-6">
          <h1>{title}</h1>
          {children}
        </div>
      </div>
    </main>
  );
}

/** The one-time code behind `#link=`; it leaves the address at once, so that it stays in no history. */
export function takeLinkCode(): string {
  const code = new URLSearchParams(location.hash.slice(1)).get("link") ?? "";
  if (code) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

const IN_FRONT = /^\/(sign-in|join|reset)([?#/]|$)/;

/** Where to go after signing in: an address of our own only, so that no link can lead away, and one inside the house. */
export function safeTarget(wanted: string | undefined): string {
  if (!wanted?.startsWith("/") || wanted.startsWith("//") || wanted.includes("\\")) return "/";
  return IN_FRONT.test(wanted) ? "/" : wanted;
}
