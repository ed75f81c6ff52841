import { PackagePlus } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { CopyAsCode } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { FilterBar } from "../../lib/filter/filter-bar.tsx";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { visibleColumns } from "../../lib/table/column.ts";
import { ColumnChooser } from "../../lib/table/column-chooser.tsx";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { listOf, useUrl } from "../../lib/url.ts";
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
  const go = useGo();
  const [url, setUrl] = useUrl();
  const [over, setOver] = useState<"code" | "register" | undefined>();
  const filter = url.filter ?? "";
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useModels(project, filter);
  const columns = useMemo(() => modelColumns(project, rows), [project, rows]);
  const vocabulary = useMemo(() => modelVocabulary(rows), [rows]);
  const chosen = useMemo(() => listOf(url.cols), [url.cols]);
  const onEndReached = useCallback(() => {
    if (hasNextPage) void fetchNextPage();
  }, [hasNextPage, fetchNextPage]);
  const badFilter = error?.status === 400 ? error.message : undefined;
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
      <div className="flex shrink-0 items-start gap-2 px-4 pb-3">
        <FilterBar
          value={filter}
          onApply={(text) => setUrl({ filter: text || undefined }, "push")}
          vocabulary={vocabulary}
          help={<FilterHelp />}
          error={badFilter}
          placeholder="name ILIKE '%delay%'"
        />
        <ColumnChooser
          columns={columns}
          shown={chosen}
          onChange={(ids) => setUrl({ cols: ids.join(",") || undefined })}
        />
      </div>
      {error && !badFilter ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <Skeleton rows={8} />
      ) : (
        <Table
          name="models"
          label="Models"
          rows={rows}
          rowId={(model) => model.name}
          columns={columns}
          chosen={chosen}
          active={url.peek}
          onActivate={(model) => setUrl({ peek: model.name })}
          onOpen={(model) => go(paths.model(project, model.name))}
          onEndReached={onEndReached}
          empty={
            badFilter ? (
              <EmptyState title="The filter cannot be read">The line below it says why.</EmptyState>
            ) : filter ? (
              <EmptyState title="No model matches">Loosen the filter.</EmptyState>
            ) : (
              <EmptyState
                title="No registered models yet"
                drawing="flow"
                action={<TokenCommand command={(token) => firstModelCode(project, token)} />}
              >
                A registered model is a name under which versions are counted; aliases such as{" "}
                <code>champion</code> say which one is for what. Register what a run logged, or do it from
                code:
              </EmptyState>
            )
          }
          footer={
            <RowsFooter
              noun="model"
              rows={rows}
              hasMore={hasNextPage}
              columns={visibleColumns(columns, chosen, "wide")}
            />
          }
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
      {over === "code" && (
        <Dialog title="The same as code" wide="wide" onClose={() => setOver(undefined)}>
          <CopyAsCode code={modelsCode(project, filter)} />
        </Dialog>
      )}
      {over === "register" && <RegisterDialog project={project} onClose={() => setOver(undefined)} />}
    </>
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
