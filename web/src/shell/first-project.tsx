import type { projectsApi } from "@atrium/contract/projects";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { operation } from "../lib/api.ts";
import { FormError, TextField, useSubmit } from "../lib/form.tsx";
import { useGo } from "../lib/link.tsx";
import { paths } from "../lib/paths.ts";

const createProject = operation<(typeof projectsApi)["createProject"]>("POST /projects");

/** What a person without any project meets. */
export function FirstProject() {
  const cache = useQueryClient();
  const go = useGo();
  const [slug, setSlug] = useState("");
  const form = useSubmit(async () => {
    const project = await createProject({ body: { slug } });
    await cache.invalidateQueries();
    go(paths.home(project.slug));
  });
  return (
    <form onSubmit={form.onSubmit} className="mx-auto mt-16 flex w-full max-w-sm flex-col gap-4 px-4">
      <h1>Begin with a project</h1>
      <p className="text-ink-2">
        A project holds runs, models and the people who work on them. If you were to be in one already, ask
        whoever invited you.
      </p>
      <TextField
        label="Short name"
        help="Part of every address: small letters, digits and hyphens."
        required
        value={slug}
        onChange={(event) => setSlug(event.target.value)}
        error={form.errorAt("slug")}
        placeholder="flights"
        autoComplete="off"
      />
      {!form.errorAt("slug") && <FormError error={form.error} />}
      <button type="submit" className="button button-primary self-start" disabled={form.busy || slug === ""}>
        Create the project
      </button>
    </form>
  );
}
