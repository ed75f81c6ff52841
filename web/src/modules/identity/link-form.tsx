import type { identityApi } from "@atrium/contract/identity";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Answer, operation } from "../../lib/api.ts";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { Link, useGo } from "../../lib/link.tsx";
import { FrontPage, takeLinkCode } from "./front-page.tsx";
import { PASSWORD_CHARACTERS_MIN } from "./password.ts";

const inspectLink = operation<(typeof identityApi)["inspectLink"]>("POST /links/inspect");
const acceptInvitation = operation<(typeof identityApi)["acceptInvitation"]>("POST /invitations/accept");
const resetPassword = operation<(typeof identityApi)["resetPassword"]>("POST /session/reset");

export function JoinScreen() {
  return (
    <LinkForm
      title="Welcome to Atrium"
      asks="name and password"
      verb="Join"
      send={(code, displayName, password) => acceptInvitation({ body: { code, displayName, password } })}
    />
  );
}

export function ResetScreen() {
  return (
    <LinkForm
      title="Set a new password"
      asks="password"
      verb="Set the password"
      send={(code, _, password) => resetPassword({ body: { code, password } })}
    />
  );
}

/** What a one-time link asks for: a password, and at the first visit a name. */
function LinkForm({
  title,
  asks,
  verb,
  send,
}: {
  title: string;
  asks: "name and password" | "password";
  verb: string;
  send: (code: string, displayName: string, password: string) => Promise<unknown>;
}) {
  const go = useGo();
  const cache = useQueryClient();
  const { code, link, broken } = useLink();
  const [given, setName] = useState<string | undefined>();
  const name = given ?? link?.displayName ?? "";
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    await send(code, name, password);
    cache.clear();
    go("/", "replace");
  });
  if (broken)
    return (
      <FrontPage title={title}>
        <p role="alert" className="text-ink-2">
          {broken}
        </p>
        <Link to="/sign-in" className="link">
          To the sign-in page
        </Link>
      </FrontPage>
    );
  if (!link)
    return (
      <FrontPage title={title}>
        <p role="status" className="text-ink-2">
          Your link is being checked.
        </p>
      </FrontPage>
    );
  return (
    <FrontPage title={title}>
      <form className="flex flex-col gap-4" onSubmit={form.onSubmit}>
        <TextField label="E-mail" type="email" autoComplete="username" readOnly value={link.email} />
        {asks === "name and password" && (
          <TextField
            label="Your name"
            autoComplete="name"
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={form.errorAt("displayName")}
          />
        )}
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          help={`At least ${PASSWORD_CHARACTERS_MIN} characters; a few words in a row are easy to keep in mind.`}
          minLength={PASSWORD_CHARACTERS_MIN}
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={form.errorAt("password")}
        />
        <FormError error={form.error} />
        <button type="submit" className="button button-primary" disabled={form.busy}>
          {verb}
        </button>
      </form>
    </FrontPage>
  );
}

/** The link of this address: what it is for, or why it cannot be used. */
function useLink() {
  const [code] = useState(takeLinkCode);
  const [link, setLink] = useState<Answer<(typeof identityApi)["inspectLink"]> | undefined>();
  const [broken, setBroken] = useState<string | undefined>(
    code ? undefined : "This address lacks its code. Open the whole link that you were given.",
  );
  useEffect(() => {
    if (!code) return;
    inspectLink({ body: { code } }).then(setLink, (error: Error) => setBroken(error.message));
  }, [code]);
  return { code, link, broken };
}
