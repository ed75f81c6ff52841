import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { Popover } from "../../lib/menu.tsx";
import { Ago } from "../../lib/words.tsx";
import { useExperiments } from "./runs-api.ts";

/** Which experiments' runs are shown; none chosen means all. */
export function ExperimentPicker({
  project,
  chosen,
  onChange,
}: {
  project: string;
  chosen: readonly string[];
  onChange: (ids: readonly string[]) => void;
}) {
  const [search, setSearch] = useState("");
  const experiments = useExperiments(project);
  const names = experiments.filter((one) => chosen.includes(one.id)).map((one) => one.name);
  const title =
    chosen.length === 0 ? "All experiments" : names.length === 1 ? names[0] : `${chosen.length} experiments`;
  const found = experiments.filter((one) => one.name.toLowerCase().includes(search.toLowerCase()));
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <Popover
      label="Experiments"
      trigger={
        <button type="button" className="button max-w-64">
          <FlaskConical size={14} className="shrink-0" />
          <span className="truncate">{title}</span>
        </button>
      }
    >
      <div className="flex w-80 flex-col gap-1 p-1">
        <input
          className="field"
          aria-label="Find an experiment"
          placeholder="Find an experiment"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <label className="menu-item">
          <input
            type="checkbox"
            className="accent-(--accent)"
            checked={chosen.length === 0}
            onChange={() => onChange([])}
          />
          All experiments
        </label>
        {found.slice(0, 200).map((one) => (
          <label key={one.id} className="menu-item">
            <input
              type="checkbox"
              className="accent-(--accent)"
              checked={chosen.includes(one.id)}
              onChange={() => toggle(one.id)}
            />
            <span className="flex-1 truncate">{one.name}</span>
            <span className="text-ink-3 text-xs">
              <Ago at={one.updatedMs} />
            </span>
          </label>
        ))}
        {found.length === 0 && <p className="p-2 text-ink-3">No experiment of that name.</p>}
      </div>
    </Popover>
  );
}
