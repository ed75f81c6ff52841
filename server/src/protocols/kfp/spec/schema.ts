import { z } from "zod";

/**
 * The compiled form of a pipeline, as far as its shape goes. Every field of the format is named, so that a field which
 * nobody knows is refused; what is named and cannot run here is refused by `plan`, which can say why.
 * @remarks Wire format: kubeflow/pipelines api/v2alpha1/pipeline_spec.proto (schema 2.1.0), as proto-JSON in camelCase.
 */
const json = z.json();
const text = z.string();
const flag = z.boolean().default(false);
const whole = z.number().int().min(0);
// Proto's JSON of an int64 is a string; people write numbers.
const count = z.union([whole, text.regex(/^\d{1,9}$/).transform(Number)]).default(0);

// Keys of user's objects: `__proto__` would not be stored as a key at all.
const key = text
  .min(1)
  .max(256)
  .refine((name) => name !== "__proto__", "This name cannot be used.");
/** Names of outputs become files, too. */
const fileKey = key.regex(/^[A-Za-z0-9_][A-Za-z0-9_ .-]*$/, "Use letters, digits, spaces and _ . -");
const mapOf = <T extends z.ZodType>(value: T) => z.record(key, value).default({});
/** Names of things that get paths: they become folders, so they cannot hold a separator. */
const taskName = key.max(128).regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "Use letters, digits, - and _.");

const artifactType = z.strictObject({
  schemaTitle: text.default(""),
  schemaUri: text.optional(),
  instanceSchema: text.optional(),
  schemaVersion: text.default(""),
});

const parameterType = z.enum([
  "NUMBER_DOUBLE",
  "NUMBER_INTEGER",
  "STRING",
  "BOOLEAN",
  "LIST",
  "STRUCT",
  "TASK_FINAL_STATUS",
  "TASK_CONFIG",
]);

const inputDefinitions = z
  .strictObject({
    artifacts: mapOf(
      z.strictObject({
        artifactType: artifactType.prefault({}),
        isArtifactList: flag,
        isOptional: flag,
        description: text.default(""),
      }),
    ),
    parameters: mapOf(
      z.strictObject({
        parameterType,
        defaultValue: json.optional(),
        isOptional: flag,
        description: text.default(""),
        literals: z.array(json).default([]),
      }),
    ),
  })
  .prefault({});

const outputDefinitions = z
  .strictObject({
    artifacts: z
      .record(
        fileKey,
        z.strictObject({
          artifactType: artifactType.prefault({}),
          metadata: mapOf(json),
          properties: mapOf(json),
          customProperties: mapOf(json),
          isArtifactList: flag,
          description: text.default(""),
        }),
      )
      .default({}),
    parameters: z
      .record(fileKey, z.strictObject({ parameterType, description: text.default("") }))
      .default({}),
  })
  .prefault({});

const outputParameterRef = z.strictObject({ producerSubtask: key, outputParameterKey: key });
const artifactSelectors = z.array(z.strictObject({ producerSubtask: key, outputArtifactKey: key }));

const dagOutputs = z
  .strictObject({
    artifacts: mapOf(z.strictObject({ artifactSelectors })),
    parameters: mapOf(
      z.strictObject({
        valueFromParameter: outputParameterRef.optional(),
        valueFromOneof: z.strictObject({ parameterSelectors: z.array(outputParameterRef) }).optional(),
      }),
    ),
  })
  .prefault({});

const taskInputs = z
  .strictObject({
    parameters: mapOf(
      z.strictObject({
        taskOutputParameter: z.strictObject({ producerTask: key, outputParameterKey: key }).optional(),
        runtimeValue: z
          .strictObject({ constant: json.optional(), runtimeParameter: text.optional() })
          .optional(),
        componentInputParameter: key.optional(),
        taskFinalStatus: z.strictObject({ producerTask: key }).optional(),
        parameterExpressionSelector: text.optional(),
      }),
    ),
    artifacts: mapOf(
      z.strictObject({
        taskOutputArtifact: z.strictObject({ producerTask: key, outputArtifactKey: key }).optional(),
        componentInputArtifact: key.optional(),
      }),
    ),
  })
  .prefault({});

const iteratorPolicy = z.strictObject({ parallelismLimit: count }).prefault({});

