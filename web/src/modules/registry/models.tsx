import type { RegisteredModel } from "@atrium/contract/registry";
import { PackagePlus } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useMore } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { FilterLine, filterErrorOf, UnreadableFilter } from "../../lib/filter/filter-line.tsx";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Column, visibleColumns } from "../../lib/table/column.ts";
import { useChosenColumns } from "../../lib/table/column-chooser.tsx";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { modelColumns, modelVocabulary } from "./model-columns.tsx";
import { ModelPeek } from "./model-peek.tsx";
import { RegisterDialog } from "./register-dialog.tsx";
import { useModels } from "./registry-api.ts";
import { firstModelCode, modelsCode } from "./same-as-code.ts";

/** Registered models of the project: what stands where, and which version is which. */
export function ModelsScreen() {
  const project = useProject();
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const [over, setOver] = useState<"code" | "register" | undefined>();
  const close = () => setOver(undefined);
  const filter = url.filter ?? "";
  const models = useModels(project, filter);
  const { rows, error } = models;
  const columns = useMemo(() => modelColumns(project, rows), [project, rows]);
  const vocabulary = useMemo(() => modelVocabulary(rows), [rows]);
  const filterError = filterErrorOf(error);
  return (
    <>
      <RoomHeader title="Models">
        {can("model:write") && (
          <button type="button" className="button" onClick={() => setOver("register")}>
            <PackagePlus size={14} /> Register
          </button>
        )}
        <MoreMenu items={[{ title: "Copy as code", run: () => setOver("code") }]} />
      </RoomHeader>
      <FilterLine
        columns={columns}
        vocabulary={vocabulary}
        help={<FilterHelp />}
        error={filterError}
        placeholder="name ILIKE '%delay%'"
      />
      {error && !filterError ? (
        <ErrorState error={error} onRetry={() => void models.refetch()} />
      ) : models.isPending ? (
        <Skeleton rows={8} />
      ) : (
        <ModelsTable
          project={project}
          models={models}
          columns={columns}
          empty={filterError ? <UnreadableFilter /> : filter ? <NoMatch /> : <NoModels project={project} />}
        />
      )}
      {url.peek && (
        <Peek
          title={url.peek}
          to={paths.model(project, url.peek)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <ModelPeek project={project} name={url.peek} />
        </Peek>
      )}
      {over === "code" && <CodeDialog code={modelsCode(project, filter)} onClose={close} />}
      {over === "register" && <RegisterDialog project={project} onClose={close} />}
    </>
  );
}

function ModelsTable({
  project,
  models,
  columns,
  empty,
}: {
  project: string;
  models: ReturnType<typeof useModels>;
  columns: readonly Column<RegisteredModel>[];
  empty: ReactNode;
}) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const chosen = useChosenColumns();
  const onEndReached = useMore(models);
  const { rows } = models;
  return (
    <Table
      name="models"
      label="Models"
      rows={rows}
      rowId={({ name }) => name}
      columns={columns}
      chosen={chosen}
      active={url.peek}
      onActivate={({ name }) => setUrl({ peek: name })}
      onOpen={({ name }) => go(paths.model(project, name))}
      onEndReached={onEndReached}
      empty={empty}
      footer={
        <RowsFooter
          noun="model"
          rows={rows}
          hasMore={models.hasNextPage}
          columns={visibleColumns(columns, chosen, "wide")}
        />
      }
    />
  );
}

function NoMatch() {
  return <EmptyState title="No model matches">Loosen the filter.</EmptyState>;
}

function NoModels({ project }: { project: string }) {
  return (
    <EmptyState
      title="No registered models yet"
      drawing="flow"
      action={<TokenCommand command={(token) => firstModelCode(project, token)} />}
    >
      A registered model is a name under which versions are counted; aliases such as <code>champion</code> say
      which one is for what. Register what a run logged, or do it from code:
    </EmptyState>
  );
}

function FilterHelp() {
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-semibold">Filter</h3>
      <p className="text-ink-2">
        The same language as in the mlflow client's <code>search_registered_models</code>. Enter applies, Tab
        completes.
      </p>
      <dl className="flex flex-col gap-2">
        <div>
          <dt>
            <code>name ILIKE '%delay%'</code>
          </dt>
          <dd className="text-ink-3 text-xs">% is any text; LIKE minds the case</dd>
        </div>
        <div>
          <dt>
            <code>tags.team = 'ops' and name != 'old'</code>
          </dt>
          <dd className="text-ink-3 text-xs">conditions join with and; there is no or</dd>
        </div>
      </dl>
    </div>
  );
}
