import { NotebookText } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

export const notebooksRoom: Room = {
  id: "notebooks",
  title: "Notebooks",
  group: "Build",
  icon: NotebookText,
  path: "/p/$project/notebooks",
  key: "n",
  needs: ["notebook:read"],
  screens: [
    {
      path: "/p/$project/notebooks",
      load: () => import("./notebooks.tsx").then((module) => module.NotebooksScreen),
    },
    {
      path: "/p/$project/notebooks/file",
      load: () => import("./notebook.tsx").then((module) => module.NotebookScreen),
    },
    {
      path: "/p/$project/notebooks/open",
      load: () => import("./open-jupyter.tsx").then((module) => module.OpenJupyterScreen),
    },
    {
      path: "/p/$project/notebooks/runs/$notebookRun",
      load: () => import("./run.tsx").then((module) => module.NotebookRunScreen),
    },
  ],
  station: () => import("./notebook-station.tsx").then((module) => module.NotebookStation),
  stationPlace: "beside",
  stale: {
    notebook: ["/notebooks/file", "/notebooks/document", "/notebooks/versions"],
    "notebook-run": ["/notebooks/runs"],
    "notebook-server": ["/notebook-server"],
    // Both are jobs, and end as jobs do.
    job: ["/notebooks/runs", "/notebook-server"],
  },
  search: async (project, text, signal) => {
    const { findNotebooks } = await import("./notebooks-api.ts");
    const found = await findNotebooks(project, text, signal);
    return found.map(({ path }) => ({
      id: `notebook-${path}`,
      title: path,
      hint: "notebook",
      to: paths.notebook(project, path),
    }));
  },
  commands: (project) => [
    { id: "notebooks-open", title: "Open JupyterLab", to: paths.openNotebook(project) },
    {
      id: "notebook-runs",
      title: "Show notebooks that ran as jobs",
      to: `${paths.notebooks(project)}?tab=runs`,
    },
    { id: "notebook-servers", title: "Show Jupyter servers", to: `${paths.notebooks(project)}?tab=servers` },
  ],
};
