import type { identityApi } from "@atrium/contract/identity";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { operation } from "../../lib/api.ts";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useGo } from "../../lib/link.tsx";
import { useUrl } from "../../lib/url.ts";
import { FrontPage, safeTarget, takeLinkCode } from "./front-page.tsx";

const signIn = operation<(typeof identityApi)["signIn"]>("POST /session/password");
const redeemLink = operation<(typeof identityApi)["redeemLink"]>("POST /session/link");

/** One request for one code, although React mounts twice while developing: a code works once. */
let redeeming: Promise<unknown> | undefined;

export function SignInScreen() {
  const [url] = useUrl();
  const go = useGo();
  const cache = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [byLink, setByLink] = useState<"no" | "waiting">(() =>
    location.hash.startsWith("#link=") ? "waiting" : "no",
  );
  const [linkError, setLinkError] = useState<Error | undefined>();
  const enter = () => {
    cache.clear();
    go(safeTarget(url.to), "replace");
  };
  useEffect(() => {
    const code = takeLinkCode();
    if (code) redeeming = redeemLink({ body: { code } });
    redeeming?.then(enter, (error: Error) => {
      redeeming = undefined;
      setLinkError(error);
      setByLink("no");
    });
  }, []);
  const form = useSubmit(async () => {
    await signIn({ body: { email, password } });
    enter();
  });
  if (byLink === "waiting")
    return (
      <FrontPage title="Signing in…">
        <p className="text-ink-2" role="status">
          Your link is being checked.
        </p>
      </FrontPage>
    );
  return (
    <FrontPage title="Sign in">
      <FormError error={linkError} />
      <form className="flex flex-col gap-4" onSubmit={form.onSubmit}>
        <TextField
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormError error={form.error} />
        <button type="submit" className="button button-primary" disabled={form.busy}>
          {form.busy ? "Signing in…" : "Sign in"}
        </button>
      </form>
      <p className="text-ink-3 text-xs">
        No password yet? Whoever started this server finds a one-time link in its first lines; each start
        prints a new one.
      </p>
    </FrontPage>
  );
}
