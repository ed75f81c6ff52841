import type { LoggedPrediction, ServingEndpoint } from "@atrium/contract/serving";
import { useState } from "react";
import { useMore } from "../../lib/api.ts";
import { CodeBlock, curlOf } from "../../lib/code.tsx";
import { plural } from "../../lib/format.ts";
import { Panel } from "../../lib/panel.tsx";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { instancesOf } from "./example.ts";
import { PREDICTION_COLUMNS } from "./prediction-columns.tsx";
import { PredictionPeek } from "./prediction-peek.tsx";
import { usePredictions } from "./serving-api.ts";
import { predictPath } from "./snippets.ts";

/** What was answered lately, newest first; each with what the model saw. */
export function Predictions({ project, endpoint }: { project: string; endpoint: ServingEndpoint }) {
  const [url, setUrl] = useUrl();
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = usePredictions(
    project,
    endpoint.name,
  );
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  const open = ({ predictionId }: LoggedPrediction) => setUrl({ peek: predictionId });
  return (
    <>
      <Panel
        words={
          endpoint.input.kind === "entities"
            ? "Every answer with the features that were joined for it, and what came true of it later."
            : "Every answer with what was asked, and what came true of it later."
        }
        action={<FindById onFind={(peek) => setUrl({ peek })} />}
      >
        <Table
          name="predictions"
          label="Predictions"
          rows={rows}
          rowId={({ predictionId }) => predictionId}
          columns={PREDICTION_COLUMNS}
          active={url.peek}
          onActivate={open}
          onEndReached={onEndReached}
          empty={<NoPredictions project={project} endpoint={endpoint} />}
          footer={
            <span>
              {plural(rows.length, "prediction")}
              {hasNextPage ? " loaded, more below" : ""}
            </span>
          }
        />
      </Panel>
      {url.peek && (
        <Peek title="Prediction" onClose={() => setUrl({ peek: undefined })}>
          <PredictionPeek key={url.peek} project={project} endpoint={endpoint} id={url.peek} />
        </Peek>
      )}
    </>
  );
}

function FindById({ onFind }: { onFind: (id: string) => void }) {
  const [text, setText] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") onFind(text.trim());
      }}
    >
      <input
        className="field mono !h-7 w-64"
        type="search"
        aria-label="Find a prediction by its id"
        placeholder="Prediction id"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}

function NoPredictions({ project, endpoint }: { project: string; endpoint: ServingEndpoint }) {
  const code = curlOf(predictPath({ project, endpoint }), "POST", { instances: instancesOf(endpoint) });
  return (
    <EmptyState
      title="Nothing was predicted yet"
      action={
        <div className="w-full text-left">
          <CodeBlock code={code} label="command" />
        </div>
      }
    >
      Try it, or ask it from anywhere:
    </EmptyState>
  );
}
