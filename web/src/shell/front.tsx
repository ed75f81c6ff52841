import { useEffect } from "react";
import { useGo } from "../lib/link.tsx";
import { paths } from "../lib/paths.ts";
import { useProject } from "../lib/session.tsx";
import { FirstProject } from "./first-project.tsx";

/** `/` leads to the project that was visited last; without any, to making one. */
export function Front() {
  const project = useProject();
  const go = useGo();
  useEffect(() => {
    if (project) go(paths.home(project), "replace");
  }, [project, go]);
  return project ? null : <FirstProject />;
}