const task = z.strictObject({
  taskInfo: z.strictObject({ name: text.default("") }).prefault({}),
  inputs: taskInputs,
  dependentTasks: z.array(key).default([]),
  cachingOptions: z.strictObject({ enableCache: flag, cacheKey: text.default("") }).prefault({}),
  componentRef: z.strictObject({ name: key }),
  triggerPolicy: z
    .strictObject({
      condition: text.default(""),
      strategy: z
        .enum([
          "TRIGGER_STRATEGY_UNSPECIFIED",
          "ALL_UPSTREAM_TASKS_SUCCEEDED",
          "ALL_UPSTREAM_TASKS_COMPLETED",
        ])
        .default("TRIGGER_STRATEGY_UNSPECIFIED"),
    })
    .prefault({}),
  artifactIterator: z
    .strictObject({ items: z.strictObject({ inputArtifact: key }), itemInput: key })
    .optional(),
  parameterIterator: z
    .strictObject({
      items: z.strictObject({ raw: text.optional(), inputParameter: key.optional() }),
      itemInput: key,
    })
    .optional(),
  retryPolicy: z
    .strictObject({
      maxRetryCount: count,
      backoffDuration: text.optional(),
      backoffFactor: z.number().min(0).max(1000).optional(),
      backoffMaxDuration: text.optional(),
    })
    .optional(),
  iteratorPolicy,
});
export type TaskSpec = z.output<typeof task>;

const dag = z.strictObject({ tasks: z.record(taskName, task).default({}), outputs: dagOutputs });
export type DagSpec = z.output<typeof dag>;

const component = z.strictObject({
  inputDefinitions,
  outputDefinitions,
  dag: dag.optional(),
  executorLabel: key.optional(),
  singlePlatformSpecs: z.array(json).default([]),
  taskConfigPassthroughs: z.array(json).default([]),
});
export type ComponentSpec = z.output<typeof component>;

const resources = z
  .strictObject({
    cpuLimit: z.number().min(0).optional(),
    memoryLimit: z.number().min(0).optional(),
    cpuRequest: z.number().min(0).optional(),
    memoryRequest: z.number().min(0).optional(),
    accelerator: z
      .strictObject({
        type: text.optional(),
        count: count.optional(),
        resourceType: text.optional(),
        resourceCount: text.optional(),
      })
      .optional(),
    resourceCpuLimit: text.optional(),
    resourceMemoryLimit: text.optional(),
    resourceCpuRequest: text.optional(),
    resourceMemoryRequest: text.optional(),
  })
  .prefault({});

const container = z.strictObject({
  image: text.default(""),
  command: z.array(text).default([]),
  args: z.array(text).default([]),
  env: z.array(z.strictObject({ name: key, value: text.default("") })).default([]),
  resources,
  lifecycle: json.optional(),
});
export type ContainerSpec = z.output<typeof container>;

const importer = z.strictObject({
  artifactUri: z.strictObject({ constant: json.optional(), runtimeParameter: text.optional() }),
  typeSchema: artifactType.prefault({}),
  metadata: mapOf(json),
  properties: mapOf(json),
  customProperties: mapOf(json),
  reimport: flag,
  downloadToWorkspace: flag,
});
export type ImporterSpec = z.output<typeof importer>;

const executor = z.strictObject({
  container: container.optional(),
  importer: importer.optional(),
  resolver: json.optional(),
  customJob: json.optional(),
});
export type ExecutorSpec = z.output<typeof executor>;

export const pipelineSpec = z.strictObject({
  pipelineInfo: z.strictObject({
    name: text.min(1).max(128),
    displayName: text.max(1000).default(""),
    description: text.max(10_000).default(""),
  }),
  deploymentSpec: z.strictObject({ executors: mapOf(executor) }).prefault({}),
  sdkVersion: text.default(""),
  schemaVersion: text.regex(/^2\.\d+\.\d+$/, "Only schema version 2 is understood."),
  components: mapOf(component),
  root: component,
  defaultPipelineRoot: text.default(""),
});
export type PipelineSpec = z.output<typeof pipelineSpec>;

/** What belongs to one kind of cluster, in a document of its own. */
export const platformSpec = z.strictObject({
  platforms: z.record(
    key,
    z.strictObject({
      deploymentSpec: z.strictObject({ executors: mapOf(z.record(text, json)) }).prefault({}),
      pipelineConfig: z.record(text, json).default({}),
      config: json.optional(),
      platform: text.optional(),
      version: text.optional(),
    }),
  ),
});
export type PlatformSpec = z.output<typeof platformSpec>;
