import { type ReactNode, useMemo, useState } from "react";
import { useMore } from "../../lib/api.ts";
import { CodeBlock } from "../../lib/code.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { Panel } from "../../lib/panel.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useProject } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { ENTITY_COLUMNS, serviceColumns, trainingSetColumns, viewColumns } from "./feature-columns.tsx";
import { useEntities, useServices, useTrainingSets, useViews } from "./features-api.ts";
import { featuresCode, firstTrainingSetCode, firstViewCode } from "./same-as-code.ts";
import { ViewPeek } from "./view-peek.tsx";

/** What models are fed: views of datasets, the services that join them, and the sets that were trained on. */
export function FeaturesScreen() {
  const project = useProject();
  const [over, setOver] = useState<"code" | "none">("none");
  return (
    <>
      <RoomHeader title="Features">
        <MoreMenu items={[{ title: "Copy as code", run: () => setOver("code") }]} />
      </RoomHeader>
      <Tabs
        tabs={[
          { id: "views", title: "Views", content: () => <Views project={project} /> },
          { id: "services", title: "Services", content: () => <Services project={project} /> },
          { id: "entities", title: "Entities", content: () => <Entities project={project} /> },
          { id: "training-sets", title: "Training sets", content: () => <TrainingSets project={project} /> },
        ]}
      />
      {over === "code" && <CodeDialog code={featuresCode(project)} onClose={() => setOver("none")} />}
    </>
  );
}

interface Listing<Row> {
  rows: readonly Row[];
  error: Error | null;
  isPending: boolean;
  hasNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

function List<Row extends { name: string }>({
  listing,
  words,
  empty,
  what,
  ...table
}: {
  listing: Listing<Row>;
  words: string;
  empty: ReactNode;
  /** In the singular, as in "1 view". */
  what: string;
  columns: readonly Column<Row>[];
  rowId?: (row: Row) => string;
  active?: string | undefined;
  onActivate?: (row: Row) => void;
  onOpen?: (row: Row) => void;
}) {
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = listing;
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  const list = (
    <Table
      name={what.replaceAll(" ", "-")}
      label={`${what.charAt(0).toUpperCase()}${what.slice(1)}s`}
      rows={rows}
      rowId={({ name }) => name}
      {...table}
      onEndReached={onEndReached}
      empty={empty}
      footer={
        <span>
          {what === "entity" ? plural(rows.length, "entity", "entities") : plural(rows.length, what)}
          {hasNextPage ? " loaded, more below" : ""}
        </span>
      }
    />
  );
  return rows.length === 0 ? list : <Panel words={words}>{list}</Panel>;
}

function Views({ project }: { project: string }) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const views = useViews(project);
  const columns = useMemo(() => viewColumns(project), [project]);
  const close = () => setUrl({ peek: undefined });
  return (
    <>
      <List
        listing={views}
        what="view"
        words="A view gives features of a dataset by key, as they were at any time and as they are now."
        columns={columns}
        active={url.peek}
        onActivate={({ name }) => setUrl({ peek: name })}
        onOpen={({ name }) => go(paths.featureView(project, name))}
        empty={
          <EmptyState
            title="No feature views yet"
            drawing="flow"
            action={<TokenCommand command={(token) => firstViewCode(project, token)} />}
          >
            A view says which columns or trailing windows of a dataset are features of which entity. Training
            sets read it as of each row's time, endpoints as of now.
          </EmptyState>
        }
      />
      {url.peek && (
        <Peek title={url.peek} to={paths.featureView(project, url.peek)} onClose={close}>
          <ViewPeek project={project} name={url.peek} />
        </Peek>
      )}
    </>
  );
}

function Services({ project }: { project: string }) {
  const go = useGo();
  const columns = useMemo(() => serviceColumns(project), [project]);
  return (
    <List
      listing={useServices(project)}
      what="service"
      words="A service is what a model asks for: features of several views, at versions fixed for good."
      columns={columns}
      onOpen={({ name }) => go(paths.featureService(project, name))}
      empty={
        <EmptyState title="No feature services yet" drawing="flow">
          A service names the features that one model takes; its training sets and its endpoint read the same
          ones.
        </EmptyState>
      }
    />
  );
}

function Entities({ project }: { project: string }) {
  return (
    <List
      listing={useEntities(project)}
      what="entity"
      words="An entity is what features are about, and by which keys it is found."
      columns={ENTITY_COLUMNS}
      empty={<EmptyState title="No entities yet">They come with the first feature view.</EmptyState>}
    />
  );
}

function TrainingSets({ project }: { project: string }) {
  const go = useGo();
  const columns = useMemo(() => trainingSetColumns(project), [project]);
  return (
    <List
      listing={useTrainingSets(project)}
      what="training set"
      words="Each row has every feature as it was at the row's own time; the same inputs give the same bytes."
      columns={columns}
      rowId={({ name, number }) => `${name}/${number}`}
      onOpen={({ name, number }) => go(paths.trainingSet(project, name, number))}
      empty={
        <EmptyState
          title="No training sets yet"
          action={
            <div className="w-full text-left">
              <CodeBlock code={firstTrainingSetCode(project)} label="command" />
            </div>
          }
        >
          A training set joins a service's features to the rows of a dataset, each as of its own time:
        </EmptyState>
      }
    />
  );
}
