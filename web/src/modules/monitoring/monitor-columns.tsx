import type { Monitor } from "@atrium/contract/monitoring";
import { formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago, Num } from "../../lib/words.tsx";
import { healthWords, MonitorHealth } from "./health.tsx";
import { SourceLink, sourceWords } from "./source-links.tsx";
import { lengthWords } from "./window-words.ts";

/** Columns of the monitors' table. */
export function monitorColumns(project: string): readonly Column<Monitor>[] {
  return [
    {
      id: "name",
      title: "Monitor",
      width: 220,
      fixed: "first",
      text: ({ name }) => name,
      cell: ({ name }) => (
        <Link to={paths.monitor(project, name)} className="font-medium hover:underline">
          {name}
        </Link>
      ),
    },
    {
      id: "health",
      title: "State",
      width: 210,
      usual: "shown",
      text: healthWords,
      cell: (monitor) => <MonitorHealth monitor={monitor} />,
    },
    {
      id: "source",
      title: "Watches",
      width: 220,
      usual: "shown",
      text: sourceWords,
      cell: ({ source }) => <SourceLink project={project} source={source} />,
    },
    {
      id: "columns",
      title: "Features",
      width: 90,
      align: "end",
      usual: "shown",
      text: ({ columns }) => columns.length,
      cell: ({ columns }) => <Num value={columns.length} />,
    },
    {
      id: "window",
      title: "Window",
      width: 100,
      usual: "shown",
      text: ({ windowMs }) => lengthWords(windowMs),
      cell: ({ windowMs }) => lengthWords(windowMs),
    },
    {
      id: "newest",
      title: "Newest window",
      width: 130,
      usual: "shown",
      text: ({ lastWindow }) => lastWindow && formatTime(lastWindow.startMs),
      cell: ({ lastWindow }) => <Ago at={lastWindow?.endMs} />,
    },
    {
      id: "rows",
      title: "Rows in it",
      width: 100,
      align: "end",
      usual: "shown",
      text: ({ lastWindow }) => lastWindow?.rows,
      cell: ({ lastWindow }) => <Num value={lastWindow?.rows} />,
    },
    {
      id: "by",
      title: "Created by",
      width: 140,
      text: ({ createdBy }) => createdBy,
      cell: ({ createdBy }) => createdBy,
    },
  ];
}
