import { type ReactNode, useState } from "react";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { currentDensity, type Density, setDensity, setTheme, type Theme, useTheme } from "../../lib/theme.ts";
import { toast } from "../../lib/toast.tsx";
import { PASSWORD_CHARACTERS_MIN } from "../identity/password.ts";
import { changePassword, updateMe } from "./settings-api.ts";

/** The person's own name, password and taste. */
export function You() {
  return (
    <div className="flex max-w-2xl flex-col gap-6 p-4">
      <Profile />
      <Password />
      <Looks />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card">
      <h2 className="border-line border-b px-4 py-2">{title}</h2>
      {children}
    </section>
  );
}

function Profile() {
  const { person } = useSession();
  const fresh = useFresh(["GET /me", "/users"]);
  const [displayName, setName] = useState(person.name);
  const [email, setEmail] = useState(person.email);
  const form = useSubmit(async () => {
    await fresh(() => updateMe({ body: { displayName, ...(email === person.email ? {} : { email }) } }));
    toast("Saved");
  });
  const changed = displayName !== person.name || email !== person.email;
  return (
    <Section title="You">
      <form className="flex flex-col gap-3 p-4" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          required
          maxLength={120}
          autoComplete="name"
          value={displayName}
          onChange={(event) => setName(event.target.value)}
          error={form.errorAt("displayName")}
        />
        <TextField
          label="E-mail"
          type="email"
          autoComplete="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={form.errorAt("email")}
        />
        <FormError error={form.errorAt("displayName") || form.errorAt("email") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy || !changed}>
          Save
        </button>
      </form>
    </Section>
  );
}

function Password() {
  const { person } = useSession();
  const fresh = useFresh(["GET /me"]);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const form = useSubmit(async () => {
    await fresh(() => changePassword({ body: { ...(person.hasPassword ? { current } : {}), next } }));
    setCurrent("");
    setNext("");
    toast(person.hasPassword ? "Password changed" : "Password set");
  });
  return (
    <Section title={person.hasPassword ? "Change the password" : "Set a password"}>
      <form className="flex flex-col gap-3 p-4" onSubmit={form.onSubmit}>
        {/* Password managers file a new password under the name that stands beside it. */}
        <input type="hidden" name="username" autoComplete="username" value={person.email} />
        {person.hasPassword && (
          <TextField
            label="The current one"
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
            error={form.errorAt("current")}
          />
        )}
        <TextField
          label="The new one"
          type="password"
          autoComplete="new-password"
          help={`At least ${PASSWORD_CHARACTERS_MIN} characters; length is what makes it strong.`}
          required
          minLength={PASSWORD_CHARACTERS_MIN}
          value={next}
          onChange={(event) => setNext(event.target.value)}
          error={form.errorAt("next")}
        />
        <FormError error={form.errorAt("current") || form.errorAt("next") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          {person.hasPassword ? "Change it" : "Set it"}
        </button>
      </form>
    </Section>
  );
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const DENSITIES: readonly (readonly [Density, string])[] = [
  ["usual", "Usual"],
  ["compact", "Compact"],
];

function Looks() {
  const theme = useTheme();
  const [density, setChosen] = useState(currentDensity);
  return (
    <Section title="Looks, in this browser">
      <div className="flex flex-col gap-4 p-4">
        <Choice legend="Theme" name="theme" options={THEMES} value={theme} onChange={setTheme} />
        <Choice
          legend="Rows of tables"
          name="density"
          options={DENSITIES}
          value={density}
          onChange={(next) => {
            setDensity(next);
            setChosen(next);
          }}
        />
      </div>
    </Section>
  );
}

function Choice<Value extends string>({
  legend,
  name,
  options,
  value,
  onChange,
}: {
  legend: string;
  name: string;
  options: readonly (readonly [Value, string])[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  return (
    <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <legend className="mb-1 font-medium">{legend}</legend>
      {options.map(([option, title]) => (
        <label key={option} className="flex items-center gap-2">
          <input
            type="radio"
            name={name}
            className="accent-(--accent)"
            checked={value === option}
            onChange={() => onChange(option)}
          />
          {title}
        </label>
      ))}
    </fieldset>
  );
}
