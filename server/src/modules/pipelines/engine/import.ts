import { AppError, assert } from "#lib/errors";
import { withPlaceholders } from "../placeholders.ts";
import { componentOf } from "./draft.ts";
import type { Node, RunState, Values } from "./state.ts";

/** What an importer gives: an artifact that lies somewhere already. Nothing is read. @throws AppError `invalid` */
export function imported(state: RunState, node: Node, inputs: Values): Values {
  const component = componentOf(state, node);
  const { body } = component;
  assert(body.kind === "importer", `${node.path} is an importer`);
  const { run } = state;
  const around = {
    ...inputs,
    runId: run.id,
    runName: run.name,
    createdMs: run.createdMs,
    taskName: node.name,
    taskId: node.path,
  };
  const given = body.uri.kind === "input" ? inputs.parameters[body.uri.name] : body.uri.value;
  const uri = withPlaceholders(given ?? null, around);
  if (typeof uri !== "string" || uri === "")
    throw new AppError("invalid", "The importer was given no address.");
  const metadata = withPlaceholders({ ...body.metadata }, around);
  const [name = "artifact"] = Object.keys(component.outputs.artifacts);
  return {
    parameters: {},
    artifacts: {
      [name]: [
        {
          name,
          schemaTitle: body.schemaTitle,
          schemaVersion: body.schemaVersion,
          uri,
          metadata:
            typeof metadata === "object" && metadata !== null && !Array.isArray(metadata) ? metadata : {},
          ...(uri.startsWith(run.artifactRoot) ? { path: uri.slice(run.artifactRoot.length) } : {}),
        },
      ],
    },
  };
}
